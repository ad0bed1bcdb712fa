"""What two organisations share is written to both logs."""

from collections.abc import Mapping
from typing import Any

from tenants.acts import Act
from tenants.models import Tenant
from tenants.services import activity


def record_for_both(
    *,
    partner: Tenant,
    customer: Tenant,
    act: Act,
    action: str,
    about: object,
    for_partner: str,
    for_customer: str,
    after: Mapping[str, Any],
    reseller: Tenant | None = None,
) -> None:
    """
    Append to the partner's log and its reseller's, then to the customer's.

    Always in this order, the sellers by their ids: each log has a head row that is locked
    until the commit, and two transactions that lock two heads in opposite order would wait
    for each other.
    """
    sellers = activity.in_order(tenant for tenant in (partner, reseller) if tenant is not None)
    sides = [*((seller, for_partner) for seller in sellers), (customer, for_customer)]
    for tenant, summary in sides:
        activity.record(
            tenant=tenant, act=act, action=action, about=about, summary=summary, after=after
        )
