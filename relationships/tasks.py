from celery import shared_task

from csp_portal.shared import clock
from tenants.acts import Act

from .services import invitations


@shared_task(name="relationships.remind_invitations")
def remind_invitations() -> None:
    """Remind inviters of what nobody has answered for a week; safe to repeat."""
    invitations.remind_due(act=Act.of_the_portal(at=clock.now(), on=clock.today()))
