"""R3, R4, R6: CSP changes nothing on what a customer holds through another channel."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subscriptions.models import Subscription
from subscriptions.services import errors, lifecycle

from .. import make
from ..world import World
from .conftest import START, House

APP = os.environ.get("CSP_APP_ROLE", "csp_app")


@contextmanager
def as_role(role: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}" if role else "RESET ROLE")
        try:
            yield
        finally:
            cursor.execute("RESET ROLE")


def refusal(sql: str) -> str:
    """Return the constraint (or the words) with which the database refuses `sql`."""
    savepoint = transaction.savepoint()
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
    except DatabaseError as error:
        cause = error.__cause__
        return getattr(getattr(cause, "diag", None), "constraint_name", None) or str(error)
    else:
        return ""
    finally:
        transaction.savepoint_rollback(savepoint)


def refusals(others: list[Subscription], change: str) -> set[str]:
    return {
        refusal(f"UPDATE subscriptions_subscription SET {change} WHERE id = {other.pk}")  # noqa: S608 -- a test's own text
        for other in others
    }


@pytest.fixture
def others(house: House) -> list[Subscription]:
    """Return one subscription of each channel that can stand beside CSP."""
    world = house.world
    return [
        make.other_channel(world.northwind, "direct", "Business Premium", reference="d-1"),
        make.other_channel(
            world.northwind, "advisor", "Exchange", partner_of_record=world.tailspin
        ),
        make.other_channel(world.northwind, "open", "Visio"),
        make.other_channel(world.northwind, "ea", "Enterprise E3", state="suspended"),
    ]


def fingerprint() -> str:
    """Return a hash over every byte of every row that is not CSP."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT md5(string_agg(s::text, E'\\n' ORDER BY id))"
            " FROM subscriptions_subscription s WHERE channel <> 'csp'"
        )
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize("role", ["", APP], ids=["owner", "app"])
@pytest.mark.parametrize(
    "change",
    [
        "state = 'cancelled'",
        "seats = seats + 1",
        "assigned_seats = 0",
        "ends_on = ends_on + 1",
        "starts_on = starts_on - 1",
        "auto_renew = false",
        "suspended_on = '2026-11-22'",
        "note = 'mine now'",
    ],
)
def test_the_database_refuses_a_write_to_another_channels_subscription(
    others: list[Subscription], role: str, change: str
) -> None:
    with as_role(role):
        refused = refusals(others, change)

    assert refused == {"subscriptions_only_own_channel"}


@pytest.mark.parametrize(
    "change",
    [
        "partner_of_record_id = {partner}",
        "partner_of_record_id = NULL",
        "reference = 'x'",
    ],
)
def test_the_portal_cannot_write_partner_of_record_or_reference_at_all(
    others: list[Subscription], house: House, change: str
) -> None:
    change = change.format(partner=house.world.fabrikam.pk)
    with as_role(APP):
        refused = refusals(others, change)

    assert refused == {"permission denied for table subscriptions_subscription"}


def test_the_portal_writes_a_title_by_its_channels_path_only(others: list[Subscription]) -> None:
    with as_role(APP):  # a renewal as another offer changes it
        assert refusals(others, "title = 'x'") == {"subscriptions_only_own_channel"}


@pytest.mark.parametrize("change", ["channel = 'csp'", "tenant_id = {other}"])
def test_not_even_the_owner_moves_a_subscription_to_another_channel_or_tenant(
    others: list[Subscription], house: House, change: str
) -> None:
    change = change.format(other=house.world.contoso.pk)

    refused = refusals(others, change)

    assert refused == {"subscriptions_keep_channel"}


def test_no_subscription_is_ever_deleted(others: list[Subscription], house: House) -> None:
    house.order()

    assert refusal("DELETE FROM subscriptions_subscription") == "subscriptions_never_deleted"
    with as_role(APP):
        assert refusal("DELETE FROM subscriptions_subscription") == (
            "permission denied for table subscriptions_subscription"
        )


def test_facts_and_terms_are_only_ever_added(house: House) -> None:
    house.order()
    connection.check_constraints()  # TRUNCATE waits for checks that are put off

    for sql, by in {
        "UPDATE subscriptions_seatchange SET billable_delta = 1": "tenants_append_only",
        "DELETE FROM subscriptions_seatchange": "tenants_append_only",
        "TRUNCATE subscriptions_seatchange CASCADE": "tenants_append_only",
        "UPDATE subscriptions_term SET ends_on = ends_on + 1": "subscriptions_keep_terms",
        "DELETE FROM subscriptions_term": "tenants_append_only",
    }.items():
        assert refusal(sql) == by, sql


@pytest.mark.parametrize(
    "service",
    [
        lambda s, act: lifecycle.change_seats(subscription=s, seats=99, act=act),
        lambda s, act: lifecycle.suspend(subscription=s, act=act),
        lambda s, act: lifecycle.reactivate(subscription=s, act=act),
        lambda s, act: lifecycle.cancel(subscription=s, act=act),
        lambda s, act: lifecycle.renew(subscription=s, act=act),
        lambda s, act: lifecycle.expire(subscription=s, act=act),
        lambda s, act: lifecycle.set_auto_renew(subscription=s, is_on=False, act=act),
    ],
    ids=["seats", "suspend", "reactivate", "cancel", "renew", "expire", "auto renew"],
)
def test_every_service_refuses_what_is_not_csp(
    others: list[Subscription], house: House, service: object
) -> None:
    before = fingerprint()

    for subscription in others:
        with pytest.raises(errors.OtherChannel):
            service(subscription, house.world.act(on=date(2027, 2, 20)))  # type: ignore[operator]

    assert fingerprint() == before


