"""Recommendations from the partner's side, and the customer's first look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.mail import EmailMessage
from django.db import transaction
from django.utils.translation import gettext as _

from csp_portal.shared.tokens import hash_token, new_token
from relationships.services.errors import MailNotSent
from relationships.services.standing import SellingRefused, require_may_sell
from subscriptions.models import Offer
from tenants.acts import Act
from tenants.models import Partner, Tenant
from tenants.services import activity

from .. import recommendation_letters
from ..models import Recommendation, RecommendedItem
from ..models.price_lists import Plan, Segment
from .recommended import RecommendationNotOpen, require_open

__all__ = [
    "MailNotSent",
    "NoAddress",
    "RecommendationNotOpen",
    "SellingRefused",
    "note_opened",
    "recommend",
    "renew_link",
    "send",
    "withdraw",
]

VALID_FOR = timedelta(days=30)


class NoAddress(Exception):
    def __init__(self) -> None:
        super().__init__(_("It was made without an e-mail address: copy a new link instead."))


@dataclass(frozen=True, slots=True)
class Advice:
    """One line of a recommendation: what to buy and how much of it."""

    offer: Offer
    seats: int
    segment: str = Segment.COMMERCIAL
    duration: str = "P1Y"
    plan: str = Plan.MONTHLY


@transaction.atomic
def recommend(
    *,
    partner: Partner,
    items: Sequence[Advice],
    customer_name: str = "",
    email: str = "",
    language: str = "en",
    note: str = "",
    is_mailed: bool = False,
    act: Act,
) -> tuple[Recommendation, str]:
    """
    Make a recommendation and return it with its token, which is kept nowhere.

    It can be bought from for 30 days. Any kind of partner may make one; it changes nothing
    until the customer buys, and nothing of what the customer has. The letter is in `language`.

    :raises SellingRefused: if the partner may start nothing new
    :raises MailNotSent: if the mail server refused it; there is no recommendation then
    """
    assert act.by is not None, "a recommendation is made by a person"
    assert items, "the form insists on an offer"
    require_may_sell(partner=partner, customer=None, on=act.on)
    token = new_token()
    made = Recommendation.objects.create(
        partner=partner,
        token_hash=hash_token(token),
        customer_name=customer_name,
        email=email,
        language=language,
        note=note,
        created_at=act.at,
        created_by=act.by,
        expires_on=act.on + VALID_FOR,
        last_sent_at=act.at if is_mailed else None,
    )
    RecommendedItem.objects.bulk_create(
        RecommendedItem(
            recommendation=made,
            position=position,
            offer=item.offer,
            segment=item.segment,
            duration=item.duration,
            plan=item.plan,
            seats=item.seats,
        )
        for position, item in enumerate(items, start=1)
    )
    if is_mailed:
        _send(recommendation_letters.recommendation_letter(recommendation=made, token=token))
    whom = customer_name or email or "a customer"
    _record(made, act, "recommendation.created", f"recommended {_offers(len(items))} to {whom}")
    return made, token


@transaction.atomic
def renew_link(*, recommendation: Recommendation, act: Act) -> str:
    """
    Return a new token, valid for 30 days from `act.on`. The old link is dead from now on.

    :raises RecommendationNotOpen: if all of it was bought, or it was withdrawn; an expired
        one opens again
    :raises SellingRefused: if the partner may start nothing new
    """
    kept = _unfinished(recommendation, act)
    require_may_sell(partner=kept.partner, customer=None, on=act.on)
    token = _renew(kept, act)
    _record(kept, act, "recommendation.link_renewed", "made a new link for a recommendation")
    return token


@transaction.atomic
def send(*, recommendation: Recommendation, act: Act) -> None:
    """
    Mail it to its address, with a new link; the old one is dead from now on.

    :raises RecommendationNotOpen: if all of it was bought, or it was withdrawn
    :raises NoAddress: if it was made without an e-mail address
    :raises SellingRefused: if the partner may start nothing new
    :raises MailNotSent: if the mail server refused it; the old link lives on then
    """
    kept = _unfinished(recommendation, act)
    if not kept.email:
        raise NoAddress
    require_may_sell(partner=kept.partner, customer=None, on=act.on)
    token = _renew(kept, act)
    _send(recommendation_letters.recommendation_letter(recommendation=kept, token=token))
    _record(kept, act, "recommendation.sent", f"sent a recommendation to {kept.email}")


@transaction.atomic
def withdraw(*, recommendation: Recommendation, act: Act) -> None:
    """
    Take it back; its link leads to a page that says so. What was bought stays.

    :raises RecommendationNotOpen: if all of it was bought, or it was withdrawn
    """
    kept = _unfinished(recommendation, act)
    kept.withdrawn_at, kept.withdrawn_by = act.at, act.by
    kept.save(update_fields=["withdrawn_at", "withdrawn_by"])
    _record(kept, act, "recommendation.withdrawn", "withdrew a recommendation")


@transaction.atomic
def note_opened(*, recommendation: Recommendation, tenant: Tenant, act: Act) -> None:
    """
    Remember who first saw it while signed in, and when.

    :raises RecommendationNotOpen: if `tenant` cannot buy from it
    """
    kept = _locked(recommendation)
    require_open(recommendation=kept, tenant=tenant, on=act.on)
    if kept.opened_at is not None:
        return
    kept.opened_at, kept.opened_by_tenant = act.at, tenant
    kept.save(update_fields=["opened_at", "opened_by_tenant"])
    _record(kept, act, "recommendation.opened", f"opened a recommendation, for {tenant.name}")


def _unfinished(recommendation: Recommendation, act: Act) -> Recommendation:
    """Return it, locked, if something of it can still be offered."""
    kept = _locked(recommendation)
    state = kept.state_on(act.on)
    if state in {"bought", "withdrawn"}:
        raise RecommendationNotOpen(state)
    return kept


def _renew(recommendation: Recommendation, act: Act) -> str:
    token = new_token()
    recommendation.token_hash = hash_token(token)
    recommendation.expires_on = act.on + VALID_FOR
    recommendation.last_sent_at = act.at
    recommendation.reminded_at = None
    recommendation.save(update_fields=["token_hash", "expires_on", "last_sent_at", "reminded_at"])
    return token


def _locked(recommendation: Recommendation) -> Recommendation:
    return (
        Recommendation.objects.select_for_update(no_key=True, of=("self",))
        .select_related("partner__tenant")
        .get(pk=recommendation.pk)
    )


def _send(mail: EmailMessage) -> None:
    try:
        mail.send()
    except OSError as error:  # what SMTP and sockets raise
        raise MailNotSent from error


def _record(recommendation: Recommendation, act: Act, action: str, summary: str) -> None:
    activity.record(
        tenant=recommendation.partner.tenant,
        act=act,
        action=action,
        about=recommendation.public_id,
        summary=summary,
        after={"email": recommendation.email},
    )


def _offers(number: int) -> str:
    return "1 offer" if number == 1 else f"{number} offers"
