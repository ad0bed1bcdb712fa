"""
Turning a Direct trial into a paid CSP subscription (R11).

The partner proposes, the customer consents. The consent does everything in one
transaction: the partner's order at the price shown, and the end of the trial on the same
day. Two locks make it happen once: the tenant's, which every order and change takes first,
and the proposal's row.
"""

import hashlib
import json
from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext as _

from csp_portal.shared.letters import send_after_commit
from relationships.models import Relationship
from subscriptions.domain.channels import Channel
from subscriptions.models import Offer, Subscription
from subscriptions.services import lifecycle, trials
from subscriptions.services.errors import (
    NoActiveRelationship,
    SeatsBelowAssigned,
    SubscriptionRefused,
)
from tenants.acts import Act
from tenants.models import Partner, Tenant
from tenants.queries.tenants import admins_of
from tenants.services import activity

from .. import conversion_letters
from ..models import Quote, TrialConversion
from ..queries.quotes import without_words
from . import orders, quotes

Answer = TrialConversion.Answer


class NotATrial(SubscriptionRefused):
    def __init__(self) -> None:
        super().__init__(_("Only a running Direct trial can be converted."))


class AlreadyProposed(SubscriptionRefused):
    def __init__(self) -> None:
        super().__init__(_("You have proposed this already; withdraw that proposal first."))


class ConversionNotOpen(SubscriptionRefused):
    """`state` says whether it was accepted, declined, withdrawn, or the trial is over."""

    def __init__(self, state: str) -> None:
        words = {
            "accepted": _("This trial was converted already."),
            "declined": _("This proposal was declined."),
            "withdrawn": _("The partner has withdrawn this proposal."),
            "expired": _("The trial is over, so it cannot be converted any more."),
        }
        super().__init__(words[state])
        self.state = state


class PriceHasChanged(SubscriptionRefused):
    def __init__(self) -> None:
        super().__init__(_("The price is not what the page showed. Nothing changed: look again."))


@transaction.atomic
def propose(
    *,
    partner: Partner,
    trial: Subscription,
    offer: Offer,
    seats: int,
    segment: str,
    duration: str,
    plan: str,
    note: str = "",
    act: Act,
) -> TrialConversion:
    """
    Propose a CSP subscription in the trial's place, and tell the customer's admins.

    Nothing changes until the customer consents. The quote is the order carried out and
    rolled back, so what would be refused is refused now.

    :raises NoActiveRelationship: if the partner does not serve the customer
    :raises NotATrial: if it is no running Direct trial
    :raises SeatsBelowAssigned: if the seats would not do for the licences in use
    :raises AlreadyProposed: if a proposal of this partner is open
    :raises SubscriptionRefused, NoPrice: if the order would be refused
    """
    Tenant.objects.select_for_update(no_key=True).get(pk=trial.tenant_id)
    served = Relationship.objects.active().filter(partner=partner, customer_id=trial.tenant_id)
    if not served.exists():
        raise NoActiveRelationship
    locked = Subscription.objects.select_related("tenant").get(pk=trial.pk)
    _require_trial(locked, act)
    if seats < locked.assigned_seats:
        raise SeatsBelowAssigned(locked.assigned_seats)
    if TrialConversion.objects.filter(trial=locked, partner=partner, answer=Answer.OPEN).exists():
        raise AlreadyProposed
    assert act.by is not None  # a person proposes
    made = TrialConversion.objects.create(
        partner=partner,
        trial=locked,
        offer=offer,
        segment=segment,
        duration=duration,
        plan=plan,
        seats=seats,
        note=note,
        quote=quotes.quote(
            kind=Quote.QuoteKind.NEW,
            partner=partner,
            tenant=locked.tenant,
            offer=offer,
            segment=segment,
            duration=duration,
            plan=plan,
            seats=seats,
            act=act,
        ),
        created_at=act.at,
        created_by=act.by,
    )
    _record(made, act, "proposed", f"proposed to convert the trial of {locked.title} into CSP")
    for admin in admins_of(locked.tenant):
        send_after_commit(conversion_letters.proposal_letter(conversion=made, to=admin))
    return made


def price_today(*, conversion: TrialConversion, act: Act) -> Quote:
    """
    Return what the consent would cost on `act.on`: the order carried out and rolled back.

    The quote is not kept; `fingerprint` of it binds the click to what was shown.

    :raises SubscriptionRefused, NoPrice: if the order would be refused
    """
    with transaction.atomic():
        quote = _quote(conversion, _partners(conversion, act))
        transaction.set_rollback(True)
    return quote


def fingerprint(quote: Quote) -> str:
    """Return a short form of what a quote says, without its words."""
    lines = json.dumps(without_words(quote.lines), sort_keys=True)
    return hashlib.sha256(f"{quote.on} {lines}".encode()).hexdigest()[:32]


