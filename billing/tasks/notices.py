from celery import shared_task

from csp_portal.shared import clock
from tenants.acts import Act

from ..services import term_notices


@shared_task(name="billing.notify_terms")
def notify_terms() -> None:
    """Tell people of what renews, ends or is cancelled in 60, 30 and 7 days; safe to repeat."""
    term_notices.notify_due(act=Act.of_the_portal(at=clock.now(), on=clock.today()))
