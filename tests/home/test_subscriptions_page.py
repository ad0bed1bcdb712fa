"""What a customer holds in all channels, side by side: groups, filters and figures."""

from collections.abc import Callable
from datetime import date

import pytest
from django.urls import reverse

from subscriptions.models import Subscription
from tests import make
from tests.billing.selling import change, sell
from tests.world import TODAY, World

from .reading import SignIn, links, main_words, queries, table_rows, text


def page_of(world: World) -> str:
    return reverse("home:customer-subscriptions", args=[world.northwind.public_id])


@pytest.fixture
def full(sold: World, premium: Subscription) -> World:
    """Northwind holds Premium with 20 phone seats, Direct, Advisor by Tailspin, and Open."""
    sell(sold, seats=20, offer=sold.phone, base=premium, on=date(2026, 6, 1))
    make.other_channel(sold.northwind, "direct", "Office Suite E3", seats=210, assigned_seats=187)
    make.other_channel(
        sold.northwind, "advisor", "Exchange Plan 1", seats=35, partner_of_record=sold.tailspin
    )
    make.other_channel(
        sold.northwind, "open", "Office Suite E1", seats=25, ends_on=date(2026, 12, 1)
    )
    return sold


@pytest.fixture
def listed(full: World, sign_in: SignIn) -> Callable[..., list[str]]:
    """Return a function that asks for the page and returns the titles it lists, in order."""
    browser = sign_in(full.ada)
    known = (
        "Teams Phone Standard Add-on",
        "Business Premium",
        "Office Suite E3",
        "Exchange Plan 1",
        "Office Suite E1",
    )

    def titles(**query: str) -> list[str]:
        rows = table_rows(browser.get(page_of(full), query))
        return [next(t for t in known if t in row).removesuffix(" Add-on") for row in rows]

    return titles


def test_csp_comes_first_with_add_ons_under_their_base_and_the_rest_is_locked(
    full: World, sign_in: SignIn
) -> None:
    page = sign_in(full.ada).get(page_of(full))

    mine, locked = text(page).split("Other channels, read-only")
    assert mine.index("Sold by you") < mine.index("Business Premium")
    assert mine.index("Business Premium") < mine.index("Add-on to Business Premium")
    for title in ("Office Suite E3", "Exchange Plan 1", "Office Suite E1"):
        assert title in locked.partition("</table>")[0]
        assert title not in mine.partition("<tbody")[2]


def test_the_value_of_what_is_sold_is_its_seats_times_their_prices(
    full: World, sign_in: SignIn
) -> None:
    page = sign_in(full.ada).get(page_of(full))

    # 60 x 20.60 + 20 x 8.00
    assert "€1,396.00 per month" in main_words(page)
    assert "CSP revenue per month €1,396.00" in main_words(page)


def test_revenue_says_what_changed_since_last_month(
    premium: Subscription, sold: World, sign_in: SignIn
) -> None:
    change(sold, "seats", premium, on=TODAY, seats=66)

    page = sign_in(sold.ada).get(page_of(sold))

    # 66 x 20.60 now, 6 x 20.60 more than in October
    assert "€1,359.60" in main_words(page)
    assert "€123.60" in main_words(page)


def test_suspended_seats_are_worth_nothing(
    premium: Subscription, sold: World, sign_in: SignIn
) -> None:
    change(sold, "suspend", premium, on=TODAY)

    page = sign_in(sold.ada).get(page_of(sold))

    # the figure stands behind what it lost this month
    assert "CSP revenue per month down €1,236.00 €0.00" in main_words(page)
    assert "since October: Business Premium suspended" in main_words(page)
    assert "€1,236.00 per month" not in main_words(page)


def test_seats_in_use_count_every_channel(full: World, sign_in: SignIn) -> None:
    page = sign_in(full.ada).get(page_of(full))

    # 60 + 20 + 210 + 35 + 25
    assert "Seats in use 187 of 350" in main_words(page)


def test_terms_that_end_within_thirty_days_are_named(full: World, sign_in: SignIn) -> None:
    page = sign_in(full.ada).get(page_of(full))

    # Office Suite E1 to 30 Nov; the phones end with the base's term on 13 Mar 2027
    assert "Renewals, next 30 days 1" in main_words(page)


def test_a_channel_a_state_or_a_word_leaves_some(
    full: World, listed: Callable[..., list[str]]
) -> None:
    assert len(listed()) == 5
    assert listed(channel="csp") == ["Business Premium", "Teams Phone Standard"]
    assert listed(channel="advisor") == ["Exchange Plan 1"]
    assert listed(state="suspended") == []
    assert listed(q="SUITE") == ["Office Suite E3", "Office Suite E1"]
    assert listed(q="suite", channel="open") == ["Office Suite E1"]
    assert listed(q="tailspin") == ["Exchange Plan 1"]
    assert listed(channel="nonsense") == []


def test_the_chips_count_what_each_channel_has(full: World, sign_in: SignIn) -> None:
    page = sign_in(full.ada).get(page_of(full), {"channel": "open"})

    chips = [(chip.channel, chip.count, chip.is_current) for chip in page.context["chips"]]
    assert chips == [
        ("csp", 2, False),
        ("direct", 1, False),
        ("advisor", 1, False),
        ("open", 1, True),
    ]


def test_filters_that_leave_nothing_can_be_cleared(full: World, sign_in: SignIn) -> None:
    page = sign_in(full.ada).get(page_of(full), {"q": "nothing like it"})

    assert table_rows(page) == []
    assert "Clear filters" in main_words(page)


def test_a_customer_without_subscriptions_gets_its_first_here(sold: World, sign_in: SignIn) -> None:
    page = sign_in(sold.ada).get(page_of(sold))

    assert "holds no subscription" in main_words(page)
    assert reverse("billing:order", args=[sold.northwind.public_id]) in links(page)


def test_more_subscriptions_take_no_more_queries(
    premium: Subscription, sold: World, sign_in: SignIn
) -> None:
    browser = sign_in(sold.ada)
    one = queries(browser, page_of(sold))
    sell(sold, seats=20, offer=sold.phone, base=premium, on=TODAY)
    for channel in ("direct", "open", "ea"):
        make.other_channel(sold.northwind, channel, f"Suite of {channel}")

    assert queries(browser, page_of(sold)) == one


@pytest.mark.parametrize("leak", ["€", "20.60", "16.48", "8.00", "1,396", "evenue", "ext invoice"])
def test_a_helpdesk_agent_sees_no_amount_on_the_page(
    full: World, sign_in: SignIn, leak: str
) -> None:
    page = sign_in(full.helen).get(page_of(full))

    assert len(table_rows(page)) == 5
    assert leak not in text(page)
    assert reverse("billing:order", args=[full.northwind.public_id]) not in links(page)
