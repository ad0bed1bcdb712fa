"""Who may write to a subscription: its channel decides, here and once more in the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from tenants.acts import Act

from ..domain.channels import RULES, Channel
from ..models import Subscription
from .errors import AskYourPartner, ManagedElsewhere, NoActiveRelationship, OtherChannel

# What the customer itself manages: it bought them from the vendor.
CUSTOMERS_OWN = frozenset({Channel.DIRECT, Channel.ADVISOR})

# What a key gave, the portal lets end with its term.
PORTALS_OWN = CUSTOMERS_OWN | {Channel.OPEN}


def require_owner(subscription: Subscription, act: Act) -> None:
    """
    Refuse whoever acts for an organisation that does not manage this subscription.

    A CSP one is its partner's, a Direct or Advisor one its tenant's. The portal itself and
    the vendor's operators act for no organisation; they may write to all three. Nobody
    writes to the others: those were bought elsewhere and are changed there.

    :raises AskYourPartner: if a customer acts on a CSP subscription (R10)
    :raises NoActiveRelationship: if a partner acts on a CSP one that another sells
    :raises OtherChannel: if a partner acts on one that is not CSP (R3, R6)
    :raises ManagedElsewhere: if the channel has no writer in this portal
    """
    channel = Channel(subscription.channel)
    actor = act.organisation.pk if act.organisation else None
    if channel == Channel.CSP:
        partner = subscription.partner
        assert partner is not None  # subscriptions_csp_has_its_partner_and_offer
        if actor == subscription.tenant_id:
            raise AskYourPartner(partner.tenant.name)
        if actor not in {None, partner.tenant_id}:
            raise NoActiveRelationship
    elif actor not in {None, subscription.tenant_id}:
        raise OtherChannel(RULES[channel].label)
    elif channel not in (PORTALS_OWN if actor is None else CUSTOMERS_OWN):
        raise ManagedElsewhere(RULES[channel].label, RULES[channel].why_read_only)


@contextmanager
def owning_path(subscription: Subscription) -> Iterator[None]:
    """
    Name the path that owns the subscription's channel, for the statements inside.

    The database refuses an UPDATE of a Direct, Advisor, Open, EA or Syndication
    subscription unless `csp.owning_path` is its channel. If a statement fails, the
    transaction's rollback takes the setting back.
    """
    if subscription.channel == Channel.CSP:
        yield
        return
    _set_path(subscription.channel)
    yield
    _set_path("")


def store(subscription: Subscription, *fields: str) -> None:
    """Save these columns, by the path that owns the subscription."""
    with owning_path(subscription):
        subscription.save(update_fields=fields)


def _set_path(path: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('csp.owning_path', %s, true)", [path])
