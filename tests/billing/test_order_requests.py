"""A reseller asks, its provider orders, changes or declines; the thread is kept."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import Order, OrderRequest, OrderRequestMessage, Price
from billing.services import order_requests as service
from billing.services import orders, quotes
from billing.services.resellers import change_reseller
from relationships.services.standing import PartnerIsSuspended
from relationships.services.suspensions import suspend_partner
from subscriptions.models import Subscription
from subscriptions.services import lifecycle
from subscriptions.services.errors import SeatsBelowAssigned
from tenants.models import Activity, User
from tests import make
from tests.conftest import Browser
from tests.home.reading import csv_rows
from tests.two_tier import TwoTier, two_tier
from tests.world import TODAY, World

SignIn = Callable[[User], Browser]


@pytest.fixture
def tier(world: World) -> TwoTier:
    cast = two_tier(world)
    make.price_list(date(2026, 11, 1), {world.premium: ("16.48", "20.60")})
    return cast


def price(tier: TwoTier) -> Price:
    return Price.objects.get(offer=tier.world.premium, duration="P1Y", plan="monthly")


def ask(tier: TwoTier, seats: int = 10, note: str = "By Friday, please") -> OrderRequest:
    return service.ask_for_offer(
        relationship=tier.relationship,
        price=price(tier),
        seats=seats,
        note=note,
        act=tier.world.act(tier.lena),
    )


def thread(asked: OrderRequest) -> list[tuple[str, str, str]]:
    found = asked.messages.order_by("id")
    return [(m.event, m.what, m.text) for m in found]


def step(name: str, asked: OrderRequest) -> str:
    return reverse(f"billing:order-request-{name}", args=[asked.public_id])


def test_approving_orders_it_bound_to_the_request(tier: TwoTier) -> None:
    asked, act = ask(tier), tier.world.act(tier.wes)

    quote = service.approve(request=asked, act=act)
    order = orders.confirm(quote=quote, act=act)

    asked.refresh_from_db()
    assert (asked.state, asked.order) == ("ordered", order)
    assert (order.subscription.seats, order.subscription.reseller) == (10, tier.litware)
    assert thread(asked) == [
        ("asked", "10 seats", "By Friday, please"),
        ("ordered", "", ""),
    ]
    logged = Activity.objects.filter(tenant=tier.litware.tenant, action="request.ordered")
    assert [entry.summary for entry in logged] == [
        "ordered as requested: Business Premium, Relecloud"
    ]


def test_two_quotes_of_one_request_make_one_order(tier: TwoTier) -> None:
    asked, act = ask(tier), tier.world.act(tier.wes)
    first, second = (service.approve(request=asked, act=act) for _ in range(2))
    orders.confirm(quote=first, act=act)

    with pytest.raises(service.RequestNotOpen, match="ordered already"):
        orders.confirm(quote=second, act=act)

    assert Order.objects.count() == 1
    assert Subscription.objects.csp().count() == 1


def test_a_change_needs_the_resellers_word(tier: TwoTier) -> None:
    asked, act = ask(tier), tier.world.act(tier.wes)
    quote = service.approve(request=asked, act=act)

    service.change(request=asked, seats=12, note="Minimum is 12", act=act)
    with pytest.raises(service.RequestNotOpen, match="has to agree first"):
        orders.confirm(quote=quote, act=act)
    with pytest.raises(service.RequestNotOpen, match="has to agree first"):
        service.approve(request=asked, act=act)
    service.agree(request=asked, act=tier.world.act(tier.lena))
    with pytest.raises(orders.QuoteStale):
        orders.confirm(quote=quote, act=act)
    order = orders.confirm(quote=service.approve(request=asked, act=act), act=act)

    assert order.subscription.seats == 12
    assert thread(asked) == [
        ("asked", "10 seats", "By Friday, please"),
        ("changed", "10 → 12 seats", "Minimum is 12"),
        ("agreed", "", ""),
        ("ordered", "", ""),
    ]


def test_seats_of_what_runs_can_be_asked_for(tier: TwoTier) -> None:
    act = tier.world.act(tier.wes)
    asked = {"partner": tier.wingtip, "tenant": tier.relecloud, "act": act}
    quote = quotes.quote(kind="new", offer=tier.world.premium, seats=10, **asked)
    sold = orders.confirm(quote=quote, act=act).subscription

    request = service.ask_for_seats(
        relationship=tier.relationship,
        subscription=sold,
        seats=15,
        act=tier.world.act(tier.lena),
    )
    orders.confirm(quote=service.approve(request=request, act=act), act=act)

    sold.refresh_from_db()
    assert sold.seats == 15


@pytest.mark.parametrize("end", ["decline", "withdraw"])
def test_a_closed_request_is_not_ordered(tier: TwoTier, end: str) -> None:
    asked, act = ask(tier), tier.world.act(tier.wes)
    quote = service.approve(request=asked, act=act)
    if end == "decline":
        service.decline(request=asked, reason="Not in stock", act=act)
    else:
        service.withdraw(request=asked, note="", act=tier.world.act(tier.lena))

    with pytest.raises(service.RequestNotOpen):
        orders.confirm(quote=quote, act=act)
    with pytest.raises(service.RequestNotOpen):
        service.change(request=asked, seats=2, note="", act=act)
    with pytest.raises(DatabaseError, match="closed one is kept"), transaction.atomic():
        OrderRequest.objects.update(seats=99)
    with pytest.raises(DatabaseError, match="thread of a request"), transaction.atomic():
        OrderRequestMessage.objects.all().delete()


def test_only_the_reseller_of_record_asks(tier: TwoTier) -> None:
    with pytest.raises(service.NotAReseller):
        service.ask_for_offer(
            relationship=tier.relationship,
            price=price(tier),
            seats=1,
            act=tier.world.act(tier.world.ada),
        )


def test_a_button_pressed_twice_sends_one_request(tier: TwoTier, sign_in: SignIn) -> None:
    form = reverse("billing:new-order-request", args=[tier.relecloud.public_id])
    typed = {"price": price(tier).pk, "seats": 7, "reason": "New office"}
    browser = sign_in(tier.lena)

    first, second = (browser.post(form, typed) for _ in range(2))

    asked = OrderRequest.objects.get()
    assert str(asked.public_id) in first["Location"]
    assert second["Location"] == first["Location"]
    assert asked.messages.count() == 1
    other = ask(tier, 7, "Another office")
    service.decline(request=other, reason="no", act=tier.world.act(tier.wes))
    assert ask(tier, 7, "Another office") != other  # a closed one is asked for anew


def test_nobody_is_billed_for_what_another_reseller_asked(tier: TwoTier) -> None:
    asked, act = ask(tier), tier.world.act(tier.wes)
    quote = service.approve(request=asked, act=act)
    change_reseller(relationship=tier.relationship, reseller=None, act=act)

    with pytest.raises(service.ResellerChanged, match="Decline the request"):
        service.approve(request=asked, act=act)
    with pytest.raises(service.ResellerChanged):
        orders.confirm(quote=quote, act=act)

    assert not Subscription.objects.exists()
    service.decline(request=asked, reason="Litware left", act=act)


def sold(tier: TwoTier, seats: int = 10) -> Subscription:
    act = tier.world.act(tier.wes)
    asked = {"partner": tier.wingtip, "tenant": tier.relecloud, "act": act}
    quote = quotes.quote(kind="new", offer=tier.world.premium, seats=seats, **asked)
    return orders.confirm(quote=quote, act=act).subscription


def test_seats_are_asked_for_on_the_customers_own_page(tier: TwoTier, sign_in: SignIn) -> None:
    subscription = sold(tier)
    other = make.relationship(tier.wingtip, tier.world.contoso, reseller=tier.litware)
    page = reverse("billing:new-order-request", args=[tier.world.contoso.public_id])

    answer = sign_in(tier.lena).get(f"{page}?subscription={subscription.public_id}")

    assert answer.status_code == 404
    with pytest.raises(service.NotAReseller):
        service.ask_for_seats(
            relationship=other,
            subscription=subscription,
            seats=12,
            act=tier.world.act(tier.lena),
        )


def test_seats_of_what_does_not_run_are_not_asked_for(tier: TwoTier) -> None:
    subscription = sold(tier)
    lifecycle.suspend(subscription=subscription, act=tier.world.act(tier.wes))
    subscription.refresh_from_db()

    with pytest.raises(service.NotRunning, match="or for a new order"):
        service.ask_for_seats(
            relationship=tier.relationship,
            subscription=subscription,
            seats=12,
            act=tier.world.act(tier.lena),
        )


def test_no_change_is_proposed_that_could_not_be_ordered(tier: TwoTier) -> None:
    subscription = sold(tier)
    Subscription.objects.filter(pk=subscription.pk).update(assigned_seats=9)
    asked = service.ask_for_seats(
        relationship=tier.relationship,
        subscription=subscription,
        seats=15,
        act=tier.world.act(tier.lena),
    )

    with pytest.raises(SeatsBelowAssigned, match="9 seats are assigned"):
        service.change(request=asked, seats=8, note="", act=tier.world.act(tier.wes))


def test_a_suspended_reseller_is_told_before_it_asks(tier: TwoTier, sign_in: SignIn) -> None:
    suspend_partner(
        partner=tier.litware, reason="overdue", starts_on=TODAY, act=tier.world.act(tier.wes)
    )
    form = reverse("billing:new-order-request", args=[tier.relecloud.public_id])

    page = sign_in(tier.lena).get(f"{form}?price={price(tier).pk}").content.decode()

    assert "Litware Consulting is suspended" in page
    assert "disabled>Send the request" in page
    customer = reverse("home:customer-subscriptions", args=[tier.relecloud.public_id])
    start = sign_in(tier.lena).get(customer).content.decode()
    assert "Litware Consulting is suspended" in start
    assert form not in start
    with pytest.raises(PartnerIsSuspended):
        ask(tier)


def test_a_provider_reads_what_its_reseller_pays(tier: TwoTier, sign_in: SignIn) -> None:
    url = reverse("billing:order", args=[tier.relecloud.public_id])

    page = sign_in(tier.wes).get(f"{url}?price={price(tier).pk}").content.decode()

    assert "Reseller pays" in page
    assert "Litware Consulting pays" in page
    assert "€18.54" in page  # 20.60 less 10 %
    assert "€20.60" not in page  # what the customer pays is between it and its reseller


def test_each_step_mails_the_other_side(
    tier: TwoTier, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        asked = ask(tier)
        service.decline(request=asked, reason="No", act=tier.world.act(tier.wes))

    title = "order request for Relecloud: Business Premium"
    assert [(m.to[0], m.subject) for m in mail.outbox] == [
        ("wes@wingtip.example", f"Litware Consulting, {title}"),
        ("lena@litware-consulting.example", f"Wingtip Distribution, {title}"),
    ]
    assert "By Friday, please" in mail.outbox[0].body


# ---------------------------------------------------------------- pages


def test_the_day_of_both_sides(tier: TwoTier, sign_in: SignIn) -> None:
    reseller, provider = sign_in(tier.sol), sign_in(tier.wes)
    form = reverse("billing:new-order-request", args=[tier.relecloud.public_id])
    chosen = price(tier).pk

    page = reseller.get(f"{form}?price={chosen}").content.decode()
    sent = reseller.post(form, {"price": chosen, "seats": 7, "reason": "New office"}, follow=True)
    asked = OrderRequest.objects.get()
    detail = reverse("billing:order-request", args=[asked.public_id])
    waiting = provider.get(reverse("billing:order-requests"))
    start = provider.get("/").content.decode()
    provider.post(step("message", asked), {"text": "Which tenant region?"})
    quoted = provider.post(step("approve", asked), follow=True)
    quote = asked.quotes.get()
    provider.post(reverse("billing:confirm-quote", args=[quote.public_id]))
    done = reseller.get(detail).content.decode()

    assert "€18.54" in page  # 20.60 less 10 %
    assert "16.48" not in page
    assert "Sent to Wingtip Distribution." in sent.content.decode()
    assert waiting.context["waiting"] == 1
    assert "Order requests" in start
    assert "You bill Litware Consulting" in quoted.content.decode()
    assert "Ordered" in done
    assert "Which tenant region?" in done
    assert Subscription.objects.csp().get().seats == 7


def test_who_may_take_which_step(tier: TwoTier, sign_in: SignIn) -> None:
    asked = ask(tier)
    reseller, provider, other = (sign_in(u) for u in (tier.lena, tier.wes, tier.world.nora))

    assert reseller.post(step("approve", asked)).status_code == 403
    assert provider.post(step("agree", asked)).status_code == 403
    assert other.post(step("message", asked), {"text": "x"}).status_code == 404
    url = reverse("billing:order-request", args=[asked.public_id])
    assert other.get(url).status_code == 404
    form = reverse("billing:new-order-request", args=[tier.relecloud.public_id])
    assert provider.get(form).status_code == 403


def test_refusals_are_said_on_the_page(tier: TwoTier, sign_in: SignIn) -> None:
    asked = ask(tier)
    provider, reseller = sign_in(tier.wes), sign_in(tier.lena)
    form = reverse("billing:new-order-request", args=[tier.relecloud.public_id])

    def said(browser: Browser, name: str, **typed: object) -> str:
        return browser.post(step(name, asked), typed, follow=True).content.decode()

    same = said(provider, "change", seats=10)
    no_reason = said(provider, "decline", reason="")
    nothing = said(reseller, "agree")
    said(reseller, "withdraw")
    late = said(provider, "approve")
    many = reseller.post(form, {"price": price(tier).pk, "seats": 999_999})

    assert "nothing would change" in same
    assert "Reason: This field is required." in no_reason
    assert "This request is waiting for the provider." in nothing
    assert "This request was withdrawn." in late
    assert "Choose between 1 and" in many.content.decode()


def test_a_list_asks_as_much_for_three_requests_as_for_one(tier: TwoTier, sign_in: SignIn) -> None:
    browser, url = sign_in(tier.wes), reverse("billing:order-requests")
    counts = []
    for seats in (10, 11, 12):
        ask(tier, seats)
        browser.get(url)
        with CaptureQueriesContext(connection) as queries:
            browser.get(url)
        counts.append(len(queries))

    assert counts[0] == counts[2]


@pytest.mark.parametrize(
    ("query", "seats"),
    [
        ({}, [12, 10]),
        ({"sort": "asked"}, [10, 12]),
        ({"state": "declined"}, [10]),
        ({"state": "open", "kind": "new"}, [12]),
        ({"kind": "seats"}, []),
        ({"q": "relec"}, [12, 10]),
        ({"q": "northwind"}, []),
    ],
)
def test_requests_are_listed_filtered_and_found(
    tier: TwoTier, sign_in: SignIn, query: dict[str, str], seats: list[int]
) -> None:
    declined, _open = ask(tier, seats=10), ask(tier, seats=12)
    service.decline(request=declined, reason="No", act=tier.world.act(tier.wes))

    for who in (tier.wes, tier.lena):
        page = sign_in(who).get(reverse("billing:order-requests"), query)
        assert [row.asked.seats for row in page.context["rows"]] == seats
        listed = csv_rows(
            sign_in(who).get(reverse("billing:order-requests"), {**query, "format": "csv"})
        )
        assert [row["Seats"] for row in listed] == [str(number) for number in seats]


def test_another_partner_lists_none_of_them(tier: TwoTier, sign_in: SignIn) -> None:
    ask(tier)

    page = sign_in(tier.world.ada).get(reverse("billing:order-requests"))

    assert page.context["rows"] == []
