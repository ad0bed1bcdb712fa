from celery import shared_task

from csp_portal.shared import clock
from tenants.acts import Act

from ..services import price_lists


@shared_task(name="billing.publish_price_lists")
def publish_price_lists() -> None:
    """Announce the lists that became public. Safe to repeat, and at any time."""
    price_lists.publish_due(act=Act.of_the_portal(at=clock.now(), on=clock.today()))
