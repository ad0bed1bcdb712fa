from datetime import date

import pytest

from csp_portal.shared.dates import Period
from subscriptions.models import Subscription
from subscriptions.services import errors, lifecycle
from tenants.models import Activity, Tenant

from .. import make
from ..world import World
from .conftest import START, House, facts, terms


def test_an_order_starts_a_term_of_a_year_with_one_fact(house: House) -> None:
    subscription = house.order(10)

    subscription.refresh_from_db()
    assert (subscription.channel, subscription.state, subscription.seats) == ("csp", "active", 10)
    assert (subscription.starts_on, subscription.ends_on) == (START, date(2027, 3, 14))
    assert subscription.partner == house.world.fabrikam
    assert terms(subscription) == [(1, START, START, date(2027, 3, 14), 0, 10)]
    assert facts(subscription) == [("ordered", START, 0, 10, 10)]


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        (date(2026, 1, 31), "P1M", date(2026, 2, 28)),
        (date(2028, 2, 29), "P1Y", date(2029, 2, 28)),
        (date(2028, 1, 30), "P1M", date(2028, 2, 29)),
    ],
)
def test_a_term_ends_on_the_same_day_or_the_months_last(
    house: House, start: date, duration: str, end: date
) -> None:
    subscription = house.order(duration=duration, on=start)

    assert Period(subscription.starts_on, subscription.ends_on) == Period(start, end)


def test_both_organisations_have_it_in_their_log(house: House) -> None:
    subscription = house.order(10)

    logged = Activity.objects.filter(about=str(subscription.public_id)).order_by("tenant_id")
    assert [(a.tenant, a.action, a.by, a.acting_for, a.summary) for a in logged] == [
        (
            tenant,
            "subscription.ordered",
            house.world.ada,
            house.world.fabrikam.tenant,
            "Business Premium: 10 seats ordered, until 2027-03-13",
        )
        for tenant in (house.world.fabrikam.tenant, house.world.northwind)
    ]


def test_a_partner_without_an_active_relationship_provisions_nothing(house: House) -> None:
    with pytest.raises(errors.NoActiveRelationship):
        lifecycle.provision(
            partner=house.world.tailspin,
            tenant=house.world.northwind,
            offer=house.world.premium,
            seats=10,
            duration="P1Y",
            act=house.world.act(house.world.nora),
        )

    assert not Subscription.objects.exists()


def test_a_relationship_that_has_ended_is_none(world: World) -> None:
    relationship = make.relationship(world.fabrikam, world.northwind)
    relationship.ended_on = date(2026, 3, 1)
    relationship.save(update_fields=["ended_on"])

    with pytest.raises(errors.NoActiveRelationship):
        House(world).order()


def test_a_syndication_tenant_takes_no_csp_subscription(world: World) -> None:
    make.other_channel(world.woodgrove, "syndication", "Business Basic")

    with pytest.raises(errors.TenantIsSyndicated):
        lifecycle.provision(
            partner=world.fabrikam,
            tenant=world.woodgrove,
            offer=world.premium,
            seats=10,
            duration="P1Y",
            act=world.act(),
        )


@pytest.mark.parametrize(
    "fields", [{"state": "draft"}, {"state": "withdrawn"}, {"is_trial": True}], ids=str
)
def test_drafts_withdrawn_offers_and_trials_are_not_for_sale(
    house: House, fields: dict[str, object]
) -> None:
    offer = make.offer("Visio Plan 2", "CFQ7TTC0HD32:0001", **fields)

    with pytest.raises(errors.NotForSale, match=r"^Visio Plan 2 cannot be ordered through CSP\.$"):
        house.order(offer=offer)


@pytest.mark.parametrize("seats", [-1, 0, 4, 301])
def test_seats_keep_to_the_offers_limits(house: House, seats: int) -> None:
    offer = make.offer("Business Basic", "CFQ7TTC0LH18:0001", seat_minimum=5, seat_maximum=300)

    with pytest.raises(errors.SeatsOutOfRange, match=r"^Choose between 5 and 300 seats\.$"):
        house.order(seats, offer=offer)


def test_an_add_on_ends_with_its_base_and_counts_its_periods_from_the_bases_start(
    house: House,
) -> None:
    base = house.order(10)

    add_on = house.order(4, base=base, on=date(2026, 11, 22))

    assert add_on.base == base
    assert terms(add_on) == [(1, START, date(2026, 11, 22), date(2027, 3, 14), 0, 4)]
    assert facts(add_on) == [("ordered", date(2026, 11, 22), 0, 4, 4)]


def test_an_add_on_needs_a_base(house: House) -> None:
    with pytest.raises(errors.AddOnNeedsBase):
        house.order(offer=house.world.phone)


def test_what_is_no_add_on_takes_no_base(house: House) -> None:
    base = house.order()

    with pytest.raises(errors.AddOnNeedsBase, match=r"^Business Premium is not an add-on\.$"):
        house.order(offer=house.world.premium, base=base)


def test_the_base_must_be_active(house: House) -> None:
    base = house.order()
    lifecycle.suspend(subscription=base, act=house.world.act())

    with pytest.raises(errors.AddOnNeedsBase, match=r"^Business Premium is not active\.$"):
        house.order(base=base, on=date(2026, 11, 22))


def test_the_base_must_be_of_the_same_tenant_and_partner(house: House) -> None:
    make.relationship(house.world.tailspin, house.world.contoso)
    elsewhere = lifecycle.provision(
        partner=house.world.tailspin,
        tenant=house.world.contoso,
        offer=house.world.premium,
        seats=1,
        duration="P1Y",
        act=house.world.act(house.world.nora, on=START),
    ).term.subscription

    with pytest.raises(errors.AddOnNeedsBase):
        house.order(base=elsewhere)


def test_a_subscription_of_another_channel_is_no_base(house: House) -> None:
    direct = make.other_channel(house.world.northwind, "direct", "Business Premium")

    with pytest.raises(errors.AddOnNeedsBase):
        house.order(base=direct)


def test_an_add_on_has_no_add_ons(house: House) -> None:
    add_on = house.order(base=house.order())

    with pytest.raises(errors.AddOnNeedsBase):
        house.order(base=add_on)


def test_an_offer_may_name_the_bases_it_fits(house: House) -> None:
    house.world.phone.add_on_to.add(make.offer("Enterprise E3", "CFQ7TTC0LFLX:0001"))

    with pytest.raises(
        errors.AddOnNeedsBase,
        match=r"^Teams Phone Standard cannot be added to Business Premium\.$",
    ):
        house.order(base=house.order())


def test_an_add_on_has_the_duration_of_its_base(house: House) -> None:
    base = house.order(duration="P1M")

    with pytest.raises(errors.AddOnNeedsBase, match=r"^An add-on has the term of its base: 1 mo"):
        house.order(base=base, duration="P1Y")


def test_an_add_on_cannot_begin_after_its_bases_term(house: House) -> None:
    base = house.order()

    with pytest.raises(errors.NoRunningTerm):
        house.order(base=base, on=date(2027, 3, 14))


def test_a_refused_order_leaves_no_trace(house: House) -> None:
    before = Activity.objects.count()

    with pytest.raises(errors.SeatsOutOfRange):
        house.order(0)

    assert (Subscription.objects.count(), Activity.objects.count()) == (0, before)
    assert Tenant.objects.get(pk=house.world.northwind.pk).exclusive_channel == "csp"
