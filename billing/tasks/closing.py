"""
The month's close, started by beat.

The task that beat starts reads the clock; those it starts are told the day. What is due is
in the database, so each may be lost, repeated, or run several times at once.
"""

from datetime import date

from celery import shared_task

from csp_portal.shared import clock
from tenants.acts import Act
from tenants.models import Tenant

from ..services import closing, mailing, renewals


@shared_task(name="billing.renew_terms")
def renew_terms() -> None:
    """Renew, expire or cancel what is due today."""
    renewals.renew_due(act=Act.of_the_portal(at=clock.now(), on=clock.today()))


@shared_task(name="billing.close_months")
def close_months() -> None:
    """Renew what is due, then start the close of every seller's oldest open month."""
    act = Act.of_the_portal(at=clock.now(), on=clock.today())
    renewals.renew_due(act=act)
    for close in closing.next_to_close(act=act):
        close_seller_month.delay(
            seller_id=close.seller_id, month=close.month.isoformat(), on=act.on.isoformat()
        )


@shared_task(name="billing.close_seller_month")
def close_seller_month(*, seller_id: int, month: str, on: str) -> None:
    """Close it, unless another worker is; then start the mails and the seller's next month."""
    act = Act.of_the_portal(at=clock.now(), on=date.fromisoformat(on))
    seller = Tenant.objects.get(pk=seller_id)
    result = closing.close_recording_failure(
        seller=seller, month=date.fromisoformat(month), act=act, waits=False
    )
    if result.failure:
        return  # stored, or another worker's; the sweep tries again
    if result.invoices:
        mail_invoices.delay()
    for _seller, later in closing.due_months(on=act.on, seller=seller)[:1]:
        close_seller_month.delay(seller_id=seller_id, month=later.isoformat(), on=on)


@shared_task(name="billing.mail_invoices")
def mail_invoices() -> None:
    """Mail what is waiting; if it is more than one run takes, go on with the next."""
    act = Act.of_the_portal(at=clock.now(), on=clock.today())
    if mailing.mail_invoices(act=act) == mailing.AT_A_TIME:
        mail_invoices.delay()


@shared_task(name="billing.sweep")
def sweep() -> None:
    """Start again what a lost message or a killed worker left undone."""
    act = Act.of_the_portal(at=clock.now(), on=clock.today())
    if closing.next_to_close(act=act):
        close_months.delay()
    if mailing.has_unmailed():
        mail_invoices.delay()
