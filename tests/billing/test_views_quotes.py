"""Ordering and changing through the pages: nothing is charged that was not shown first."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from billing.models import Order, Price, Quote
from billing.services import orders, quotes
from csp_portal.shared import clock
from subscriptions.models import Subscription
from tests import make
from tests.conftest import Browser
from tests.world import TODAY, World

from .selling import list_prices, sell

SignIn = Callable[..., Browser]


@pytest.fixture(autouse=True)
def _second_factor_is_tested_elsewhere(settings: Any) -> None:
    settings.MFA_REQUIRED = False


@pytest.fixture
def sold(world: World) -> World:
    """Northwind is Fabrikam's customer; a list of March has both offers, in force."""
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    return world


@pytest.fixture
def premium(sold: World) -> Subscription:
    """60 seats of Business Premium, a year billed monthly, from 14 Mar 2026."""
    return sell(sold)


def price_of(offer: object, *, plan: str = "monthly") -> Price:
    return Price.objects.get(offer=offer, duration="P1Y", plan=plan)


def test_an_order_is_quoted_first_and_made_by_the_click(sold: World, sign_in: SignIn) -> None:
    browser = sign_in(sold.ada)
    page = reverse("billing:order", args=[sold.northwind.public_id])

    quoted = browser.post(page, {"price": price_of(sold.premium).pk, "seats": 10})

    quote = Quote.objects.get()
    assert quoted.url == reverse("billing:quote", args=[quote.public_id])
    assert not Subscription.objects.exists()
    shown = browser.get(quoted.url).content.decode()
    # 10 x 20.60 and 10 x 16.48, a whole first month; the margin is 10 x 4.12
    assert [amount in shown for amount in ("€206.00", "€164.80", "€41.20")] == [True] * 3

    done = browser.post(reverse("billing:confirm-quote", args=[quote.public_id]), follow=True)

    ordered = Subscription.objects.get()
    panel = reverse("home:customer-subscriptions", args=[sold.northwind.public_id])
    assert done.redirect_chain[0][0] == f"{panel}?panel={ordered.public_id}"
    assert messages_of(done) == [
        (
            "10 seats of Business Premium ordered: €206.00 up to 21 Dec 2026. "
            "It is on the invoice of 1 Dec 2026."
        )
    ]


def test_a_second_click_finds_the_same_order(sold: World, sign_in: SignIn) -> None:
    browser = sign_in(sold.ada)
    quote = quoted_seats(sold, sell(sold, seats=10, on=TODAY), 12)
    confirm = reverse("billing:confirm-quote", args=[quote.public_id])

    first, second = browser.post(confirm), browser.post(confirm)

    assert first.url == second.url
    assert Order.objects.filter(quote=quote).count() == 1


