from celery import shared_task

from csp_portal.shared import clock
from tenants.acts import Act

from ..services import recommendation_reminders, term_notices


@shared_task(name="billing.notify_terms")
def notify_terms() -> None:
    """Tell people of what renews, ends or is cancelled in 60, 30 and 7 days; safe to repeat."""
    term_notices.notify_due(act=Act.of_the_portal(at=clock.now(), on=clock.today()))


@shared_task(name="billing.remind_recommendations")
def remind_recommendations() -> None:
    """Remind partners' people of advice on which nothing was bought for a week; repeatable."""
    recommendation_reminders.remind_due(act=Act.of_the_portal(at=clock.now(), on=clock.today()))
