import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from tenants.models import Activity, Tenant, User
from tenants.queries import activity as queries
from tenants.queries.activity import activities_of, page_of_activities, verify
from tenants.services import activity
from tests.conftest import Browser
from tests.world import TODAY, World

SignIn = Callable[[User], Browser]


def write(world: World, tenant: Tenant, count: int, *, on: date = TODAY) -> None:
    act = world.act(on=on)
    for n in range(1, count + 1):
        activity.record(
            tenant=tenant,
            act=act,
            action="test.happened",
            about=tenant.public_id,
            summary=f"number {n}",
            after={"n": n},
        )


@contextmanager
def tampering() -> Iterator[None]:
    """Do what only the owner of the table can: switch its guards off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or the table could not be altered
        cursor.execute("ALTER TABLE tenants_activity DISABLE TRIGGER USER")
        yield
        cursor.execute("ALTER TABLE tenants_activity ENABLE TRIGGER USER")


def test_a_log_counts_its_own_entries(world: World) -> None:
    write(world, world.northwind, 2)
    write(world, world.contoso, 1)

    assert [entry.seq for entry in activities_of(world.northwind)] == [2, 1]
    assert [entry.seq for entry in activities_of(world.contoso)] == [1]


def test_an_untouched_log_is_whole(world: World) -> None:
    write(world, world.northwind, 3)

    check = verify(world.northwind)

    assert check.is_whole
    assert check.rows == 3


def test_an_empty_log_is_whole(world: World) -> None:
    assert verify(world.contoso).is_whole
    assert verify(world.contoso).rows == 0


@pytest.mark.parametrize(
    ("crime", "bad_rows", "first_bad"),
    [
        ("UPDATE tenants_activity SET summary = 'nothing' WHERE seq = 2", 1, 2),
        ("UPDATE tenants_activity SET at = at - interval '1 day' WHERE seq = 2", 1, 2),
        # the one after the gap does not follow its neighbour, and every number after it is off
        ("DELETE FROM tenants_activity WHERE seq = 2", 2, 3),
        ("DELETE FROM tenants_activity WHERE seq = 4", 0, 0),  # shows against the head
    ],
)
def test_whatever_is_done_to_a_log_shows(
    world: World, crime: str, bad_rows: int, first_bad: int
) -> None:
    write(world, world.northwind, 4)
    with tampering(), connection.cursor() as cursor:
        cursor.execute(crime)

    check = verify(world.northwind)

    assert not check.is_whole
    assert (check.bad_rows, check.first_bad) == (bad_rows, first_bad)


def test_the_log_is_only_appended_to(world: World) -> None:
    write(world, world.northwind, 1)

    for crime in ("UPDATE tenants_activity SET summary = ''", "DELETE FROM tenants_activity"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(crime)
    assert Activity.objects.count() == 1


def test_a_log_is_read_page_by_page(world: World) -> None:
    write(world, world.northwind, 5)

    first = page_of_activities(world.northwind, size=2)
    second = page_of_activities(world.northwind, before=first.older, size=2)
    last = page_of_activities(world.northwind, before=second.older, size=2)

    assert [entry.seq for entry in first.rows] == [5, 4]
    assert [entry.seq for entry in second.rows] == [3, 2]
    assert [entry.seq for entry in last.rows] == [1]
    assert last.older == 0


def test_a_search_looks_through_the_newest_entries_of_the_days_and_says_so(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "LOOKED_THROUGH", 3)
    write(world, world.northwind, 4, on=date(2026, 11, 20))
    write(world, world.northwind, 5)
    browser, url = sign_in(world.carl), reverse("tenants:activity")

    everything = browser.get(url).text
    newest = browser.get(url, {"q": "number"}).text
    older = browser.get(url, {"q": "number", "until": "2026-11-20"}).text
    few = browser.get(url, {"q": "number", "until": "2026-11-01"}).text

    assert seen(everything) == [5, 4, 3, 2, 1, 4, 3, 2, 1]
    assert "entries were searched" not in everything
    assert seen(newest) == [5, 4, 3]
    assert "The newest 3 entries were searched" in newest
    assert seen(older) == [4, 3, 2]
    assert seen(few) == []
    assert "entries were searched" not in few


def seen(page: str) -> list[int]:
    return [int(n) for n in re.findall(r">number (\d)<", page)]


def test_an_organisation_reads_its_own_log_only(world: World, sign_in: SignIn) -> None:
    write(world, world.northwind, 1)
    url = reverse("tenants:activity")

    assert "number 1" in sign_in(world.carl).get(url).text
    assert "number 1" not in sign_in(world.tom).get(url).text
    assert sign_in(world.mia).get(url).status_code == 403
    assert sign_in(world.carl).get(url, {"before": "9" * 40}).status_code == 200


def test_the_page_checks_the_record_on_request(world: World, sign_in: SignIn) -> None:
    write(world, world.northwind, 2)
    browser = sign_in(world.carl)
    url = reverse("tenants:activity") + "?verify"

    assert "The record is whole" in browser.get(url).text
    with tampering(), connection.cursor() as cursor:
        cursor.execute("UPDATE tenants_activity SET summary = 'nothing' WHERE seq = 1")
    assert "The record was tampered with" in browser.get(url).text
