from celery import shared_task

from csp_portal.shared import clock
from tenants.acts import Act

from ..services import transfers


@shared_task(name="billing.carry_out_transfers")
def carry_out_transfers() -> None:
    """Carry out the transfers whose day has come. Safe to repeat, and at any time."""
    transfers.carry_out_due(act=Act.of_the_portal(at=clock.now(), on=clock.today()))
