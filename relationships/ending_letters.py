"""The letters about who serves a customer: a relationship ended, a reseller changed."""

from datetime import date

from csp_portal.shared.letters import absolute
from tenants.models import Partner, Tenant
from tenants.queries.tenants import admins_of

from .mailing import agents_of_all, mail_to_each
from .models import Relationship


def send_ended(relationship: Relationship, *, by: Tenant | None) -> None:
    """Tell the sides that did not end it, with the reason."""
    context = {"relationship": relationship, "side": by or relationship.partner.tenant}
    if by != relationship.customer:
        mail_to_each(
            admins_of(relationship.customer),
            template="relationship_ended",
            context={**context, "url": absolute("relationships:my-partner")},
        )
    partners = (relationship.partner, relationship.reseller)
    told = [partner for partner in partners if partner is not None and partner.tenant != by]
    mail_to_each(
        agents_of_all(told),
        template="relationship_ended",
        context={**context, "url": absolute("home:customers")},
    )


def send_reseller_changed(
    relationship: Relationship, *, before: Partner | None, after: Partner | None, on: date
) -> None:
    """Tell the customer and both resellers who bills and supports, before and from the day on."""
    context = {
        "relationship": relationship,
        "before": before or relationship.partner,
        "after": after or relationship.partner,
        "day": on,
    }
    mail_to_each(
        admins_of(relationship.customer),
        template="reseller_changed",
        context={**context, "url": absolute("relationships:my-partner")},
    )
    mail_to_each(
        agents_of_all((before, after)),
        template="reseller_changed",
        context={**context, "url": absolute("home:customers")},
    )
