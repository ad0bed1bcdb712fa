from celery import shared_task

from csp_portal.shared import clock
from tenants.acts import Act

from .reminders import remind_of_transitions


@shared_task(name="home.remind_transitions")
def remind_transitions() -> None:
    """Remind both sides of what is paid twice, every 14 days at most; safe to repeat."""
    remind_of_transitions(act=Act.of_the_portal(at=clock.now(), on=clock.today()))
