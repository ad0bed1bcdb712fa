"""What an add-on may be added to: the seller's own running subscription of the same customer."""

from django.utils.translation import gettext as _

from tenants.acts import Act
from tenants.models import Partner, Tenant

from ..domain.channels import Channel
from ..domain.lifecycle import State
from ..models import Offer, Subscription, Term
from .errors import AddOnNeedsBase
from .facts import lock_family, running_term


def base_term_of(
    *,
    offer: Offer,
    base: Subscription | None,
    tenant: Tenant,
    partner: Partner | None,
    duration: str,
    act: Act,
) -> Term | None:
    """
    Return the running term of an add-on's base, locked; None for what is not an add-on.

    The base is a CSP subscription of `partner`; without a partner it is a Direct one that
    the tenant bought here.

    :raises AddOnNeedsBase: if the add-on has no base, it does not fit, or a base is no use
    """
    if base is None:
        if offer.is_add_on:
            raise AddOnNeedsBase(
                _("%(title)s is an add-on: choose the subscription it is added to.")
                % {"title": offer.title}
            )
        return None
    if not offer.is_add_on:
        raise AddOnNeedsBase(_("%(title)s is not an add-on.") % {"title": offer.title})
    _require_same_seller(base, tenant=tenant, partner=partner)
    locked = lock_family(base, act=act).subscription
    if locked.state != State.ACTIVE:
        raise AddOnNeedsBase(_("%(title)s is not active.") % {"title": locked.title})
    _require_ours(locked)
    allowed = list(offer.add_on_to.values_list("pk", flat=True))
    if allowed and locked.offer_id not in allowed:
        raise AddOnNeedsBase(
            _("%(title)s cannot be added to %(base)s.")
            % {"title": offer.title, "base": locked.title}
        )
    term = running_term(locked, act.on)
    if term.duration != duration:
        raise AddOnNeedsBase(
            _("An add-on has the term of its base: %(duration)s.")
            % {"duration": term.get_duration_display()}
        )
    return term


def _require_same_seller(base: Subscription, *, tenant: Tenant, partner: Partner | None) -> None:
    channel = Channel.CSP if partner else Channel.DIRECT
    partner_id = partner.pk if partner else None
    fits = (base.tenant_id, base.partner_id, base.channel) == (tenant.pk, partner_id, channel)
    if fits and base.base_id is None:
        return
    raise AddOnNeedsBase(
        _("The base must be a subscription of this customer and partner.")
        if partner
        else _("Add it to a subscription that you bought from the vendor yourself (Direct).")
    )


def _require_ours(base: Subscription) -> None:
    """Refuse a base without a term to share: a trial ends by itself, an import has none here."""
    if base.is_trial:
        raise AddOnNeedsBase(
            _("%(title)s is a trial. Buy the offer first, then its add-ons.")
            % {"title": base.title}
        )
    if not base.terms.exists():
        raise AddOnNeedsBase(
            _(
                "%(title)s was bought before this portal, so its term is not kept here. Buy it "
                "anew, then its add-ons."
            )
            % {"title": base.title}
        )
