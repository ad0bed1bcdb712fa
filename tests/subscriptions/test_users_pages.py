"""The pages about users: who may do what, at home and by delegated admin."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from relationships.models import Relationship
from subscriptions.models import Subscription
from subscriptions.services import licences, lifecycle, users
from tenants.models import Activity, Membership, User
from tenants.roles import Role
from tenants.services import people
from tests import make
from tests.billing.selling import list_prices, sell
from tests.home.reading import queries
from tests.world import TODAY, World

SignIn = Callable[[User], Client]


@pytest.fixture
def premium(world: World) -> Subscription:
    """2 seats of Business Premium of Northwind, sold by Fabrikam with delegated admin."""
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    return sell(world, seats=2)


def member(world: World, name: str) -> Membership:
    return Membership.objects.get(user=getattr(world, name))


def there(world: World, name: str, who: str = "") -> str:
    """Return a page about Northwind's users, as its partner opens it."""
    args = [world.northwind.public_id, *([member(world, who).public_id] if who else [])]
    return reverse(f"subscriptions:{name}", args=args)


def at_home(world: World, name: str, who: str = "") -> str:
    return reverse(f"subscriptions:own-{name}", args=[member(world, who).public_id] if who else [])


NEW = {"name": "Lena Vogel", "email": "lena@northwind.example", "language": "en"}


@pytest.mark.usefixtures("premium")
def test_the_helpdesk_adds_a_member_and_gives_a_licence(world: World, sign_in: SignIn) -> None:
    helen = sign_in(world.helen)

    made = helen.post(there(world, "new-user"), NEW | {"roles": ["tenant_admin"]}, follow=True)

    assert "Lena Vogel was added and gets a letter" in made.text
    lena = Membership.objects.get(user__email="lena@northwind.example")
    assert lena.role_names == "Member"  # whatever was sent along
    (letter,) = mail.outbox
    assert letter.subject == "Your account at Northwind Traders"
    assert "Fabrikam Cloud has added you to Northwind Traders" in str(letter.body)
    assert "/accounts/password/reset/key/" in str(letter.body)

    path = reverse("subscriptions:user-licences", args=[world.northwind.public_id, lena.public_id])
    premium = Subscription.objects.get()
    given = helen.post(path, {"licences": [premium.public_id]}, follow=True)
    assert "Licences: 1 assigned, 0 taken back." in given.text
    assert lena.licences.get().subscription == premium
    taken = helen.post(path, {}, follow=True)
    assert "Licences: 0 assigned, 1 taken back." in taken.text


@pytest.mark.usefixtures("premium")
def test_only_addresses_of_the_tenants_own_domain(world: World, sign_in: SignIn) -> None:
    answer = sign_in(world.ada).post(
        there(world, "new-user"),
        NEW | {"email": "ada@fabrikam.example", "roles": ["tenant_admin"]},
    )

    assert "Use an address of the organisation&#x27;s own domain: northwind.example." in answer.text
    assert not Membership.objects.filter(user=world.ada, tenant=world.northwind).exists()


@pytest.mark.usefixtures("premium")
@pytest.mark.parametrize("name", ["user-password", "user-disable", "user-restore"])
def test_the_helpdesk_leaves_admins_alone(world: World, sign_in: SignIn, name: str) -> None:
    helen, before = sign_in(world.helen), Activity.objects.count()

    assert "This is an admin" in helen.get(there(world, "user", "carl")).text
    assert helen.post(there(world, name, "carl")).status_code == 403
    assert helen.post(there(world, "user-roles", "mia"), {"roles": ["member"]}).status_code == 403
    assert Activity.objects.count() == before
    assert mail.outbox == []


@pytest.mark.usefixtures("premium")
def test_the_helpdesk_sends_a_member_a_new_password(world: World, sign_in: SignIn) -> None:
    answer = sign_in(world.helen).post(there(world, "user-password", "mia"), follow=True)

    assert "Mia Sato gets a letter with a link to set a new password." in answer.text
    (letter,) = mail.outbox
    assert letter.to == ["mia@northwind.example"]
    assert "Fabrikam Cloud asked the CSP Portal to send you this link" in str(letter.body)


@pytest.mark.usefixtures("premium")
def test_what_somebody_else_changed_meanwhile_stays(
    world: World, premium: Subscription, sign_in: SignIn
) -> None:
    ada, url = sign_in(world.ada), there(world, "user-licences", "mia")
    licences.assign(
        subscription=premium, membership=member(world, "mia"), act=world.act(world.carl)
    )

    # Ada's page is older than that: no box was ticked, and she ticks none
    kept = ada.post(url, {"was": [""]}, follow=True)
    ada.post(url, {"was": ["", str(premium.public_id)]})

    assert "Licences: 0 assigned, 0 taken back." in kept.text
    premium.refresh_from_db()
    assert premium.assigned_seats == 0