@transaction.atomic
def accept(*, conversion: TrialConversion, shown: str, act: Act) -> TrialConversion:
    """
    Consent: the CSP subscription starts and the trial ends, both on `act.on`.

    The order is the partner's, by whoever proposed it; the end of the trial is the
    customer's. Who has a licence of the trial has one of the new subscription. `shown` is
    the fingerprint of the price on the page.

    :raises ConversionNotOpen: if it was answered, withdrawn, or the trial is over
    :raises PriceHasChanged: if it would cost something else than shown
    :raises SubscriptionRefused, NoPrice: if the order is refused; then the trial goes on
    """
    kept = _locked(conversion, act)
    partners_act = _partners(kept, act)
    quote = _quote(kept, partners_act)
    if fingerprint(quote) != shown:
        raise PriceHasChanged
    order = orders.confirm(quote=quote, act=partners_act)
    _end(kept.trial, act)
    trials.hand_over(trial=kept.trial, new=order.subscription)
    kept.order = order
    _answer(kept, Answer.ACCEPTED, act)
    _record(kept, act, "accepted", f"the trial of {kept.trial.title} was converted into CSP")
    _tell_the_partner(kept)
    return kept


@transaction.atomic
def decline(*, conversion: TrialConversion, act: Act) -> None:
    """
    Say no; the trial goes on to its end.

    :raises ConversionNotOpen: if it is not open
    """
    kept = _locked(conversion, act)
    _answer(kept, Answer.DECLINED, act)
    _record(kept, act, "declined", f"declined to convert the trial of {kept.trial.title}")
    _tell_the_partner(kept)


@transaction.atomic
def withdraw(*, conversion: TrialConversion, act: Act) -> None:
    """
    Take the proposal back.

    :raises ConversionNotOpen: if it is not open
    """
    kept = _locked(conversion, act)
    _answer(kept, Answer.WITHDRAWN, act)
    _record(kept, act, "withdrawn", f"took back the proposal to convert {kept.trial.title}")


def reseller_of(conversion: TrialConversion) -> Partner | None:
    """Return who would bill and support the CSP subscription in 2-tier, the partner's reseller."""
    served = Relationship.objects.active().filter(
        partner=conversion.partner, customer=conversion.trial.tenant_id
    )
    relationship = served.select_related("reseller__tenant").first()
    return relationship.reseller if relationship else None


def _require_trial(trial: Subscription, act: Act) -> None:
    is_over = trial.ends_on is not None and act.on >= trial.ends_on
    if trial.channel != Channel.DIRECT or not trial.is_trial or not trial.is_live or is_over:
        raise NotATrial


def _locked(conversion: TrialConversion, act: Act) -> TrialConversion:
    """Return the proposal as it is now, behind the tenant's lock and its own."""
    Tenant.objects.select_for_update(no_key=True).get(pk=conversion.trial.tenant_id)
    kept = (
        TrialConversion.objects.select_for_update(no_key=True, of=("self",))
        .select_related("trial__tenant", "partner__tenant", "offer", "created_by", "quote")
        .get(pk=conversion.pk)
    )
    state = kept.state_on(act.on)
    if state != "open":
        raise ConversionNotOpen(state)
    return kept


def _partners(conversion: TrialConversion, act: Act) -> Act:
    """Return the act of the partner's person who proposed it, now."""
    return replace(act, by=conversion.created_by, organisation=conversion.partner.tenant)


def _quote(conversion: TrialConversion, act: Act) -> Quote:
    return quotes.quote(
        kind=Quote.QuoteKind.NEW,
        partner=conversion.partner,
        tenant=conversion.trial.tenant,
        offer=conversion.offer,
        segment=conversion.segment,
        duration=conversion.duration,
        plan=conversion.plan,
        seats=conversion.seats,
        reason=conversion.note,
        act=act,
    )


def _end(trial: Subscription, act: Act) -> None:
    """End the trial; it has no price, so nothing is charged or credited."""
    lifecycle.cancel(subscription=trial, reason=_("converted into CSP"), act=act)


def _answer(conversion: TrialConversion, answer: TrialConversion.Answer, act: Act) -> None:
    conversion.answer, conversion.answered_at, conversion.answered_by = answer, act.at, act.by
    conversion.save(update_fields=["answer", "answered_at", "answered_by", "order"])


def _tell_the_partner(conversion: TrialConversion) -> None:
    send_after_commit(conversion_letters.answer_letter(conversion))


def _record(conversion: TrialConversion, act: Act, action: str, summary: str) -> None:
    reseller = reseller_of(conversion)
    partners = (conversion.partner, reseller)
    sellers = activity.in_order(partner.tenant for partner in partners if partner is not None)
    for tenant in (*sellers, conversion.trial.tenant):
        activity.record(
            tenant=tenant,
            act=act,
            action=f"trial-conversion.{action}",
            about=conversion.public_id,
            summary=summary,
            after={"offer": conversion.offer.title, "seats": conversion.seats},
        )
