"""How many CSP partners a customer may have: the operators' setting (R7)."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from csp_portal.shared.violations import broken_constraint
from tenants.acts import Act
from tenants.models import Tenant
from tenants.services import activity

from ..models import PartnerPolicy
from ..queries.policy import customers_beyond, most_partners

NAMED = 20


class BelowTodaysUse(Exception):
    """Some customers have more CSP partners than the new limit; `customers` names them."""

    def __init__(self, limit: int, customers: list[Tenant], count: int) -> None:
        names = ", ".join(f"{tenant.name} ({tenant.domain})" for tenant in customers)
        if count > len(customers):
            names = _("%(names)s and %(more)d more") % {
                "names": names,
                "more": count - len(customers),
            }
        super().__init__(
            ngettext(
                "%(count)d customer has more than %(limit)d: %(names)s. End or move a "
                "relationship of it first.",
                "%(count)d customers have more than %(limit)d: %(names)s. End or move a "
                "relationship of each first.",
                count,
            )
            % {"count": count, "limit": limit, "names": names}
        )
        self.customers = customers


@transaction.atomic
def set_most_partners(*, most_partners: int, act: Act) -> PartnerPolicy:
    """
    Let a customer have that many CSP partners at once.

    :raises BelowTodaysUse: if a customer has more; nothing is changed then
    """
    before = _most_partners_locked()
    try:
        with transaction.atomic():
            policy, _made = PartnerPolicy.objects.update_or_create(
                id=PartnerPolicy.ONLY,
                defaults={
                    "most_partners": most_partners,
                    "changed_at": act.at,
                    "changed_by": act.by,
                },
            )
    except IntegrityError as error:
        if broken_constraint(error) != "relationships_policy_not_below_use":
            raise
        beyond = customers_beyond(most_partners)
        raise BelowTodaysUse(most_partners, list(beyond[:NAMED]), beyond.count()) from error
    activity.record(
        tenant=Tenant.objects.vendor(),
        act=act,
        action="policy.partners",
        about="partner policy",
        summary=f"CSP partners per customer, at most: {before} → {most_partners}",
        before={"most_partners": before},
        after={"most_partners": most_partners},
    )
    return policy


def _most_partners_locked() -> int:
    """Lock the row, if there is one: relationships being made are waited for."""
    list(PartnerPolicy.objects.select_for_update().values_list("pk"))
    return most_partners()
