"""What a quote is called, what its button says, and what is said once it is ordered."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from csp_portal.shared.money import format_money

from ..models import Quote
from .quote_summary import QuoteSummary

Kind = Quote.QuoteKind


def seats_changed(quote: Quote, summary: QuoteSummary) -> int:
    """Return by how many seats the quote changes its subscription; below zero for fewer."""
    if summary.first_line:
        return summary.first_line.seats
    return (quote.seats or 0) - (quote.subscription.seats if quote.subscription else 0)


def offer_of(quote: Quote) -> str:
    if quote.subscription:
        return quote.subscription.title
    return quote.offer.title if quote.offer else ""


def title_of(quote: Quote, summary: QuoteSummary) -> str:
    seats = seats_changed(quote, summary)
    values = {"n": f"{abs(seats):,}", "offer": offer_of(quote)}
    match Kind(quote.kind):
        case Kind.NEW:
            return (
                ngettext("%(n)s seat of %(offer)s", "%(n)s seats of %(offer)s", abs(seats)) % values
            )
        case Kind.SEATS if seats > 0:
            words = ngettext("%(n)s more seat of %(offer)s", "%(n)s more seats of %(offer)s", seats)
            return words % values
        case Kind.SEATS:
            words = ngettext(
                "%(n)s seat fewer of %(offer)s", "%(n)s seats fewer of %(offer)s", abs(seats)
            )
            return words % values
        case Kind.SUSPEND:
            return _("Suspend %(offer)s") % values
        case Kind.REACTIVATE:
            return _("Reactivate %(offer)s") % values
        case _:
            return _("Cancel %(offer)s") % values


def button_of(quote: Quote, summary: QuoteSummary) -> str:
    seats = seats_changed(quote, summary)
    values = {"n": f"{abs(seats):,}", "amount": _amount(summary)}
    match Kind(quote.kind):
        case Kind.NEW:
            words = ngettext(
                "Order %(n)s seat for %(amount)s", "Order %(n)s seats for %(amount)s", abs(seats)
            )
        case Kind.SEATS if seats > 0:
            words = ngettext(
                "Add %(n)s seat for %(amount)s", "Add %(n)s seats for %(amount)s", seats
            )
        case Kind.SEATS:
            words = ngettext(
                "Remove %(n)s seat, credit %(amount)s",
                "Remove %(n)s seats, credit %(amount)s",
                abs(seats),
            )
        case Kind.SUSPEND:
            words = _("Suspend, credit %(amount)s")
        case Kind.REACTIVATE:
            words = _("Reactivate for %(amount)s")
        case _:
            words = _("Cancel for good, credit %(amount)s")
    return words % values


def done_in_words(quote: Quote, summary: QuoteSummary) -> str:
    """
    Return what confirming the quote did.

    "6 seats added to Business Premium: €90.64 prorated to 13 Dec 2026. It is on the invoice
    of 1 Dec 2026."
    """
    done = _done(quote, summary)
    line = summary.first_line
    if line is None:
        return _("%(done)s. Nothing is charged for it.") % {"done": done}
    values = {
        "done": done,
        "amount": _amount(summary),
        "last_day": _day(line.last_day),
        "invoice": _day(summary.invoice_on),
    }
    if summary.charged < 0:
        return (
            _(
                "%(done)s: %(amount)s credited, up to %(last_day)s. It is on the invoice of "
                "%(invoice)s."
            )
            % values
        )
    if line.days == line.divisor:
        return (
            _("%(done)s: %(amount)s up to %(last_day)s. It is on the invoice of %(invoice)s.")
            % values
        )
    return (
        _("%(done)s: %(amount)s prorated to %(last_day)s. It is on the invoice of %(invoice)s.")
        % values
    )


def _done(quote: Quote, summary: QuoteSummary) -> str:
    seats = seats_changed(quote, summary)
    values = {"n": f"{abs(seats):,}", "offer": offer_of(quote)}
    match Kind(quote.kind):
        case Kind.NEW:
            words = ngettext(
                "%(n)s seat of %(offer)s ordered", "%(n)s seats of %(offer)s ordered", abs(seats)
            )
        case Kind.SEATS if seats > 0:
            words = ngettext(
                "%(n)s seat added to %(offer)s", "%(n)s seats added to %(offer)s", seats
            )
        case Kind.SEATS:
            words = ngettext(
                "%(n)s seat removed from %(offer)s",
                "%(n)s seats removed from %(offer)s",
                abs(seats),
            )
        case Kind.SUSPEND:
            words = _("%(offer)s is suspended")
        case Kind.REACTIVATE:
            words = _("%(offer)s is active again")
        case _:
            words = _("%(offer)s is cancelled")
    return words % values


def _amount(summary: QuoteSummary) -> str:
    return format_money(abs(summary.charged), summary.currency)


def _day(day: date) -> str:
    return date_format(day, "j M Y")
