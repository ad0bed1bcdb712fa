"""Giving seats to people: the services, and what the database refuses."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from subscriptions.models import LicenceAssignment, Subscription
from subscriptions.services import licences, lifecycle, moving, users
from subscriptions.services.errors import NotInThatState, SeatsBelowAssigned
from tenants.acts import Act
from tenants.models import Activity, Membership
from tests import make
from tests.billing.selling import list_prices, sell
from tests.world import World


@pytest.fixture
def premium(world: World) -> Subscription:
    """2 seats of Business Premium of Northwind, sold by Fabrikam."""
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    return sell(world, seats=2)


def member(world: World, name: str) -> Membership:
    return Membership.objects.get(user=getattr(world, name))


@transaction.atomic
def resell(world: World, subscription: Subscription) -> Subscription:
    """Move it to Fabrikam's chain with Tailspin as its reseller of record."""
    left = moving.move_out(base=subscription, act=world.act())
    (moved,) = moving.move_in(
        left=left, partner=world.fabrikam, reseller=world.tailspin, act=world.act()
    )
    return moved.new


def assigned(subscription: Subscription) -> tuple[int, int]:
    """Return the number that counts, and how many names there are."""
    subscription.refresh_from_db()
    return subscription.assigned_seats, subscription.licences.count()


def test_a_seat_is_given_and_taken_back(world: World, premium: Subscription) -> None:
    mia = member(world, "mia")

    licences.assign(subscription=premium, membership=mia, act=world.act(world.helen))
    assert assigned(premium) == (1, 1)
    licences.unassign(subscription=premium, membership=mia, act=world.act(world.helen))
    assert assigned(premium) == (0, 0)


def test_never_more_than_there_are_seats(world: World, premium: Subscription) -> None:
    for name in ("carl", "bea"):
        licences.assign(subscription=premium, membership=member(world, name), act=world.act())

    with pytest.raises(licences.NoSeatFree, match="All 2 seats of Business Premium are assigned"):
        licences.assign(subscription=premium, membership=member(world, "mia"), act=world.act())

    assert assigned(premium) == (2, 2)


def test_seats_in_use_by_people_we_do_not_know_count(world: World, premium: Subscription) -> None:
    Subscription.objects.filter(pk=premium.pk).update(assigned_seats=2)

    with pytest.raises(licences.NoSeatFree):
        licences.assign(subscription=premium, membership=member(world, "mia"), act=world.act())


def test_seats_cannot_go_below_the_licences(world: World, premium: Subscription) -> None:
    for name in ("carl", "bea"):
        licences.assign(subscription=premium, membership=member(world, name), act=world.act())

    with pytest.raises(SeatsBelowAssigned):
        lifecycle.change_seats(subscription=premium, seats=1, act=world.act())


def test_one_licence_a_person(world: World, premium: Subscription) -> None:
    mia = member(world, "mia")
    licences.assign(subscription=premium, membership=mia, act=world.act())

    with pytest.raises(licences.AlreadyLicensed):
        licences.assign(subscription=premium, membership=mia, act=world.act())
    licences.unassign(subscription=premium, membership=mia, act=world.act())
    with pytest.raises(licences.NotLicensed):
        licences.unassign(subscription=premium, membership=mia, act=world.act())


def test_nobody_gets_a_licence_of_what_is_suspended(world: World, premium: Subscription) -> None:
    lifecycle.suspend(subscription=premium, act=world.act())

    with pytest.raises(NotInThatState, match="its licences cannot be assigned"):
        licences.assign(subscription=premium, membership=member(world, "mia"), act=world.act())


def test_people_of_other_organisations_get_none(world: World, premium: Subscription) -> None:
    with pytest.raises(licences.NotOfThisTenant):
        licences.assign(subscription=premium, membership=member(world, "tom"), act=world.act())