def test_a_licence_that_cannot_be_given_says_why(
    world: World, premium: Subscription, sign_in: SignIn
) -> None:
    for who in ("carl", "bea"):
        licences.assign(subscription=premium, membership=member(world, who), act=world.act())
    ada = sign_in(world.ada)

    mia = ada.get(there(world, "user", "mia")).text
    carl = ada.get(there(world, "user", "carl")).text

    assert "Cannot be given: no seat is free." in mia
    assert f'value="{premium.public_id}" disabled' in mia
    assert "Cannot be given" not in carl
    lifecycle.suspend(subscription=premium, act=world.act())
    assert "Cannot be given: it is not active." in ada.get(there(world, "user", "mia")).text


@pytest.mark.usefixtures("premium")
def test_a_new_tenant_admin_takes_the_password_again(world: World, sign_in: SignIn) -> None:
    stale = Client()
    stale.force_login(world.ada)
    workspace = {"workspace": str(world.ada.memberships.get().public_id)}
    admin = NEW | {"roles": ["tenant_admin"]}

    refused = stale.post(there(world, "new-user"), admin | workspace)
    member_only = stale.post(there(world, "new-user"), NEW | {"roles": ["member"]} | workspace)
    imported = stale.post(
        there(world, "users-import"), {"text": "Email,Name\nx@northwind.example,X"} | workspace
    )

    assert "reauthenticate" in refused["Location"]
    assert "reauthenticate" not in member_only["Location"]
    assert "reauthenticate" in imported["Location"]
    assert Membership.objects.get(user__email="lena@northwind.example").role_names == "Member"
    assert not User.objects.filter(email="x@northwind.example").exists()


@pytest.mark.usefixtures("premium")
def test_what_is_wrong_with_an_address_is_said_at_the_address(
    world: World, sign_in: SignIn
) -> None:
    page = sign_in(world.ada).post(
        there(world, "new-user"), NEW | {"email": "lena@elsewhere.example", "roles": ["member"]}
    )

    assert list(page.context["form"].errors) == ["email"]
    assert 'value="Lena Vogel"' in page.text  # nothing typed is lost


@pytest.mark.usefixtures("premium")
def test_an_admin_agent_changes_roles_after_a_fresh_sign_in(world: World, sign_in: SignIn) -> None:
    ada = sign_in(world.ada)
    wanted = {"roles": ["billing_reader", "member"]}

    answer = ada.post(there(world, "user-roles", "mia"), wanted, follow=True)
    assert "Roles changed." in answer.text
    assert member(world, "mia").role_names == "Billing reader, Member"

    last = ada.post(there(world, "user-roles", "carl"), {"roles": ["member"]})
    assert "Nobody else administers the organisation. Name another admin first." in last.text
    stale = Client()
    stale.force_login(world.ada)
    workspace = {"workspace": str(member(world, "ada").public_id)}
    asked = stale.post(there(world, "user-roles", "mia"), wanted | workspace)
    assert "reauthenticate" in asked["Location"]


@pytest.mark.usefixtures("premium")
def test_disabling_and_restoring(world: World, sign_in: SignIn) -> None:
    ada = sign_in(world.ada)

    off = ada.post(there(world, "user-disable", "mia"), follow=True)
    assert "Mia Sato is disabled. Their licences are free again." in off.text
    assert "Can be restored until" in off.text
    again = ada.post(there(world, "user-disable", "mia"), follow=True)
    assert "This person is disabled. Restore them first." in again.text
    on = ada.post(there(world, "user-restore", "mia"), follow=True)
    assert "Mia Sato is back" in on.text
    last = ada.post(there(world, "user-disable", "carl"), follow=True)
    assert "Name another admin first." in last.text


@pytest.mark.usefixtures("premium")
def test_too_late_to_restore_is_said(world: World, sign_in: SignIn) -> None:
    long_ago = world.act(on=TODAY - timedelta(days=31))
    users.disable_user(membership=member(world, "mia"), act=long_ago)
    ada = sign_in(world.ada)

    assert "Disabled more than 30 days ago" in ada.get(there(world, "user", "mia")).text
    answer = ada.post(there(world, "user-restore", "mia"), follow=True)
    assert "Disabled more than 30 days ago: that cannot be undone." in answer.text


@pytest.mark.usefixtures("premium")
def test_licences_for_several_at_once_say_what_was_refused(world: World, sign_in: SignIn) -> None:
    premium = Subscription.objects.get()
    ticked = {
        "user": [member(world, name).public_id for name in ("carl", "bea", "mia")],
        "licence": premium.public_id,
    }
    ada = sign_in(world.ada)

    answer = ada.post(there(world, "users-licences"), ticked | {"do": "assign"}, follow=True)
    assert "Business Premium: assigned to 2 people." in answer.text
    assert "Mia Sato: All 2 seats of Business Premium are assigned." in answer.text
    back = ada.post(there(world, "users-licences"), ticked | {"do": "unassign"}, follow=True)
    assert "Business Premium: taken from 2 people." in back.text
    none = ada.post(there(world, "users-licences"), {"do": "assign"}, follow=True)
    assert "Tick people and choose a subscription first." in none.text


