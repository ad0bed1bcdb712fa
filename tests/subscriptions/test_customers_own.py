"""What a customer bought from the vendor: it alone writes to it, by page, service or database."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from subscriptions.models import SeatChange, Subscription
from subscriptions.services import errors, lifecycle
from subscriptions.services.owners import owning_path

from .. import make
from ..world import TODAY, World
from .conftest import House, facts, terms
from .test_other_channels import APP, as_role, refusal

FACT = """
INSERT INTO subscriptions_seatchange (public_id, term_id, kind, effective_on, seats_before,
  seats_after, billable_delta, reason, recorded_at, acting_for_id)
SELECT gen_random_uuid(), id, 'seats', '2026-11-22', 10, 11, 1, '', now(), {acting_for}
FROM subscriptions_term WHERE subscription_id = {subscription}"""
EVERY_VERB = {
    "seats": lambda s, act: lifecycle.change_seats(subscription=s, seats=99, act=act),
    "suspend": lambda s, act: lifecycle.suspend(subscription=s, act=act),
    "cancel": lambda s, act: lifecycle.cancel(subscription=s, act=act),
    "auto renew": lambda s, act: lifecycle.set_auto_renew(subscription=s, is_on=False, act=act),
    "renew": lambda s, act: lifecycle.renew(subscription=s, act=act),
    "expire": lambda s, act: lifecycle.expire(subscription=s, act=act),
}


@pytest.fixture
def direct(world: World) -> Subscription:
    return bought(world)


def bought(world: World, *, seats: int = 10, on: date = TODAY, advised: bool = False):  # type: ignore[no-untyped-def]  # noqa: ANN201 -- a test's own helper
    change = lifecycle.buy(
        tenant=world.northwind,
        offer=world.premium,
        seats=seats,
        duration="P1Y",
        partner_of_record=world.tailspin if advised else None,
        act=world.act(world.carl, on),
    )
    return change.term.subscription


def test_a_customer_with_a_csp_partner_buys_from_the_vendor_all_the_same(world: World) -> None:
    make.relationship(world.fabrikam, world.northwind)

    subscription = bought(world)

    assert (subscription.channel, subscription.partner, subscription.partner_of_record) == (
        "direct",
        None,
        None,
    )
    assert facts(subscription) == [("ordered", TODAY, 0, 10, 10)]
    assert terms(subscription) == [(1, TODAY, TODAY, date(2027, 11, 22), 0, 10)]


def test_bought_on_a_recommendation_it_is_an_advisor_subscription(world: World) -> None:
    subscription = bought(world, advised=True)

    assert (subscription.channel, subscription.partner_of_record) == ("advisor", world.tailspin)


def test_the_customer_leads_it_through_its_whole_life(direct: Subscription, world: World) -> None:
    act = world.act
    with as_role(APP):
        lifecycle.change_seats(subscription=direct, seats=16, act=act(world.carl))
        lifecycle.suspend(subscription=direct, act=act(world.carl, date(2026, 12, 20)))
        lifecycle.reactivate(subscription=direct, act=act(world.carl, date(2027, 1, 5)))
        lifecycle.renew(subscription=direct, act=act(world.carl, date(2027, 11, 22)))
        lifecycle.cancel(subscription=direct, act=act(world.carl, date(2027, 12, 1)))

    direct.refresh_from_db()
    assert direct.state == "cancelled"
    assert [fact[0] for fact in facts(direct)] == [
        "ordered",
        "seats",
        "suspended",
        "reactivated",
        "renewed",
        "cancelled",
    ]


@pytest.mark.parametrize("verb", EVERY_VERB)
@pytest.mark.parametrize("advised", [False, True], ids=["direct", "advisor"])
def test_no_partner_writes_to_it_not_even_its_partner_of_record(
    world: World, verb: str, advised: bool
) -> None:
    make.relationship(world.fabrikam, world.northwind)
    subscription = bought(world, advised=advised)

    for person in (world.ada, world.nora):
        with pytest.raises(errors.OtherChannel):
            EVERY_VERB[verb](subscription, world.act(person, date(2027, 11, 22)))  # type: ignore[no-untyped-call]

    assert SeatChange.objects.count() == 1


def test_no_partner_buys_in_the_customers_name(world: World) -> None:
    make.relationship(world.fabrikam, world.northwind)

    with pytest.raises(errors.OtherChannel, match="CSP changes nothing"):
        lifecycle.buy(
            tenant=world.northwind,
            offer=world.premium,
            seats=10,
            duration="P1Y",
            act=world.act(),
        )

    assert not Subscription.objects.exists()


@pytest.mark.parametrize("verb", EVERY_VERB)
def test_a_customer_takes_no_action_on_a_csp_subscription(house: House, verb: str) -> None:
    world = house.world
    subscription = house.order()

    with pytest.raises(errors.AskYourPartner, match="Ask Fabrikam Cloud to change it"):
        EVERY_VERB[verb](subscription, world.act(world.carl, date(2027, 3, 14)))  # type: ignore[no-untyped-call]


def test_a_customer_orders_nothing_through_csp(house: House) -> None:
    with pytest.raises(errors.AskYourPartner):
        lifecycle.provision(
            partner=house.world.fabrikam,
            tenant=house.world.northwind,
            offer=house.world.premium,
            seats=1,
            duration="P1Y",
            act=house.world.act(house.world.carl),
        )


@pytest.mark.parametrize("channel", ["open", "ea"])
def test_what_was_bought_elsewhere_is_changed_elsewhere(world: World, channel: str) -> None:
    subscription = make.other_channel(world.northwind, channel, "Windows")

    with pytest.raises(errors.ManagedElsewhere, match="cannot be changed here"):
        lifecycle.cancel(subscription=subscription, act=world.act(world.carl))


def test_the_seats_of_what_was_imported_cannot_be_changed_here(world: World) -> None:
    subscription = make.other_channel(world.northwind, "direct", "Windows")

    with pytest.raises(errors.NoTermHere, match="cancel it here, or buy it anew"):
        lifecycle.change_seats(subscription=subscription, seats=12, act=world.act(world.carl))


@pytest.mark.parametrize("title", ["draft", "trial"])
def test_only_what_is_for_sale_is_sold(world: World, title: str) -> None:
    offer = {
        "draft": lambda: make.offer("Draft", "D:1", state="draft"),
        "trial": lambda: make.offer("Trial", "T:1", is_trial=True),
    }[title]()

    with pytest.raises(errors.NotSoldDirectly):
        lifecycle.buy(
            tenant=world.northwind,
            offer=offer,
            seats=1,
            duration="P1Y",
            act=world.act(world.carl),
        )


@pytest.mark.parametrize("path", ["", "csp", "channel", "advisor", "partner of record"])
@pytest.mark.parametrize("role", ["", APP], ids=["owner", "app"])
def test_the_database_knows_one_path_for_each_channel(
    direct: Subscription, path: str, role: str
) -> None:
    sql = f"UPDATE subscriptions_subscription SET seats = 1 WHERE id = {direct.pk}"  # noqa: S608 -- a test's own text
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('csp.owning_path', %s, true)", [path])

    with as_role(role):
        assert refusal(sql) == "subscriptions_only_own_channel"


def test_the_path_is_closed_again_after_each_write(direct: Subscription, world: World) -> None:
    lifecycle.change_seats(subscription=direct, seats=16, act=world.act(world.carl))

    sql = f"UPDATE subscriptions_subscription SET seats = 1 WHERE id = {direct.pk}"  # noqa: S608 -- as above
    assert refusal(sql) == "subscriptions_only_own_channel"


def test_the_database_takes_no_fact_of_the_wrong_organisation(house: House) -> None:
    world = house.world
    csp, direct = house.order(on=TODAY), bought(world)

    assert _fact(direct, world.fabrikam.tenant_id) == "subscriptions_only_own_channel"  # R3
    assert _fact(csp, world.northwind.pk) == "subscriptions_customer_changes_no_csp"  # R10
    assert _fact(direct, world.northwind.pk) == ""
    assert _fact(csp, world.fabrikam.tenant_id) == ""


def _fact(subscription: Subscription, acting_for: int) -> str:
    sql = FACT.format(acting_for=acting_for, subscription=subscription.pk)
    with as_role(APP):
        return refusal(sql)


def test_partner_of_record_is_not_written_on_the_channels_own_path(world: World) -> None:
    subscription = bought(world, advised=True)
    sql = "UPDATE subscriptions_subscription SET partner_of_record_id = %s WHERE id = %s"

    with (
        pytest.raises(DatabaseError, match="by operators only"),
        transaction.atomic(),
        owning_path(subscription),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, [world.fabrikam.pk, subscription.pk])


@pytest.mark.parametrize(("assigned", "is_refused"), [(24, False), (25, True), (31, True)])
def test_up_to_24_assigned_licences_a_customer_cancels_advisor_itself(
    world: World, assigned: int, is_refused: bool
) -> None:
    subscription = bought(world, seats=40, advised=True)
    with owning_path(subscription):
        Subscription.objects.filter(pk=subscription.pk).update(assigned_seats=assigned)

    if is_refused:
        with pytest.raises(errors.NeedsSupport, match=f"{assigned} licences are assigned"):
            lifecycle.cancel(subscription=subscription, act=world.act(world.carl))
    else:
        lifecycle.cancel(subscription=subscription, act=world.act(world.carl))

    subscription.refresh_from_db()
    assert subscription.state == ("active" if is_refused else "cancelled")