def test_each_act_is_in_both_logs_with_person_and_organisation(
    world: World, premium: Subscription
) -> None:
    before = Activity.objects.order_by("id").last()
    assert before is not None

    licences.assign(
        subscription=premium, membership=member(world, "mia"), act=world.act(world.helen)
    )

    logged = Activity.objects.filter(pk__gt=before.pk).order_by("pk")
    assert [(a.tenant, a.action, a.summary, a.by, a.acting_for) for a in logged] == [
        (
            world.fabrikam.tenant,
            "customer.licence_assigned",
            "assigned Business Premium to Mia Sato (Northwind Traders)",
            world.helen,
            world.fabrikam.tenant,
        ),
        (
            world.northwind,
            "licence.assigned",
            "assigned Business Premium to Mia Sato",
            world.helen,
            world.fabrikam.tenant,
        ),
    ]


def test_a_tenant_admin_assigns_licences_of_all_channels(world: World) -> None:
    direct = make.other_channel(world.northwind, "direct", "Office Suite E3", seats=1)

    licences.assign(subscription=direct, membership=member(world, "mia"), act=world.act(world.carl))

    assert assigned(direct) == (1, 1)


def test_a_partner_assigns_only_what_it_sold(world: World, premium: Subscription) -> None:
    direct = make.other_channel(world.northwind, "direct", "Office Suite E3", seats=1)
    mia = member(world, "mia")

    with pytest.raises(licences.NotYoursToAssign, match="You did not sell Office Suite E3"):
        licences.assign(subscription=direct, membership=mia, act=world.act())
    with pytest.raises(licences.NotYoursToAssign):
        licences.assign(subscription=premium, membership=mia, act=world.act(world.nora))


def test_the_reseller_of_record_assigns_too(world: World, premium: Subscription) -> None:
    resold = resell(world, premium)

    licences.assign(subscription=resold, membership=member(world, "mia"), act=world.act(world.nora))

    assert assigned(resold) == (1, 1)


def test_disabling_frees_the_seats(world: World, premium: Subscription) -> None:
    mia = member(world, "mia")
    licences.assign(subscription=premium, membership=mia, act=world.act())

    freed = users.disable_user(membership=mia, act=world.act())

    assert freed == 1
    assert assigned(premium) == (0, 0)
    with pytest.raises(licences.PersonIsDisabled):
        licences.assign(subscription=premium, membership=mia, act=world.act())


def test_licences_move_with_the_seats(world: World, premium: Subscription) -> None:
    licences.assign(subscription=premium, membership=member(world, "mia"), act=world.act())
    premium.refresh_from_db()

    moved = resell(world, premium)

    assert LicenceAssignment.objects.get().subscription == moved
    assert assigned(moved) == (1, 1)


def refused_by(change: Callable[[], object]) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        change()
    cause = refused.value.__cause__
    return str(cause.diag.constraint_name)  # type: ignore[union-attr]


def test_the_database_refuses_more_names_than_assigned_seats(
    world: World, premium: Subscription
) -> None:
    mia, bea = member(world, "mia"), member(world, "bea")
    licences.assign(subscription=premium, membership=mia, act=world.act())
    act: Act = world.act()

    assert (
        refused_by(
            lambda: LicenceAssignment.objects.create(
                subscription=premium, membership=bea, assigned_at=act.at
            )
        )
        == "subscriptions_licences_within_assigned"
    )
    assert (
        refused_by(lambda: Subscription.objects.filter(pk=premium.pk).update(assigned_seats=0))
        == "subscriptions_licences_within_assigned"
    )


def test_the_database_refuses_licences_across_tenants(world: World, premium: Subscription) -> None:
    Subscription.objects.filter(pk=premium.pk).update(assigned_seats=1)
    tom, act = member(world, "tom"), world.act()

    assert (
        refused_by(
            lambda: LicenceAssignment.objects.create(
                subscription=premium, membership=tom, assigned_at=act.at
            )
        )
        == "subscriptions_licence_in_its_tenant"
    )
