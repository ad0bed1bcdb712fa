"""What races for a customer share: four partners, their invitations, and who got whom."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from django.db import connection

from csp_portal.shared.tokens import hash_token
from relationships.models import Invitation
from tenants.models import Partner, Tenant, User
from tenants.roles import Role
from tests import make
from tests.races import NOON
from tests.world import TODAY

INVITATIONS = 4  # of four partners; two threads for each


def four_partners() -> list[tuple[Partner, User]]:
    partners = []
    for n in range(INVITATIONS):
        partner = make.partner(f"Partner {n}", domain=f"partner{n}.example", mpn_id=f"47110{n}")
        partners.append((partner, make.member("ada", partner.tenant, Role.ADMIN_AGENT)))
    return partners


def invitations_for(
    tenants: Sequence[Tenant], partners: Sequence[tuple[Partner, User]]
) -> list[list[Invitation]]:
    """Return, for each tenant, one open invitation of each partner."""
    rows = Invitation.objects.bulk_create(
        Invitation(
            partner=partner,
            token_hash=hash_token(f"{tenant.pk}/{partner.pk}"),
            has_delegated_admin=True,
            created_at=NOON,
            created_by=seller,
            expires_on=TODAY + timedelta(days=30),
        )
        for tenant in tenants
        for partner, seller in partners
    )
    return [rows[n : n + len(partners)] for n in range(0, len(rows), len(partners))]


def partners_per_customer() -> Counter[int]:
    """Return how many customers have how many active partners."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT partners, count(*) FROM (SELECT count(r.id) AS partners "
            "  FROM tenants_tenant t LEFT JOIN relationships_relationship r "
            "    ON r.customer_id = t.id AND r.ended_on IS NULL "
            "  WHERE t.domain LIKE 'customer%%' GROUP BY t.id) x GROUP BY partners"
        )
        return Counter(dict(cursor.fetchall()))
