"""What happened to a subscription, in words that follow a person's name."""

from django.utils.translation import gettext as _

from subscriptions.domain.lifecycle import FactKind
from subscriptions.models import SeatChange


def fact_in_words(change: SeatChange) -> str:
    """Return "changed seats, 60 → 66: new office" and the like."""
    kind = FactKind(change.kind)
    words = {
        FactKind.ORDERED: _("ordered %(after)s seats"),
        FactKind.SEATS: _("changed seats, %(before)s → %(after)s"),
        FactKind.SUSPENDED: _("suspended it"),
        FactKind.REACTIVATED: _("reactivated it"),
        FactKind.CANCELLED: _("cancelled it"),
        FactKind.RENEWED: _("renewed the term"),
        FactKind.EXPIRED: _("let the term end"),
        FactKind.TRANSFERRED_OUT: _("moved %(after)s seats to another partner"),
        FactKind.TRANSFERRED_IN: _("took %(after)s seats over"),
    }[kind] % {"before": change.seats_before, "after": change.seats_after}
    return f"{words}: {change.reason}" if change.reason else words


def change_in_short(change: SeatChange, title: str) -> str:
    """Return "20 Teams Phone Standard", "+6 Business Premium" or "… suspended"."""
    kind = FactKind(change.kind)
    words = {
        FactKind.ORDERED: _("%(n)s seats of %(title)s ordered"),
        FactKind.SEATS: _("%(signed)s seats of %(title)s"),
        FactKind.SUSPENDED: _("%(title)s suspended"),
        FactKind.REACTIVATED: _("%(title)s reactivated"),
        FactKind.CANCELLED: _("%(title)s cancelled"),
        FactKind.RENEWED: _("%(title)s renewed"),
        FactKind.EXPIRED: _("%(title)s ended"),
        FactKind.TRANSFERRED_OUT: _("%(title)s moved away"),
        FactKind.TRANSFERRED_IN: _("%(title)s taken over"),
    }[kind]
    delta = change.billable_delta
    signed = f"+{delta:,}" if delta > 0 else f"−{abs(delta):,}"
    return words % {"n": f"{delta:,}", "signed": signed, "title": title}
