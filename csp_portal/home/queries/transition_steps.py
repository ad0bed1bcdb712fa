"""The checklist of a transition: each step ticked by what is in the data, with its day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from relationships.models import Invitation, Relationship
from subscriptions.domain.channels import Channel
from subscriptions.services.support import SUPPORT_FROM

from .transitions import Case


@dataclass(frozen=True, slots=True)
class Step:
    """`state` is done, current or todo; `on` is the day it was done, if the data tells."""

    key: str
    title: str
    state: str
    on: date | None
    text: str


@dataclass(frozen=True, slots=True)
class _Fact:
    key: str
    title: str
    is_done: bool
    on: date | None
    text: str


def steps_of(
    case: Case,
    relationship: Relationship | None,
    *,
    invitation: Invitation | None = None,
    own: bool = False,
) -> list[Step]:
    """
    Return the six steps in order; the first that is not done is the current one.

    Without a relationship `invitation` is an open one that the customer has seen. With `own`
    the words are for the customer itself.
    """
    steps = []
    is_current_found = False
    invitation = relationship.invitation if relationship else invitation
    for fact in _facts(case, relationship, invitation, own=own):
        is_current = not fact.is_done and not is_current_found
        is_current_found = is_current_found or is_current
        state = "done" if fact.is_done else "current" if is_current else "todo"
        steps.append(Step(fact.key, fact.title, state, fact.on, fact.text))
    return steps


def needs_support(case: Case) -> bool:
    """R17: from 25 assigned licences on the vendor's support cancels an Advisor subscription."""
    return case.old.channel == Channel.ADVISOR and case.old.assigned_seats >= SUPPORT_FROM


def _facts(
    case: Case, relationship: Relationship | None, invitation: Invitation | None, *, own: bool
) -> Iterator[_Fact]:
    old, new = case.old, case.new
    partner = relationship.partner.tenant.name if relationship else ""
    yield _invited(relationship, invitation, own=own)
    yield _Fact(
        "accepted",
        _("Accepted"),
        relationship is not None,
        relationship.started_on if relationship else None,
        _("%(partner)s is the CSP partner.") % {"partner": partner}
        if relationship
        else (_("Open the link of its letter to read and accept it.") if invitation else ""),
    )
    yield _Fact(
        "ordered",
        _("CSP ordered"),
        new is not None,
        case.since,
        _("%(title)s, %(seats)d seats") % {"title": new.title, "seats": new.seats}
        if new
        else _("An equal or equivalent offer, through CSP."),
    )
    yield _Fact("moved", _("Licences moved"), _is_moved(case), None, _moved(case))
    yield _Fact(
        "cancelled",
        _("Old one cancelled"),
        not old.is_live,
        case.ended_on,
        _cancelled(case, own=own),
    )
    is_clear = new is not None and not old.is_live
    yield _Fact(
        "clear",
        _("Clear"),
        is_clear,
        case.ended_on if is_clear else None,
        _("Only the CSP subscription is billed.") if is_clear else "",
    )


def _invited(
    relationship: Relationship | None, invitation: Invitation | None, *, own: bool
) -> _Fact:
    words, by = _("No CSP partner so far."), ""
    on = relationship.started_on if relationship else None
    if invitation is not None:
        words, by = _("by %(partner)s"), invitation.seller.tenant.name
        on = invitation.created_at.date()
    elif relationship is not None:
        by = relationship.partner.tenant.name
        words = (
            _("%(partner)s made your organisation's tenant; no invitation was needed.")
            if own
            else _("%(partner)s made the customer's tenant; no invitation was needed.")
        )
    return _Fact("invited", _("Invited"), on is not None, on, words % {"partner": by})


def _is_moved(case: Case) -> bool:
    if not case.old.is_live:
        return True
    return case.new is not None and case.old.assigned_seats == 0 and case.new.assigned_seats > 0


def _moved(case: Case) -> str:
    old, new = case.old, case.new
    if not old.is_live:
        return _("Nobody uses the old one any more.")
    if old.assigned_seats:
        return _("%(n)d licences of the old one are still assigned, %(there)d of the new one.") % {
            "n": old.assigned_seats,
            "there": new.assigned_seats if new else 0,
        }
    return _("No licence of the old one is assigned.")


def _cancelled(case: Case, *, own: bool) -> str:
    if not case.old.is_live:
        return _("It is not billed any more.")
    if case.old.channel in {Channel.OPEN, Channel.EA}:
        return _("It ends by its own agreement; do not renew it there.")
    if needs_support(case):
        words = (
            _(
                "%(n)d licences are assigned. From %(limit)d on the vendor's support cancels it "
                "when you ask it to; with fewer you do it yourself."
            )
            if own
            else _(
                "%(n)d licences are assigned. From %(limit)d on the vendor's support cancels it "
                "on the customer's request; with fewer the customer does it here."
            )
        )
        return words % {"n": case.old.assigned_seats, "limit": SUPPORT_FROM}
    if own:
        return _("Your organisation cancels it here; nobody else does.")
    return _("The customer cancels it in this portal; nobody else does.")
