"""The letter that brings an invoice. What it says is in templates/letters."""

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from csp_portal.shared.letters import absolute, compose
from csp_portal.shared.money import format_money

from .models import Invoice


def invoice_letter(*, invoice: Invoice, to: Sequence[str]) -> EmailMultiAlternatives:
    """Return one mail to all of `to`, without the document."""
    letter = compose(
        to=to[0],
        template="billing/invoice_issued",
        language=settings.LANGUAGE_CODE,
        context={
            "invoice": invoice,
            "seller": invoice.parties["seller"]["name"],
            "total": format_money(invoice.total, invoice.currency),
            "is_owed": invoice.total > 0,
            "url": absolute("billing:invoice", invoice_id=invoice.public_id),
        },
    )
    letter.to = list(to)
    return letter
