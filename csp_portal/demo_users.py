"""The demo's users: Northwind's people with their licences, and what its partner did there."""

from datetime import date, timedelta
from itertools import product

from allauth.account.models import EmailAddress

from csp_portal.demo_people import Cast, moment
from relationships.domain.agreements import Side
from relationships.services import agreements
from subscriptions.models import LicenceAssignment, Subscription
from subscriptions.services import licences, users
from tenants.acts import Act
from tenants.models import Membership, User
from tenants.roles import Role
from tenants.services import people

FIRST_NAMES = (
    "Amir Britta Chiara Daniel Elif Farid Greta Hanno Ines Jonas Katja Lars Miriam Nils Oksana "
    "Paul Renate"
).split()
LAST_NAMES = ("Brandt", "Demir", "Novotny")


def users_and_licences(cast: Cast, today: date) -> None:
    """Give every assigned seat of Northwind's CSP subscriptions to somebody by name."""
    staff = _staff(cast, today)
    for sold in Subscription.objects.csp().of_tenant(cast.northwind).order_by("id"):
        LicenceAssignment.objects.bulk_create(
            LicenceAssignment(
                subscription=sold,
                membership=member,
                assigned_at=moment(max(sold.starts_on, today - timedelta(days=200))),
                assigned_by=cast.carl,
            )
            for member in staff[: sold.assigned_seats]
        )
    _a_day_of_the_helpdesk(cast, staff, today)
    agreements.give_notice(
        partner=cast.tailspin,
        side=Side.VENDOR,
        note="The programme has new conditions from September.",
        act=Act.of_the_portal(at=moment(today), on=today),
    )


def _staff(cast: Cast, today: date) -> list[Membership]:
    """Return Northwind's people: those with a name in the demo, then 51 more."""
    since = moment(today - timedelta(days=240))
    created = User.objects.bulk_create(
        User(
            email=f"{first}.{last}@northwind.example".lower(),
            first_name=first,
            last_name=last,
            password="!",  # noqa: S106 -- no password: nobody signs in as them
            date_joined=since,
        )
        for last, first in product(LAST_NAMES, FIRST_NAMES)
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in created
    )
    Membership.objects.bulk_create(
        Membership(user=user, tenant=cast.northwind, roles=[Role.MEMBER.value]) for user in created
    )
    return list(
        Membership.objects.filter(tenant=cast.northwind).select_related("user").order_by("pk")
    )


def _a_day_of_the_helpdesk(cast: Cast, staff: list[Membership], today: date) -> None:
    """Helen helps, Ada tidies up: what Northwind reads under “What your partner did”."""
    helen = User.objects.get(email="helen@fabrikam.example")
    yesterday = today - timedelta(days=1)
    by_helen, by_ada = (
        Act(by=by, organisation=cast.fabrikam.tenant, at=moment(yesterday, hour), on=yesterday)
        for by, hour in ((helen, 10), (cast.ada, 9))
    )
    leaver, joiner = staff[-1], "yusuf.aydin@northwind.example"
    users.disable_user(membership=leaver, act=by_ada)
    made = users.create_user(
        tenant=cast.northwind, email=joiner, name="Yusuf Aydin", roles=[Role.MEMBER], act=by_helen
    )
    for sold in Subscription.objects.live().sold_by(cast.fabrikam).of_tenant(cast.northwind):
        if sold.title == "Business Premium":
            licences.assign(subscription=sold, membership=made, act=by_helen)
    people.reset_password(membership=staff[5], act=by_helen)