def test_seats_are_added_at_the_price_that_was_shown(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    browser = sign_in(sold.ada)
    page = reverse("billing:change-seats", args=[premium.public_id])

    quoted = browser.post(page, {"seats": 66, "reason": "six new people"}, follow=True)

    # 20.60 x 6 x 22/30 = 90.64
    assert "€90.64" in quoted.content.decode()
    quote = Quote.objects.get(kind="seats")
    done = browser.post(reverse("billing:confirm-quote", args=[quote.public_id]), follow=True)
    assert messages_of(done) == [
        (
            "6 seats added to Business Premium: €90.64 prorated to 13 Dec 2026. "
            "It is on the invoice of 1 Dec 2026."
        )
    ]


def test_a_quote_asked_in_the_panel_is_shown_in_the_panel(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    page = reverse("billing:change-seats", args=[premium.public_id])

    answer = sign_in(sold.ada).post(page, {"seats": 66, "next": "panel"})

    panel = reverse("home:customer-subscriptions", args=[sold.northwind.public_id])
    quote = Quote.objects.get(kind="seats")
    assert answer.url == f"{panel}?panel={premium.public_id}&quote={quote.public_id}"


def test_no_form_sends_anybody_to_an_address_of_somebody_else(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    page = reverse("billing:change-seats", args=[premium.public_id])

    answer = sign_in(sold.ada).post(page, {"seats": 66, "next": "https://evil.example/"})

    assert answer.url == reverse("billing:quote", args=[Quote.objects.get(kind="seats").public_id])


@pytest.mark.parametrize(
    ("seats", "words"),
    [
        ("0", "At least 1. To end the service, cancel it instead."),
        ("many", "Enter a whole number of seats."),
        ("20000", "Choose between 1 and 10000 seats."),
        ("60", "It is like that already; nothing would change."),
    ],
)
def test_a_refused_number_of_seats_stays_typed_and_says_why(
    sold: World, premium: Subscription, sign_in: SignIn, seats: str, words: str
) -> None:
    page = reverse("billing:change-seats", args=[premium.public_id])

    answer = sign_in(sold.ada).post(page, {"seats": seats, "reason": "because"})

    assert answer.status_code == 200
    assert answer.context["form"].errors == {"seats": [words]}
    assert f'value="{seats}"' in answer.content.decode()
    assert 'value="because"' in answer.content.decode()
    assert not Quote.objects.filter(kind="seats").exists()


def test_seats_in_use_are_not_taken_away(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    Subscription.objects.filter(pk=premium.pk).update(assigned_seats=59)
    page = reverse("billing:change-seats", args=[premium.public_id])

    answer = sign_in(sold.ada).post(page, {"seats": 58})

    assert answer.context["form"].errors["seats"] == [
        "59 seats are assigned to users; unassign some before you remove seats."
    ]


def test_an_add_on_asks_for_its_base(sold: World, premium: Subscription, sign_in: SignIn) -> None:
    browser = sign_in(sold.ada)
    price = price_of(sold.phone).pk
    page = reverse("billing:order", args=[sold.northwind.public_id])

    without = browser.post(page, {"price": price, "seats": 20})
    with_base = browser.post(page, {"price": price, "seats": 20, "base": premium.public_id})

    assert list(without.context["form"].errors) == ["base"]
    # 8.00 x 20 x 22/30 = 117.33, to the end of the base's month
    assert "€117.33" in browser.get(with_base.url).content.decode()


def test_an_add_on_without_a_base_says_what_to_order_first(sold: World, sign_in: SignIn) -> None:
    page = reverse("billing:order", args=[sold.northwind.public_id])

    answer = sign_in(sold.ada).get(page, {"price": price_of(sold.phone).pk})

    assert "It needs a base subscription" in answer.content.decode()


def test_a_price_that_is_not_for_sale_any_more_is_chosen_again(
    sold: World, sign_in: SignIn
) -> None:
    browser = sign_in(sold.ada)
    price = price_of(sold.premium).pk
    page = reverse("billing:order", args=[sold.northwind.public_id])
    sold.premium.state = "withdrawn"
    sold.premium.save()

    answer = browser.post(page, {"price": price, "seats": 12})

    assert answer.context["form"].errors == {
        "price": ["This offer is not for sale at that price today. Choose it again."]
    }
    assert "That offer is not for sale today" in answer.content.decode()


@pytest.mark.parametrize("asked", ["x", "-1", "999999999999999999", "9" * 40, "٣"])
def test_a_price_that_is_none_is_simply_not_chosen(
    sold: World, sign_in: SignIn, asked: str
) -> None:
    page = reverse("billing:order", args=[sold.northwind.public_id])

    answer = sign_in(sold.ada).get(page, {"price": asked})

    assert answer.status_code == 200
    assert answer.context["chosen"] is None


def test_offers_are_found_by_words_term_plan_and_kind(sold: World, sign_in: SignIn) -> None:
    browser = sign_in(sold.ada)
    page = reverse("billing:order", args=[sold.northwind.public_id])

    def found(**query: str) -> list[tuple[str, str, str]]:
        rows = browser.get(page, query).context["page"].object_list
        return [(row.title, row.term, row.plan) for row in rows]

    assert len(found()) == 6
    assert found(q="premium", term="P1Y", plan="annual") == [
        ("Business Premium", "1 year", "Annual, up front")
    ]
    assert {title for title, *_ in found(kind="add-ons")} == {"Teams Phone Standard"}
    assert found(q="lh0t:0001", term="P1M") == [("Teams Phone Standard", "1 month", "Monthly")]
    assert found(q="nothing like it") == []


def test_an_expired_quote_is_priced_again_and_nothing_is_ordered(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    old = quoted_seats(sold, premium, 66)
    with clock.pinned_to(TODAY + timedelta(days=1)):
        browser = sign_in(sold.ada)

        answer = browser.post(reverse("billing:confirm-quote", args=[old.public_id]))

        new = Quote.objects.get(kind="seats", on=TODAY + timedelta(days=1))
        assert answer.url == (
            reverse("billing:quote", args=[new.public_id]) + f"?was={old.public_id}"
        )
        premium.refresh_from_db()
        assert premium.seats == 60
        page = browser.get(answer.url)
    # 20.60 x 6 x 21/30 = 86.52, a day fewer than the 90.64 before
    changed = {each.label: (each.before, each.after) for each in page.context["changed"]}
    assert changed["Northwind Traders pays Fabrikam Cloud"] == ("€90.64", "€86.52")
    assert changed["Priced for"] == ("22 Nov 2026", "23 Nov 2026")


def test_a_quote_that_expired_in_the_panel_is_shown_anew_in_the_panel(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    old = quoted_seats(sold, premium, 66)
    with clock.pinned_to(TODAY + timedelta(days=1)):
        answer = sign_in(sold.ada).post(
            reverse("billing:confirm-quote", args=[old.public_id]), {"next": "panel"}
        )

    new = Quote.objects.get(kind="seats", on=TODAY + timedelta(days=1))
    panel = reverse("home:customer-subscriptions", args=[sold.northwind.public_id])
    assert answer.url == (
        f"{panel}?panel={premium.public_id}&quote={new.public_id}&was={old.public_id}"
    )


def test_an_expired_quote_offers_the_price_of_today(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    old = quoted_seats(sold, premium, 66)
    page = reverse("billing:quote", args=[old.public_id])
    with clock.pinned_to(TODAY + timedelta(days=1)):
        browser = sign_in(sold.ada)
        shown = browser.get(page).content.decode()
        answer = browser.post(page)

    assert "This quote has expired" in shown
    assert reverse("billing:confirm-quote", args=[old.public_id]) not in shown
    assert answer.url.endswith(f"?was={old.public_id}")


def test_an_ordered_quote_is_the_receipt_of_its_order(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    quote = quoted_seats(sold, premium, 66)
    order = orders.confirm(quote=quote, act=sold.act())

    shown = sign_in(sold.ada).get(reverse("billing:quote", args=[quote.public_id]))

    assert str(order.public_id) in shown.content.decode()
    assert "Ordered by Ada Keller" in shown.content.decode()
    assert reverse("billing:confirm-quote", args=[quote.public_id]) not in shown.content.decode()


def test_only_a_quote_for_the_same_thing_is_compared(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    other = quoted(sold, premium, "cancel")
    quote = quoted_seats(sold, premium, 66)
    page = reverse("billing:quote", args=[quote.public_id])
    browser = sign_in(sold.ada)

    compared = [
        browser.get(page, {"was": was}).context["changed"]
        for was in (other.public_id, "x", "00000000-0000-4000-8000-000000000000")
    ]

    assert compared == [None] * 3


def test_a_quote_overtaken_by_another_change_is_shown_anew(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    stale = quoted_seats(sold, premium, 66)
    orders.confirm(quote=quoted_seats(sold, premium, 62), act=sold.act())

    answer = sign_in(sold.ada).post(
        reverse("billing:confirm-quote", args=[stale.public_id]), follow=True
    )

    premium.refresh_from_db()
    assert premium.seats == 62
    # 4 seats now, not 6: 20.60 x 4 x 22/30 = 60.43
    changed = {each.label: (each.before, each.after) for each in answer.context["changed"]}
    assert changed["Northwind Traders pays Fabrikam Cloud"] == ("€90.64", "€60.43")


def test_a_quote_that_became_impossible_says_so_and_changes_nothing(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    late = quoted_seats(sold, premium, 66)
    orders.confirm(quote=quoted(sold, premium, "suspend"), act=sold.act())

    answer = sign_in(sold.ada).post(
        reverse("billing:confirm-quote", args=[late.public_id]), follow=True
    )

    assert messages_of(answer) == [
        (
            "Nothing was changed. Business Premium is suspended: reactivate it first, "
            "then change its seats."
        )
    ]


def test_a_form_of_another_workspace_changes_nothing(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    browser = sign_in(sold.ada)
    quote = quoted_seats(sold, premium, 66)
    browser.workspace = "11111111-1111-4111-8111-111111111111"

    answers = [
        browser.post(path)
        for path in (
            reverse("billing:order", args=[sold.northwind.public_id]),
            reverse("billing:change-seats", args=[premium.public_id]),
            reverse("billing:reactivate", args=[premium.public_id]),
            reverse("billing:confirm-quote", args=[quote.public_id]),
        )
    ]

    assert [answer.status_code for answer in answers] == [409] * 4
    assert Quote.objects.filter(kind="seats").count() == 1


def test_another_partners_quote_and_subscription_are_not_found(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    browser = sign_in(sold.nora)
    quote = quoted_seats(sold, premium, 66)
    paths = [
        reverse("billing:quote", args=[quote.public_id]),
        reverse("billing:order", args=[sold.northwind.public_id]),
        reverse("billing:customer-orders", args=[sold.northwind.public_id]),
        *(
            reverse(f"billing:{page}", args=[premium.public_id])
            for page in ("change-seats", "suspend", "reactivate", "cancel")
        ),
    ]

    assert [browser.get(path).status_code for path in paths] == [404] * len(paths)
    confirm = reverse("billing:confirm-quote", args=[quote.public_id])
    assert browser.post(confirm).status_code == 404


def test_other_channels_have_no_page_to_change_them(sold: World, sign_in: SignIn) -> None:
    direct = make.other_channel(sold.northwind, "direct", "Office Suite E3")

    answer = sign_in(sold.ada).get(reverse("billing:change-seats", args=[direct.public_id]))

    assert answer.status_code == 404


def quoted_seats(world: World, subscription: Subscription, seats: int) -> Quote:
    return quoted(world, subscription, "seats", seats=seats)


def quoted(world: World, subscription: Subscription, kind: str, **asked: Any) -> Quote:
    return quotes.quote(
        kind=kind,
        partner=world.fabrikam,
        tenant=world.northwind,
        subscription=subscription,
        act=world.act(),
        **asked,
    )


def messages_of(response: object) -> list[str]:
    """Return what was said on the way, whatever page it ended on."""
    request = response.wsgi_request  # type: ignore[attr-defined]  # the test client's
    stored = getattr(request, "_messages", [])
    return [str(message) for message in stored]
