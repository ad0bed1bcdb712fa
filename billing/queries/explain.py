"""The words of a line: how its amount came about, and who caused it. Stored values only."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from csp_portal.shared.money import MINUS, format_unit_price
from subscriptions.domain.lifecycle import FactKind

from .lines import Line


def explain(line: Line) -> str:
    """
    Return the arithmetic of `line` in words.

    "6 seats × €20.60 × 22 of 30 days (22 Nov – 13 Dec 2026), price list 1 Mar 2026;
    seats 60 → 66 by Ada Keller on 22 Nov"
    """
    count = f"{MINUS if line.seats < 0 else ''}{abs(line.seats):,}"
    seats = ngettext("%(count)s seat", "%(count)s seats", abs(line.seats)) % {"count": count}
    price = format_unit_price(line.unit_price, line.currency)
    days = days_in_words(line.charged_from, line.last_day)
    if line.fact_kind:
        share = _("%(days)s of %(divisor)s days") % {"days": line.days, "divisor": line.divisor}
        arithmetic = f"{seats} × {price} × {share} ({days})"
    else:
        arithmetic = f"{seats} × {price} ({days})"
    cause = _cause(line)
    return f"{arithmetic}, {line.price_source}" + (f"; {cause}" if cause else "")


def days_in_words(first: date, last: date) -> str:
    """
    Return both days, which both belong; the year once if it is the same.

    >>> days_in_words(date(2026, 11, 22), date(2026, 12, 13))
    '22 Nov – 13 Dec 2026'
    """
    if first == last:
        return _day(last, with_year=True)
    return f"{_day(first, with_year=first.year != last.year)} – {_day(last, with_year=True)}"


def _day(day: date, *, with_year: bool) -> str:
    return f"{day.day} {day:%b %Y}" if with_year else f"{day.day} {day:%b}"


def _cause(line: Line) -> str:
    if not line.fact_kind or line.changed_on is None:
        return ""
    values = {
        "before": f"{line.seats_before:,}",
        "after": f"{line.seats_after:,}",
        "person": line.changed_by or _("the portal"),
        "day": _day(line.changed_on, with_year=False),
    }
    sentences = {
        FactKind.ORDERED: _("ordered by %(person)s on %(day)s"),
        FactKind.SUSPENDED: _("suspended by %(person)s on %(day)s"),
        FactKind.REACTIVATED: _("reactivated by %(person)s on %(day)s"),
        FactKind.CANCELLED: _("cancelled by %(person)s on %(day)s"),
        FactKind.EXPIRED: _("expired on %(day)s"),
        FactKind.TRANSFERRED_OUT: _("moved to another partner on %(day)s"),
        FactKind.TRANSFERRED_IN: _("taken over on %(day)s"),
    }
    seats = _("seats %(before)s → %(after)s by %(person)s on %(day)s")
    return sentences.get(FactKind(line.fact_kind), seats) % values
