"""A partner's customers: found, sorted, paged and taken along as a file."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from subscriptions.models import Subscription
from tenants.models import Tenant
from tests import make
from tests.billing.selling import sell
from tests.world import World

from .reading import SignIn, csv_rows, links, main_words, queries, table_rows, text

LIST = reverse("home:customers")


@pytest.fixture
def more(sold: World, premium: Subscription) -> World:
    """Beside Northwind (60 CSP, 210 Direct) there are Adatum, of May, and Wide World, of July."""
    make.other_channel(sold.northwind, "direct", "Office Suite E3", seats=210, assigned_seats=187)
    add_customer(sold, "Adatum Logistics", "adatum.example", date(2026, 5, 1))
    add_customer(sold, "Wide World Importers", "wwi.example", date(2026, 7, 1))
    theirs = make.tenant("Litware", domain="litware.example")
    make.relationship(sold.tailspin, theirs)
    return sold


@pytest.fixture
def listed(more: World, sign_in: SignIn) -> Callable[..., list[str]]:
    """Return a function that asks for the list and returns the names in it."""
    browser = sign_in(more.ada)

    def names(**query: str) -> list[str]:
        return names_in(browser.get(LIST, query))

    return names


def add_customer(world: World, name: str, domain: str, on: date, **fields: Any) -> Tenant:
    customer = make.tenant(name, domain=domain, **fields)
    make.relationship(world.fabrikam, customer, on=on)
    return customer


def names_in(page: Any) -> list[str]:
    known = ("Northwind Traders", "Adatum Logistics", "Wide World Importers", "Litware")
    return [name for row in table_rows(page) for name in known if name in row]


def test_the_list_shows_seats_of_all_channels_and_the_value_of_csp(
    more: World, sign_in: SignIn
) -> None:
    page = sign_in(more.ada).get(LIST)

    northwind = table_rows(page)[1]
    for shown in ("northwind.example", "CSP", "Direct", "187 of 270", "1 Jan 2026"):
        assert shown in northwind
    assert "€1,236.00" in northwind  # 60 x 20.60; Direct has no price here
    assert "€0.00" in table_rows(page)[0]


def test_a_helpdesk_agent_sees_the_list_without_a_value(more: World, sign_in: SignIn) -> None:
    page = sign_in(more.helen).get(LIST)

    assert len(table_rows(page)) == 3
    assert "€" not in text(page)
    assert reverse("relationships:invite") not in links(page)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("north", ["Northwind Traders"]),
        ("NORTHWIND T", ["Northwind Traders"]),
        ("tra", ["Northwind Traders"]),
        ("wwi", ["Wide World Importers"]),
        ("world", ["Wide World Importers"]),
        ("adatum.ex", ["Adatum Logistics"]),
        ("raders", []),
        ("litware", []),
        ("%", []),
        ("_orthwind", []),
        ("\\", []),
        ("'", []),
    ],
)
def test_a_customer_is_found_by_the_beginning_of_a_word_or_of_its_domain(
    listed: Callable[..., list[str]], typed: str, found: list[str]
) -> None:
    assert listed(q=typed) == found


def test_a_channel_leaves_those_who_hold_something_live_in_it(
    more: World, listed: Callable[..., list[str]]
) -> None:
    adatum = Tenant.objects.get(domain="adatum.example")
    make.other_channel(adatum, "open", "Office Suite E1", state="expired")

    assert listed(channel="csp") == ["Northwind Traders"]
    assert listed(channel="direct") == ["Northwind Traders"]
    assert listed(channel="open") == []
    everybody = ["Adatum Logistics", "Northwind Traders", "Wide World Importers"]
    assert listed(channel="nonsense") == everybody


def test_the_chips_count_customers_per_channel_and_name_no_empty_one(
    more: World, sign_in: SignIn
) -> None:
    page = sign_in(more.ada).get(LIST)

    chips = {chip.channel: chip.count for chip in page.context["chips"].choices}
    assert chips == {"csp": 1, "direct": 1}


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("name", ["Adatum Logistics", "Northwind Traders", "Wide World Importers"]),
        ("-name", ["Wide World Importers", "Northwind Traders", "Adatum Logistics"]),
        ("since", ["Northwind Traders", "Adatum Logistics", "Wide World Importers"]),
        ("-since", ["Wide World Importers", "Adatum Logistics", "Northwind Traders"]),
        ("customer__tax_id", ["Adatum Logistics", "Northwind Traders", "Wide World Importers"]),
    ],
)
def test_the_list_is_sorted_by_what_it_offers_and_by_nothing_else(
    listed: Callable[..., list[str]], sort: str, names: list[str]
) -> None:
    assert listed(sort=sort) == names


def test_pages_hold_as_many_rows_as_asked_for(sold: World, sign_in: SignIn) -> None:
    for number in range(29):
        add_customer(sold, f"Company {number:02}", f"c{number}.example", date(2026, 2, 1))
    browser = sign_in(sold.ada)

    def count(**query: str) -> int:
        return len(table_rows(browser.get(LIST, query)))

    # 30 with Northwind
    assert count() == 25
    assert count(page="2") == 5
    assert count(per_page="50") == 30
    assert count(per_page="7") == 25
    assert count(page="99") == 5
    assert count(page="x", per_page="9" * 30) == 25


def test_the_file_holds_the_rows_that_are_found_and_the_columns_that_are_shown(
    more: World, sign_in: SignIn
) -> None:
    shown = ["name", "id", "domain", "since", "delegated", "channels", "purchased"]

    answer = sign_in(more.ada).get(LIST, {"format": "csv", "q": "north", "col": shown})

    assert csv_rows(answer) == [
        {
            "Company name": "Northwind Traders",
            "Microsoft ID": str(more.northwind.public_id),
            "Primary domain name": "northwind.example",
            "Channels": "csp direct",
            "Seats": "270",
            "Relationship since": "2026-01-01",
            "Delegated admin": "Yes",
        }
    ]
    assert answer["Content-Type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize("name", ['=HYPERLINK("x")', "+1", "-1", "@SUM(A1)", "\uff1d1+1"])
def test_a_name_that_looks_like_a_formula_is_text_in_the_file(
    sold: World, sign_in: SignIn, name: str
) -> None:
    Tenant.objects.filter(pk=sold.northwind.pk).update(name=name)

    answer = sign_in(sold.ada).get(LIST, {"format": "csv"})

    assert [row["Company name"] for row in csv_rows(answer)] == ["'" + name]


def test_without_customers_the_page_says_how_to_get_the_first(
    world: World, sign_in: SignIn
) -> None:
    page = sign_in(world.ada).get(LIST)

    assert "No customers yet" in main_words(page)
    assert reverse("relationships:invite") in links(page)


def test_filters_that_leave_nothing_can_be_cleared(more: World, sign_in: SignIn) -> None:
    page = sign_in(more.ada).get(LIST, {"q": "nobody"})

    assert "No customers match these filters" in main_words(page)
    assert "Clear filters" in main_words(page)


def test_three_customers_take_as_many_queries_as_one(sold: World, sign_in: SignIn) -> None:
    browser = sign_in(sold.ada)
    sell(sold)
    one = queries(browser, LIST)
    for number in range(2):
        customer = add_customer(sold, f"Company {number}", f"c{number}.example", date(2026, 2, 1))
        sell(sold, tenant=customer)

    three = queries(browser, LIST)

    assert three == one
    assert three <= 12


@pytest.mark.parametrize("who", ["gita", "carl", "bea", "mia"])
def test_the_list_is_for_those_who_serve_customers(sold: World, sign_in: SignIn, who: str) -> None:
    assert sign_in(getattr(sold, who)).get(LIST).status_code == 403