def test_without_delegated_admin_the_page_says_why(
    world: World, premium: Subscription, sign_in: SignIn
) -> None:
    Relationship.objects.update(has_delegated_admin=False)
    ada = sign_in(world.ada)

    page = ada.get(there(world, "users"))
    assert page.status_code == 200
    assert "accepted the relationship without delegated admin" in page.text
    assert "Mia" not in page.text
    assert ada.get(there(world, "user", "mia")).status_code == 403
    assert ada.post(there(world, "user-password", "mia")).status_code == 403
    assert ada.get(there(world, "new-user")).status_code == 403


@pytest.mark.usefixtures("premium")
def test_the_tenant_admin_keeps_its_own_users(world: World, sign_in: SignIn) -> None:
    carl = sign_in(world.carl)
    direct = make.other_channel(world.northwind, "direct", "Office Suite E3", seats=5)

    assert "Mia Sato" in carl.get(at_home(world, "users")).text
    made = carl.post(at_home(world, "new-user"), NEW | {"roles": ["billing_reader"]}, follow=True)
    assert "Lena Vogel was added" in made.text
    ids = [direct.public_id, Subscription.objects.get(channel="csp").public_id]
    path = at_home(world, "user-licences", "mia")
    given = carl.post(path, {"licences": ids}, follow=True)
    assert "Licences: 2 assigned, 0 taken back." in given.text
    assert (
        "Roles changed."
        in (
            carl.post(at_home(world, "user-roles", "mia"), {"roles": ["tenant_admin"]}, follow=True)
        ).text
    )
    # now there are two admins, and the first may go
    assert "is disabled" in carl.post(at_home(world, "user-disable", "bea"), follow=True).text


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("ada", 200),
        ("helen", 200),
        ("sam", 403),
        ("gita", 403),
        ("nora", 404),
        ("carl", 403),
        ("bea", 403),
        ("mia", 403),
    ],
)
@pytest.mark.usefixtures("premium")
def test_who_opens_a_customers_users(world: World, sign_in: SignIn, who: str, code: int) -> None:
    browser = sign_in(getattr(world, who))

    for path in (there(world, "users"), there(world, "user", "mia"), there(world, "new-user")):
        assert browser.get(path).status_code == code, path
    if code != 200:
        for name in ("user-password", "user-disable", "user-restore", "user-licences"):
            assert browser.post(there(world, name, "mia")).status_code == code, name


@pytest.mark.parametrize(
    ("who", "code"),
    [("carl", 200), ("bea", 403), ("mia", 403), ("ada", 403), ("helen", 403), ("gita", 403)],
)
def test_who_opens_the_own_users(world: World, sign_in: SignIn, who: str, code: int) -> None:
    browser = sign_in(getattr(world, who))

    for path in (at_home(world, "users"), at_home(world, "new-user")):
        assert browser.get(path).status_code == code, path


@pytest.mark.usefixtures("premium")
def test_people_of_others_are_not_found(world: World, sign_in: SignIn) -> None:
    ada, carl = sign_in(world.ada), sign_in(world.carl)
    for name in ("tom", "gita", "nora"):
        assert ada.get(there(world, "user", name)).status_code == 404
        assert carl.get(at_home(world, "user", name)).status_code == 404
        assert carl.post(at_home(world, "user-disable", name)).status_code == 404


def test_a_member_sees_its_own_licences(
    world: World, premium: Subscription, sign_in: SignIn
) -> None:
    mia = sign_in(world.mia)
    assert "You have no licence yet" in mia.get(reverse("subscriptions:my-licences")).text

    sign_in(world.carl).post(
        at_home(world, "user-licences", "mia"), {"licences": [premium.public_id]}
    )

    for path in (reverse("subscriptions:my-licences"), "/"):
        page = mia.get(path)
        assert "Business Premium" in page.text
        assert "Fabrikam Cloud" in page.text  # who supports it


@pytest.mark.usefixtures("premium")
def test_the_customer_reads_what_its_partner_did(world: World, sign_in: SignIn) -> None:
    people.reset_password(membership=member(world, "mia"), act=world.act(world.helen))
    people.reset_password(membership=member(world, "bea"), act=world.act(world.carl))

    page = sign_in(world.carl).get(reverse("tenants:activity") + "?who=partner")

    assert "sent Mia Sato a link to set a new password" in page.text
    assert "Helen Marsh" in page.text
    assert "sent Bea Fischer a link" not in page.text
    theirs = sign_in(world.ada).get(
        reverse("home:customer-activity", args=[world.northwind.public_id])
    )
    assert "sent Mia Sato a link to set a new password" in theirs.text
    assert "sent Bea Fischer" not in theirs.text


@pytest.mark.usefixtures("premium")
def test_the_list_takes_as_many_queries_for_three_people_as_for_thirty(
    world: World, sign_in: SignIn
) -> None:
    ada, path = sign_in(world.ada), there(world, "users")
    few = queries(ada, path)
    for n in range(27):
        make.member(f"worker{n}", world.northwind, Role.MEMBER)

    assert queries(ada, path) == few <= 12