def test_a_csp_subscription_needs_the_relationship_in_the_database_too(world: World) -> None:
    make.relationship(world.fabrikam, world.northwind)
    house = House(world)
    house.order()
    columns = (
        "tenant_id, channel, offer_id, title, state, is_trial, seats, assigned_seats, starts_on,"
        " ends_on, auto_renew, note, created_at"
    )
    sql = (
        f"INSERT INTO subscriptions_subscription ({columns}, public_id, reference, partner_id)"  # noqa: S608 -- a test's own text
        f" SELECT {columns}, gen_random_uuid(), 'x', {world.tailspin.pk}"
        " FROM subscriptions_subscription WHERE channel = 'csp'"
    )

    assert refusal(sql) == "subscriptions_csp_needs_relationship"
    with as_role(APP):
        assert refusal(sql) == "subscriptions_csp_needs_relationship"


def test_the_portals_own_role_can_do_all_that_the_services_do(
    others: list[Subscription], house: House
) -> None:
    with as_role(APP):
        base = house.order(10)
        add_on = house.order(4, base=base)
        act = house.world.act
        lifecycle.change_seats(subscription=base, seats=16, act=act(on=date(2026, 11, 22)))
        lifecycle.suspend(subscription=base, act=act(on=date(2026, 12, 20)))
        lifecycle.reactivate(subscription=base, act=act(on=date(2027, 1, 5)))
        lifecycle.set_auto_renew(subscription=add_on, is_on=False, act=act(on=date(2027, 1, 6)))
        lifecycle.renew(subscription=base, act=act(on=date(2027, 3, 14)))
        lifecycle.cancel(subscription=base, act=act(on=date(2027, 3, 20)))

    base.refresh_from_db()
    add_on.refresh_from_db()
    assert (base.state, add_on.state) == ("cancelled", "expired")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["order", "add-on", "seats", "suspend", "reactivate", "cancel", "renew", "expire"]
        ),
        st.integers(0, 5),  # which of ours
        st.integers(1, 40),  # seats
        st.integers(0, 120),  # days later
    ),
    max_size=25,
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_whatever_csp_does_other_rows_stay_as_they_are_to_the_byte(
    others: list[Subscription], house: House, steps: list[tuple[str, int, int, int]]
) -> None:
    before = fingerprint()
    savepoint = transaction.savepoint()
    on = START

    for verb, which, seats, later in [("order", 0, 10, 0), *steps]:
        on += timedelta(days=later)
        act = house.world.act(on=on)
        ours = list(Subscription.objects.csp().order_by("pk"))
        it = ours[which % len(ours)] if ours else None
        try:
            if verb == "order" or it is None:
                house.order(seats, on=on)
            elif verb == "add-on":
                house.order(seats, base=it, on=on)
            elif verb == "seats":
                lifecycle.change_seats(subscription=it, seats=seats, act=act)
            else:
                getattr(lifecycle, verb)(subscription=it, act=act)
        except errors.SubscriptionRefused:
            pass

    assert fingerprint() == before
    _check_sums()
    transaction.savepoint_rollback(savepoint)


def _check_sums() -> None:
    """Assert what holds for every CSP subscription at any time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.id FROM subscriptions_term t LEFT JOIN subscriptions_seatchange c"
            " ON c.term_id = t.id GROUP BY t.id"
            " HAVING t.billable_seats <> t.opening_seats + coalesce(sum(c.billable_delta), 0)"
        )
        assert cursor.fetchall() == [], "billable seats are the sum of the facts"
        cursor.execute(
            "SELECT c.id FROM subscriptions_seatchange c JOIN subscriptions_term t"
            " ON t.id = c.term_id WHERE NOT (c.effective_on >= t.starts_on"
            " AND c.effective_on < t.ends_on)"
        )
        assert cursor.fetchall() == [], "facts belong to days of their term"
        cursor.execute(
            "SELECT s.id FROM subscriptions_subscription s JOIN LATERAL (SELECT * FROM"
            " subscriptions_term t WHERE t.subscription_id = s.id ORDER BY number DESC LIMIT 1) t"
            " ON true WHERE s.channel = 'csp' AND ((s.starts_on, s.ends_on) <>"
            " (t.starts_on, t.ends_on) OR t.billable_seats <> CASE s.state WHEN 'active' THEN"
            " s.seats WHEN 'expired' THEN s.seats ELSE 0 END)"
        )
        assert cursor.fetchall() == [], "the subscription says what its latest term says"
        cursor.execute(
            "SELECT a.id FROM subscriptions_subscription a JOIN subscriptions_subscription b"
            " ON b.id = a.base_id WHERE a.state = 'active' AND b.state <> 'active'"
            " OR a.state IN ('active', 'suspended') AND a.ends_on <> b.ends_on"
        )
        assert cursor.fetchall() == [], "add-ons are coterminous with their base, and follow it"
