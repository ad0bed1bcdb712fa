"""Whether a partner may order for a customer today, as pages say it before the click."""

from datetime import date

from relationships.services.standing import SellingRefused, selling_refusal
from tenants.models import Partner, Tenant

from ..models import Subscription


def is_first_order(*, partner: Partner, tenant: Tenant) -> bool:
    """Tell whether the partner has ordered nothing for it: what moved there was not ordered."""
    ordered = Subscription.objects.sold_by(partner).of_tenant(tenant).filter(moved_from=None)
    return not ordered.exists()


def order_refusal(*, partner: Partner, tenant: Tenant, on: date) -> SellingRefused | None:
    """Return what would stop a new order for `tenant`, whatever it is for."""
    return selling_refusal(
        partner=partner,
        customer=tenant,
        on=on,
        is_first_order=is_first_order(partner=partner, tenant=tenant),
    )
