"""A partner recommends, the customer buys from the vendor: one item once, one tenant."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from billing.models import Quote, Recommendation
from billing.services import baskets, orders, recommended
from billing.services import recommendations as service
from subscriptions.models import Subscription
from subscriptions.services import errors
from subscriptions.services.partner_of_record import ReasonMissing, change_partner_of_record
from tenants.acts import Act
from tenants.models import Activity, User
from tenants.roles import Kind, Role
from tests import make
from tests.subscriptions.test_other_channels import APP, as_role, refusal
from tests.world import TODAY, World

from .selling import list_prices

OFFER = "/recommendation/"


def recommend(world: World, *seats: int, by: User | None = None) -> tuple[Recommendation, str]:
    """Let Tailspin recommend Business Premium, once for each number of seats."""
    return service.recommend(
        partner=world.tailspin,
        items=[service.Advice(offer=world.premium, seats=n) for n in seats or (10,)],
        customer_name="Northwind",
        note="For the new office",
        act=world.act(by or world.nora),
    )


def buy(world: World, made: Recommendation, *, by: User | None = None) -> list[Subscription]:
    by = by or world.carl
    act = world.act(by)
    assert act.organisation is not None
    quotes = baskets.quote_items(
        items=list(made.items.order_by("position")), tenant=act.organisation, act=act
    )
    return [o.subscription for o in baskets.confirm_all(quotes=quotes, act=act)]


@pytest.fixture
def advised(world: World) -> World:
    list_prices(world)
    make.relationship(world.fabrikam, world.northwind)
    return world


def test_what_is_bought_is_advisor_with_the_partner_of_record(advised: World) -> None:
    made, _ = recommend(advised, 10, 25)

    bought = buy(advised, made)

    assert [(s.channel, s.seats, s.partner_of_record) for s in bought] == [
        ("advisor", 10, advised.tailspin),
        ("advisor", 25, advised.tailspin),
    ]
    made.refresh_from_db()
    assert (made.tenant, made.state_on(TODAY)) == (advised.northwind, "bought")
    price = bought[0].locked_prices.get()
    assert (price.seller, price.buyer, price.unit_price) == (
        advised.cirrus,
        advised.northwind,
        Decimal("20.6000"),
    )


def test_an_advisor_who_sells_nothing_itself_may_recommend(advised: World) -> None:
    advisor = make.partner(
        "Adventure Advice", domain="advice.example", mpn_id="4711009", kind=Kind.ADVISOR
    )
    anne = make.member("anne", advisor.tenant, Role.SALES_AGENT)

    made, _ = service.recommend(
        partner=advisor,
        items=[service.Advice(offer=advised.premium, seats=1)],
        act=advised.act(anne),
    )

    assert buy(advised, made)[0].partner_of_record == advisor


def test_each_reason_why_it_cannot_be_bought(advised: World) -> None:
    withdrawn, expired, bought, own = (recommend(advised)[0] for _ in range(4))
    service.withdraw(recommendation=withdrawn, act=advised.act(advised.nora))
    Recommendation.objects.filter(pk=expired.pk).update(expires_on=TODAY)
    buy(advised, bought)

    for made, who, why in (
        (withdrawn, advised.carl, "The partner has withdrawn this recommendation."),
        (expired, advised.carl, "This recommendation has expired."),
        (bought, advised.carl, "it can be bought once"),
        (bought, advised.tom, "Another organisation has bought"),
        (own, advised.nora, "A partner cannot buy on its own recommendation."),
    ):
        with pytest.raises(recommended.RecommendationNotOpen, match=why):
            buy(advised, made, by=who)


def test_part_of_it_can_be_bought_and_the_rest_later(advised: World) -> None:
    made, _ = recommend(advised, 10, 25)
    act = advised.act(advised.carl)

    (quote,) = baskets.quote_items(
        items=[made.items.get(position=2)], tenant=advised.northwind, act=act
    )
    orders.confirm(quote=quote, act=act)

    fresh = Recommendation.objects.get(pk=made.pk)
    assert fresh.state_on(TODAY) == "partly"
    assert Subscription.objects.get().seats == 25


def test_all_of_a_basket_is_bought_or_nothing(advised: World) -> None:
    made, _ = recommend(advised, 10, 25)
    act = advised.act(advised.carl)
    quotes = baskets.quote_items(
        items=list(made.items.order_by("position")), tenant=advised.northwind, act=act
    )
    advised.premium.seat_maximum = 20
    advised.premium.save()

    with pytest.raises(errors.SeatsOutOfRange):
        baskets.confirm_all(quotes=list(Quote.objects.order_by("pk")), act=act)

    assert len(quotes) == 2
    assert not Subscription.objects.exists()


def test_the_run_time_role_can_do_all_of_it(advised: World) -> None:
    with as_role(APP):
        made, _ = recommend(advised)
        service.note_opened(
            recommendation=made, tenant=advised.northwind, act=advised.act(advised.carl)
        )
        buy(advised, made)
        other, _ = recommend(advised)
        service.withdraw(recommendation=other, act=advised.act(advised.nora))


def test_the_database_keeps_what_was_bought(advised: World) -> None:
    made, _ = recommend(advised)
    buy(advised, made)

    for sql in (
        "UPDATE billing_recommendeditem SET subscription_id = NULL",
        "UPDATE billing_recommendation SET tenant_id = NULL",
        f"UPDATE billing_recommendation SET partner_id = {advised.fabrikam.pk}",  # noqa: S608 -- a test's own text
        "DELETE FROM billing_recommendation",
    ):
        assert refusal(sql) == "tenants_append_only", sql


# --------------------------------------------------------------- partner of record (R6)


@pytest.fixture
def olga(db: None) -> User:
    return User.objects.create_superuser("olga@vendor.example", "x")


def test_operators_change_partner_of_record_with_a_reason(advised: World, olga: User) -> None:
    (bought,) = buy(advised, recommend(advised)[0])
    act = Act(by=olga, organisation=None, at=advised.act().at, on=TODAY)

    with as_role(APP):
        change_partner_of_record(
            subscription=bought, partner=advised.fabrikam, reason="Advisor has closed", act=act
        )

    bought.refresh_from_db()
    assert bought.partner_of_record == advised.fabrikam
    logged = Activity.objects.filter(action="subscription.partner-of-record")
    assert {entry.tenant for entry in logged} == {
        advised.northwind,
        advised.tailspin.tenant,
        advised.fabrikam.tenant,
    }
    assert {entry.after["reason"] for entry in logged} == {"Advisor has closed"}


def test_without_a_reason_or_on_another_channel_nothing_changes(advised: World, olga: User) -> None:
    (bought,) = buy(advised, recommend(advised)[0])
    direct = make.other_channel(advised.northwind, "direct", "Windows")
    act = Act(by=olga, organisation=None, at=advised.act().at, on=TODAY)

    with pytest.raises(ReasonMissing, match="Say why"):
        change_partner_of_record(subscription=bought, partner=None, reason=" ", act=act)
    with pytest.raises(errors.ManagedElsewhere):
        change_partner_of_record(subscription=direct, partner=advised.fabrikam, reason="x", act=act)


@pytest.mark.parametrize("role", ["", APP], ids=["owner", "app"])
def test_the_database_changes_it_for_operators_with_a_reason_only(
    advised: World, olga: User, role: str
) -> None:
    (bought,) = buy(advised, recommend(advised)[0])
    call = "SELECT subscriptions_set_partner_of_record({}, {}, '{}', {})"
    new = advised.fabrikam.pk

    with as_role(role):
        assert refusal(call.format(bought.pk, new, "why", advised.ada.pk)) == (
            "subscriptions_partner_of_record_by_operators"
        )
        assert refusal(call.format(bought.pk, new, " ", olga.pk)) == (
            "subscriptions_partner_of_record_has_a_reason"
        )
        assert refusal(call.format(bought.pk, new, "why", olga.pk)) == ""


def test_the_operators_page(advised: World, olga: User, sign_in: Any) -> None:
    (bought,) = buy(advised, recommend(advised)[0])
    url = reverse("admin:subscriptions_partner_of_record", args=[bought.pk])
    browser = sign_in(olga)

    without = browser.post(url, {"partner": advised.fabrikam.pk, "reason": ""})
    browser.post(url, {"partner": advised.fabrikam.pk, "reason": "Advisor has closed"})

    bought.refresh_from_db()
    assert "This field is required." in without.content.decode()
    assert bought.partner_of_record == advised.fabrikam
    assert sign_in(advised.ada).get(url).status_code in {302, 403, 404}


# ------------------------------------------------------------------------------ pages


def rows(*offers: tuple[Any, int]) -> dict[str, Any]:
    data: dict[str, Any] = {"rows-TOTAL_FORMS": 4, "rows-INITIAL_FORMS": 0}
    for number in range(4):
        data |= {f"rows-{number}-duration": "P1Y", f"rows-{number}-plan": "monthly"}
    for number, (offer, seats) in enumerate(offers):
        data |= {f"rows-{number}-offer": offer.pk, f"rows-{number}-seats": seats}
    return data


def test_a_partners_day_from_the_form_to_the_list(advised: World, sign_in: Any) -> None:
    nora: Client = sign_in(advised.nora)

    shown = nora.post(
        reverse("billing:recommend"),
        rows((advised.premium, 10))
        | {"customer_name": "Northwind", "email": "carl@northwind.example", "is_mailed": "on"}
        | {"language": "en"},
    ).content.decode()
    listed = nora.get(reverse("billing:recommendations")).content.decode()

    token = shown.partition("/r/")[2].partition("/")[0]
    assert Recommendation.objects.get().items.get().seats == 10
    assert len(token) == 43
    assert f"/r/{token}/" in mail.outbox[0].body
    assert "10 × Business Premium" in listed
    assert token not in listed


def test_what_is_wrong_with_the_form_is_said(advised: World, sign_in: Any) -> None:
    page = sign_in(advised.nora).post(reverse("billing:recommend"), rows())

    assert "Choose at least one offer to recommend." in page.content.decode()
    assert not Recommendation.objects.exists()


def test_the_customer_opens_signs_in_sees_the_price_and_buys(advised: World, sign_in: Any) -> None:
    _, token = recommend(advised, 10, 25)
    carl: Client = sign_in(advised.carl)

    opened = carl.get(f"/r/{token}/")
    offer = carl.get(OFFER).content.decode()
    quoted = carl.post("/recommendation/quote/", {"item": ["1", "2"]})
    basket = carl.get(quoted["Location"]).content.decode()
    ids = [str(each) for each in Quote.objects.values_list("public_id", flat=True)]
    done = carl.post("/recommendation/buy/", {"q": ids}, follow=True).content.decode()

    assert token not in opened["Location"]
    assert "Tailspin Partners recommends a purchase" in offer
    assert "For the new office" in offer
    assert "Buy for €721.00" in basket  # 20.60 x 35
    assert "Bought from the vendor" in done
    assert Subscription.objects.filter(channel="advisor").count() == 2


def test_the_link_survives_signing_in(advised: World) -> None:
    _, token = recommend(advised)
    browser = Client()

    browser.get(f"/r/{token}/")
    anonymous = browser.get(OFFER)
    browser.post(reverse("account_login"), {"login": advised.carl.email, "password": make.PASSWORD})
    signed_in = browser.get(OFFER)

    assert "Sign in" in anonymous.content.decode()
    assert "Choose what to buy" in signed_in.content.decode()


def test_a_dead_link_says_why(advised: World, sign_in: Any) -> None:
    made, token = recommend(advised)
    service.withdraw(recommendation=made, act=advised.act(advised.nora))

    answer = Client().get(f"/r/{token}/")
    unknown = Client().get("/r/" + "A" * 43 + "/")

    assert (answer.status_code, unknown.status_code) == (410, 404)
    assert "The partner has withdrawn this recommendation." in answer.content.decode()
    assert "The link may be incomplete." in unknown.content.decode()


def test_only_a_tenant_admin_buys(advised: World, sign_in: Any) -> None:
    _, token = recommend(advised)

    for person in (advised.bea, advised.mia, advised.ada):
        browser = sign_in(person)
        browser.get(f"/r/{token}/")
        page = browser.get(OFFER)
        assert page.status_code == 403
        assert "Tenant admin can buy this" in page.content.decode()
        assert browser.post("/recommendation/quote/", {"item": "1"}).status_code == 403


def test_another_partner_does_not_see_it(advised: World, sign_in: Any) -> None:
    made, _ = recommend(advised)
    url = reverse("billing:recommendation", args=[made.public_id])

    assert sign_in(advised.nora).get(url).status_code == 200
    assert sign_in(advised.ada).get(url).status_code == 404
    assert sign_in(advised.helen).get(reverse("billing:recommendations")).status_code == 403


def test_the_partner_withdraws_it(advised: World, sign_in: Any) -> None:
    made, _ = recommend(advised)
    url = reverse("billing:recommendation-withdraw", args=[made.public_id])
    nora = sign_in(advised.nora)

    nora.post(url)
    again = nora.post(url, follow=True).content.decode()

    made.refresh_from_db()
    assert made.withdrawn_by == advised.nora
    assert "Nothing was changed. The partner has withdrawn this recommendation." in again


def test_prices_that_expired_are_asked_for_again(
    advised: World, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, token = recommend(advised)
    carl: Client = sign_in(advised.carl)
    carl.get(f"/r/{token}/")
    monkeypatch.setattr("billing.services.quotes.VALIDITY", timedelta(0))
    basket = carl.get(carl.post("/recommendation/quote/", {"item": "1"})["Location"])

    done = carl.post("/recommendation/buy/", {"q": str(Quote.objects.get().public_id)}, follow=True)

    assert "These prices have expired" in basket.content.decode()
    assert "the price was no longer valid" in done.content.decode()
    assert not Subscription.objects.exists()
