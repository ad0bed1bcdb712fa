"""The operators' policy on several CSP partners per customer (R7)."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from billing.services.transfers import carry_out
from relationships.models import Invitation, PartnerPolicy, Relationship, Transfer
from relationships.queries.policy import most_partners
from relationships.queries.relationships import active_relationships
from relationships.services import invitations
from relationships.services.policy import BelowTodaysUse, set_most_partners
from tenants.models import Activity, User
from tests import make
from tests.conftest import Browser
from tests.two_tier import two_tier
from tests.world import TODAY, World

from .transferring import approved

SignIn = Callable[[User], Browser]


@pytest.fixture
def olga(db: None) -> User:
    return User.objects.create_superuser("olga@vendor.example", make.PASSWORD)


def accept(world: World, partner: str = "fabrikam") -> Relationship:
    inviting, seller = {
        "fabrikam": (world.fabrikam, world.ada),
        "tailspin": (world.tailspin, world.nora),
    }[partner]
    invitation, _ = invitations.invite(
        partner=inviting, has_delegated_admin=True, act=world.act(seller)
    )
    return invitations.accept(
        invitation=invitation, tenant=world.northwind, act=world.act(world.carl)
    )


def test_one_partner_is_the_policy_until_operators_say_otherwise(world: World) -> None:
    accept(world)

    assert most_partners() == 1
    with pytest.raises(invitations.TenantAlreadyManaged):
        accept(world, "tailspin")


def test_with_two_allowed_a_second_partner_takes_the_second_place(world: World) -> None:
    set_most_partners(most_partners=2, act=world.act())
    first = accept(world)

    second = accept(world, "tailspin")

    assert (first.slot, second.slot) == (1, 2)
    assert list(active_relationships(world.northwind)) == [first, second]
    assert active_relationships(world.northwind).involving(world.tailspin).get() == second


def test_one_of_two_partners_takes_over_from_the_other(world: World) -> None:
    set_most_partners(most_partners=2, act=world.act())
    first, second = accept(world), accept(world, "tailspin")
    transfer = approved(world, day=TODAY)

    carry_out(transfer=transfer, act=world.act())

    assert list(active_relationships(world.northwind)) == [second]
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.ended_on, second.slot) == (TODAY, 1)


def test_who_has_two_partners_says_which_is_replaced(world: World, sign_in: SignIn) -> None:
    set_most_partners(most_partners=2, act=world.act())
    first, second = accept(world), accept(world, "tailspin")
    tiers = two_tier(world)
    _invitation, token = invitations.invite(
        partner=tiers.wingtip,
        kind=Invitation.Kind.REPLACEMENT,
        has_delegated_admin=True,
        act=world.act(tiers.wes),
    )
    carl = sign_in(world.carl)

    page = carl.get(f"/i/{token}/", follow=True).content.decode()
    carl.post(
        reverse("relationships:request-transfer"),
        {"relationship": str(second.pk), "takes_effect_on": TODAY.isoformat()},
    )

    assert "What the partner you choose below sold you moves over" in page
    assert Transfer.objects.get().relationship == second
    assert not Transfer.objects.filter(relationship=first).exists()


def test_the_same_partner_takes_one_place_only(world: World) -> None:
    set_most_partners(most_partners=2, act=world.act())
    accept(world)

    with pytest.raises(invitations.TenantAlreadyManaged) as caught:
        accept(world)

    assert caught.value.partner == world.fabrikam
    with pytest.raises(DatabaseError, match="relationships_one_active_per_partner_and_customer"):
        make.relationship(world.fabrikam, world.northwind, slot=2)


def test_lowering_below_todays_use_is_refused_with_the_list(world: World) -> None:
    set_most_partners(most_partners=2, act=world.act())
    accept(world)
    accept(world, "tailspin")

    with pytest.raises(BelowTodaysUse, match=r"Northwind Traders \(northwind.example\)") as caught:
        set_most_partners(most_partners=1, act=world.act())

    assert caught.value.customers == [world.northwind]
    assert most_partners() == 2


def test_the_database_refuses_it_too(world: World) -> None:
    set_most_partners(most_partners=2, act=world.act())
    accept(world)
    accept(world, "tailspin")

    with (
        transaction.atomic(),
        pytest.raises(DatabaseError, match="relationships_policy_not_below_use"),
    ):
        PartnerPolicy.objects.update(most_partners=1)


def test_the_database_refuses_a_partner_beyond_the_policy(world: World) -> None:
    with pytest.raises(DatabaseError, match="relationships_partners_within_policy"):
        make.relationship(world.fabrikam, world.northwind, slot=2)


def test_an_operator_sets_the_policy_and_it_is_logged(
    world: World, olga: User, sign_in: SignIn
) -> None:
    browser = sign_in(olga)

    browser.post(reverse("admin:relationships_partnerpolicy_add"), {"most_partners": "3"})

    assert most_partners() == 3
    entry = Activity.objects.get(tenant=world.cirrus, action="policy.partners")
    assert entry.summary == "CSP partners per customer, at most: 1 → 3"
    assert entry.by == olga


def test_the_operators_page_lists_the_customers_that_have_more(
    world: World, olga: User, sign_in: SignIn
) -> None:
    set_most_partners(most_partners=2, act=world.act())
    accept(world)
    accept(world, "tailspin")

    page = sign_in(olga).post(
        reverse("admin:relationships_partnerpolicy_change", args=[1]),
        {"most_partners": "1"},
        follow=True,
    )

    assert "1 customer has more than 1: Northwind Traders (northwind.example)" in (
        page.content.decode()
    )
    assert most_partners() == 2


def test_the_customer_sees_both_partners(world: World, sign_in: SignIn) -> None:
    set_most_partners(most_partners=2, act=world.act())
    accept(world)
    accept(world, "tailspin")

    browser = sign_in(world.carl)

    for url in ("relationships:my-partner", "home:home"):
        page = browser.get(reverse(url)).content.decode()
        assert "Fabrikam Cloud" in page
        assert "Tailspin Partners" in page
    mine = browser.get(reverse("relationships:my-partner")).content.decode()
    assert "You can have several CSP partners." in mine
    assert mine.count("<h1>") == 1
    assert mine.index("<h1>CSP partners</h1>") < mine.index("<h2>Fabrikam Cloud</h2>")
