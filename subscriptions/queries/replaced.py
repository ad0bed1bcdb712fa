"""What of other channels an active CSP subscription replaces: facts only, no money."""

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower

from tenants.models import Partner, Tenant

from ..domain.channels import Channel
from ..domain.lifecycle import LIVE, State
from ..models import Offer, OfferEquivalence, Subscription

# What can be billed beside CSP. Syndication cannot (R8); trials cost nothing (R11).
BESIDE_CSP = (Channel.DIRECT, Channel.ADVISOR, Channel.OPEN, Channel.EA)


def with_known_offer(held: QuerySet[Subscription]) -> QuerySet[Subscription]:
    """
    Annotate `known_offer_id`: the offer, or the one with the same title.

    What an import brought without an offer has nothing else to be known by.
    """
    same_title = Offer.objects.annotate(title_in_lower_case=Lower("title")).filter(
        title_in_lower_case=Lower(OuterRef("title"))
    )
    return held.annotate(
        known_offer_id=Coalesce("offer_id", Subquery(same_title.order_by("pk").values("pk")[:1]))
    )


def beside_csp() -> QuerySet[Subscription]:
    """Return what customers hold from other channels, live or not, with `known_offer_id`."""
    held = Subscription.objects.filter(channel__in=BESIDE_CSP, is_trial=False)
    return with_known_offer(held)


def with_replacement(
    held: QuerySet[Subscription], *, partner: Partner | None = None
) -> QuerySet[Subscription]:
    """
    Annotate `replaced_by_id`: the oldest active CSP subscription that does the same, or None.

    Of the same offer, or of one that operators named as equivalent. With `partner` only
    what that partner transacts or resells. `held` comes from `beside_csp`, or has
    `with_known_offer` and is looked through with `is_beside_csp`.
    """
    named = OfferEquivalence.objects.filter(replacement=OuterRef("offer_id")).annotate(
        title_in_lower_case=Lower("title")
    )
    equivalent = named.filter(
        Q(offer=OuterRef(OuterRef("known_offer_id")))
        | Q(title_in_lower_case=Lower(OuterRef(OuterRef("title"))))
    )
    new = Subscription.objects.csp().filter(state=State.ACTIVE, tenant=OuterRef("tenant_id"))
    if partner is not None:
        new = new.filter(Q(partner=partner) | Q(reseller=partner))
    new = new.filter(Q(offer=OuterRef("known_offer_id")) | Exists(equivalent))
    return held.annotate(replaced_by_id=Subquery(new.order_by("created_at", "pk").values("pk")[:1]))


def held_twice(
    tenants: QuerySet[Tenant] | list[int], *, partner: Partner | None = None
) -> QuerySet[Subscription]:
    """Return the live ones of `tenants` that are held, and paid, beside a CSP one."""
    live = beside_csp().filter(
        tenant__in=tenants, state__in=[State.ACTIVE, State.GRACE, State.SUSPENDED]
    )
    found = with_replacement(live, partner=partner)
    return found.filter(replaced_by_id__isnull=False)  # type: ignore[misc]  # an annotation


def would_replace(offer: Offer, *, tenant: Tenant) -> QuerySet[Subscription]:
    """Return what `tenant` holds from other channels, and pays, that `offer` replaces in CSP."""
    named = OfferEquivalence.objects.filter(replacement=offer)
    live = beside_csp().filter(tenant=tenant, state__in=LIVE)
    titles = named.filter(offer=None).annotate(folded=Lower("title")).values("folded")
    is_replaced = Q(known_offer_id__in=[offer.pk])
    is_replaced |= Q(known_offer_id__in=named.filter(offer__isnull=False).values("offer"))
    found = live.annotate(folded=Lower("title")).filter(is_replaced | Q(folded__in=titles))
    return found.order_by("title", "pk")


def does_already(offer: Offer, *, tenant: Tenant) -> QuerySet[Subscription]:
    """Return the active CSP subscriptions of `tenant` that do what `offer` from elsewhere does."""
    named = OfferEquivalence.objects.annotate(folded=Lower("title"))
    named = named.filter(Q(offer=offer) | Q(folded=offer.title.lower()))
    same = Q(offer=offer) | Q(offer__in=named.values("replacement"))
    held = Subscription.objects.csp().filter(same, tenant=tenant, state=State.ACTIVE)
    return held.select_related("partner__tenant", "reseller__tenant").order_by("title", "pk")


def is_beside_csp(subscription: Subscription) -> bool:
    """Tell whether it is live, paid and from a channel that CSP can replace."""
    return subscription.is_live and not subscription.is_trial and subscription.channel in BESIDE_CSP
