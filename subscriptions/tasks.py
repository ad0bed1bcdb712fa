from celery import shared_task

from csp_portal.shared import clock
from tenants.acts import Act

from .services import trials


@shared_task(name="subscriptions.send_trial_notices")
def send_trial_notices() -> None:
    """Tell customers of trials that end soon; safe to repeat."""
    trials.send_notices(act=Act.of_the_portal(at=clock.now(), on=clock.today()))
