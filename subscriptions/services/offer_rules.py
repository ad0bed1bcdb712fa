"""What the vendor's offer matrix allows a customer to have."""

from tenants.models import Tenant

from ..domain.channels import Channel
from ..domain.lifecycle import State
from ..models import Offer, OfferRule, Subscription
from .errors import CustomerLimitReached, MissingPrerequisite, NotInMatrix, NotSoldInCountry


def require_by_matrix(*, offer: Offer, tenant: Tenant, channel: Channel) -> None:
    """
    Refuse what the matrix does not let `tenant` order; the caller holds the tenant's lock.

    Without a matrix everything on the price list may be ordered. It is CSP's: what it does
    not name yet, customers buy from the vendor all the same. What it says of an offer holds
    in both; how many a customer may have counts in each channel by itself.

    :raises NotInMatrix: in CSP, if there is a matrix and the offer has no row in it
    :raises NotSoldInCountry: if the row names other countries
    :raises MissingPrerequisite: see `require_prerequisite`
    :raises CustomerLimitReached: if the tenant has as many subscriptions of it as it may
    """
    rule = OfferRule.objects.filter(offer=offer).first()
    if rule is None:
        if channel == Channel.CSP and OfferRule.objects.exists():
            raise NotInMatrix(offer.title)
        return
    if rule.countries and tenant.country not in rule.countries:
        raise NotSoldInCountry(offer.title, tenant.country_name)
    require_prerequisite(offer=offer, tenant=tenant)
    if rule.customer_limit is None:
        return
    held = Subscription.objects.filter(tenant=tenant, offer=offer, channel=channel)
    is_for_ever = rule.limit_kind == OfferRule.LimitKind.LIFETIME
    if (held if is_for_ever else held.live()).count() >= rule.customer_limit:
        raise CustomerLimitReached(offer.title, rule.customer_limit, is_for_ever=is_for_ever)


def require_prerequisite(*, offer: Offer, tenant: Tenant) -> None:
    """
    Refuse an offer that needs another which the tenant does not have, from any channel.

    :raises MissingPrerequisite: with those of which one is needed
    """
    wanted = Offer.objects.filter(
        pk__in=OfferRule.requires.through.objects.filter(offerrule__offer=offer).values("offer_id")
    )
    titles = list(wanted.order_by("title").values_list("title", flat=True))
    if not titles:
        return
    held = Subscription.objects.filter(
        tenant=tenant, offer__in=wanted, state__in=[State.ACTIVE, State.GRACE]
    )
    if not held.exists():
        raise MissingPrerequisite(offer.title, titles)
