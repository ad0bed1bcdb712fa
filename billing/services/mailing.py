"""Telling buyers of their invoices: one mail each, with the document, to who may read it."""

import logging
from smtplib import SMTPException

from django.db import transaction

from csp_portal.shared.money import format_money
from tenants.acts import Act
from tenants.models import Membership
from tenants.roles import Action
from tenants.services import activity

from ..letters import invoice_letter
from ..models import Invoice
from .documents import invoice_pdf

log = logging.getLogger(__name__)

# Mails a run sends at most; the next run goes on.
AT_A_TIME = 200
# A mail server that is down is not asked two hundred times.
FAILURES_IN_A_ROW = 3


def mail_invoices(*, act: Act, limit: int = AT_A_TIME) -> int:
    """
    Mail the invoices that have not been mailed, oldest first; return how many were.

    Each in its own transaction, which holds the invoice until the mail server has taken the
    mail: two processes never mail the same one, and a killed one's is mailed again.
    """
    waiting = Invoice.objects.filter(mailed_at=None, finalised_at__isnull=False)
    mailed = failed = 0
    for invoice_id in list(waiting.order_by("id").values_list("pk", flat=True)[:limit]):
        try:
            mailed += _mail(invoice_id, act=act)
            failed = 0
        except (SMTPException, OSError):
            log.exception("invoice %s could not be mailed; it is tried again", invoice_id)
            failed += 1
            if failed == FAILURES_IN_A_ROW:
                break
    return mailed


def has_unmailed() -> bool:
    return Invoice.objects.filter(mailed_at=None, finalised_at__isnull=False).exists()


@transaction.atomic
def _mail(invoice_id: int, *, act: Act) -> int:
    invoice = (
        Invoice.objects.filter(pk=invoice_id, mailed_at=None)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("buyer", "seller")
        .first()
    )
    if invoice is None:
        return 0  # another process has it
    readers = _readers(invoice)
    invoice.mailed_at = act.at
    invoice.save(update_fields=["mailed_at"])
    total = format_money(invoice.total, invoice.currency)
    activity.record(
        tenant=invoice.buyer,
        act=act,
        action="invoice.issued",
        about=invoice.public_id,
        summary=f"Invoice {invoice.number} of {invoice.seller} over {total}, "
        f"mailed to {len(readers)}",
        after={"number": invoice.number, "total": invoice.total, "due_on": invoice.due_on},
    )
    if readers:
        letter = invoice_letter(invoice=invoice, to=readers)
        letter.attach(f"invoice-{invoice.number}.pdf", invoice_pdf(invoice), "application/pdf")
        letter.send()
    return 1


def _readers(invoice: Invoice) -> list[str]:
    """Return the addresses of the buyer's people who may see invoices."""
    members = Membership.objects.active().filter(tenant=invoice.buyer, user__is_active=True)
    return sorted(
        member.user.email
        for member in members.select_related("user")
        if member.may(Action.SEE_INVOICES)
    )
