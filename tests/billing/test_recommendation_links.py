"""A recommendation's link: through signing up, sent again, made anew, withdrawn, expired."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from billing.models import Quote, Recommendation
from billing.services import recommendations as service
from relationships.services import suspensions
from relationships.services.standing import PartnerIsSuspended
from subscriptions.models import Subscription
from tenants.held_links import LINK_COOKIE
from tenants.models import Activity, Membership, Tenant
from tenants.roles import Role
from tests import make
from tests.home.reading import csv_rows, queries, table_rows
from tests.subscriptions.test_other_channels import APP, as_role
from tests.tenants.test_sign_up import FORM, SIGN_UP, mailed_code
from tests.world import TODAY, World

from .selling import list_prices
from .test_recommendations import OFFER, buy, recommend

LIST = reverse("billing:recommendations")


@pytest.fixture
def advised(world: World) -> World:
    list_prices(world)
    return world


@pytest.fixture
def holding(advised: World) -> Client:
    """Return a browser that has opened a recommendation's link, and is not signed in."""
    browser = Client()
    browser.get(f"/r/{recommend(advised, 10)[1]}/")
    return browser


def mailed(world: World, *, language: str = "en", email: str = "carl@northwind.example") -> Any:
    return service.recommend(
        partner=world.tailspin,
        items=[service.Advice(offer=world.premium, seats=10)],
        email=email,
        language=language,
        act=world.act(world.nora),
    )


# ------------------------------------------------------------------------- signing up


def test_somebody_new_signs_up_names_the_tenant_and_buys(advised: World, holding: Client) -> None:
    page = holding.get(OFFER).text
    assert reverse("account_signup") in page
    assert "what is recommended to you" in holding.get(SIGN_UP).text

    signed_up = holding.post(SIGN_UP, FORM | {"country": "DE"})
    verified = holding.post(signed_up["Location"], {"code": mailed_code()})
    assert verified["Location"] == OFFER
    tenant = Tenant.objects.get(domain="litware.example")
    membership = Membership.objects.get(tenant=tenant)
    assert membership.role_set == {Role.TENANT_ADMIN}

    assert "Choose what to buy" in holding.get(OFFER).text
    workspace = {"workspace": str(membership.public_id)}
    quoted = holding.post("/recommendation/quote/", {"item": "1", **workspace})
    assert "Buy for €206.00" in holding.get(quoted["Location"]).text  # 20.60 x 10
    ids = str(Quote.objects.get().public_id)
    done = holding.post("/recommendation/buy/", {"q": ids, **workspace})
    bought = Subscription.objects.get(tenant=tenant)
    assert (bought.channel, bought.partner_of_record) == ("advisor", advised.tailspin)
    assert done.cookies[LINK_COOKIE].value == ""  # the next sign-in leads home


def test_it_survives_signing_in_out_and_in_as_somebody_else(
    advised: World, holding: Client
) -> None:
    def sign_in(email: str) -> Any:
        return holding.post(reverse("account_login"), {"login": email, "password": make.PASSWORD})

    first = sign_in(advised.mia.email)
    refused = holding.get(OFFER)
    holding.post(reverse("account_logout"))
    second = sign_in(advised.carl.email)

    assert first["Location"] == second["Location"] == OFFER
    assert refused.status_code == 403
    assert "Tenant admin can buy this" in refused.text
    assert "Choose what to buy" in holding.get(OFFER).text


def test_who_must_set_up_a_second_factor_first_finds_the_way_back(
    advised: World, holding: Client, settings: Any
) -> None:
    settings.MFA_REQUIRED = True
    signed_up = holding.post(SIGN_UP, FORM)
    holding.post(signed_up["Location"], {"code": mailed_code()})

    sent_away = holding.get(OFFER)

    assert sent_away["Location"] == reverse("mfa_index")
    page = holding.get(sent_away["Location"]).text
    assert "You came with a partner's recommendation" in page
    assert f'href="{OFFER}"' in page


def test_where_the_domain_is_taken_its_admins_can_be_told(advised: World, holding: Client) -> None:
    typed = {"email": "new@northwind.example", "name": "Nina New"}
    page = holding.post(SIGN_UP, {**FORM, **typed}).text
    ask = reverse("tenants:ask-admins")
    answer = holding.post(ask, typed, follow=True).text

    assert "northwind.example belongs to an organisation" in page
    assert "a Tenant admin can buy what is recommended" in page
    assert "They can buy what is recommended." in answer
    assert mail.outbox[0].to == [advised.carl.email]
    assert "to whom a partner recommended a purchase" in mail.outbox[0].body
    assert "as a Tenant admin you can see the price and buy" in mail.outbox[0].body


def test_who_may_buy_elsewhere_is_led_there(advised: World, sign_in: Any) -> None:
    zava = make.tenant("Zava", domain="zava.example")  # the last of her workspaces
    Membership.objects.create(user=advised.nora, tenant=zava, roles=[Role.TENANT_ADMIN.value])
    browser = sign_in(advised.nora)
    browser.get(f"/r/{recommend(advised)[1]}/")

    assert "Buy it for Zava" in browser.get(OFFER).text


def test_a_forged_cookie_opens_neither_sign_up_nor_recommendation(advised: World) -> None:
    made, _ = recommend(advised)
    browser = Client()
    browser.cookies[LINK_COOKIE] = f"recommendation.{made.public_id}.0000:forged"

    browser.post(SIGN_UP, FORM)

    assert browser.get(OFFER).status_code == 404
    assert not Membership.objects.filter(user__email=FORM["email"]).exists()


def test_one_link_does_not_stand_for_another(advised: World, holding: Client) -> None:
    assert holding.get("/invitation/").status_code == 404
    assert holding.get(OFFER).status_code == 200


def test_what_ends_meanwhile_says_why_once_and_after_a_reload(
    advised: World, holding: Client
) -> None:
    holding.force_login(advised.carl)
    service.withdraw(recommendation=Recommendation.objects.get(), act=advised.act(advised.nora))

    for _time in range(2):
        page = holding.get(OFFER)
        assert page.status_code == 410
        assert "The partner has withdrawn this recommendation." in page.text
    assert holding.cookies[LINK_COOKIE].value == ""


# ------------------------------------------------------------------- new links, letters


def test_sent_again_it_has_a_new_link_and_the_old_one_is_dead(advised: World) -> None:
    made, old = mailed(advised)
    later = advised.act(advised.nora, TODAY + timedelta(days=20))

    with as_role(APP):
        service.send(recommendation=made, act=later)

    new = re.search(r"/r/([\w-]{43})/", mail.outbox[0].body)
    assert new
    assert mail.outbox[0].to == ["carl@northwind.example"]
    assert Client().get(f"/r/{old}/").status_code == 404
    made.refresh_from_db()
    assert (made.expires_on, made.last_sent_at) == (TODAY + timedelta(days=50), later.at)
    assert Client().get(f"/r/{new[1]}/")["Location"] == OFFER
    logged = Activity.objects.get(action="recommendation.sent")
    assert logged.summary == "sent a recommendation to carl@northwind.example"


def test_a_new_link_kills_the_one_a_browser_holds(advised: World, holding: Client) -> None:
    token = service.renew_link(
        recommendation=Recommendation.objects.get(), act=advised.act(advised.nora)
    )

    assert holding.get(OFFER).status_code == 404
    assert holding.get(f"/r/{token}/")["Location"] == OFFER


def test_it_expires_after_30_days_and_a_new_link_opens_it_again(advised: World) -> None:
    made, token = recommend(advised)

    assert [made.state_on(TODAY + timedelta(days=n)) for n in (0, 29, 30)] == [
        "open",
        "open",
        "expired",
    ]
    Recommendation.objects.update(expires_on=TODAY)
    assert Client().get(f"/r/{token}/").status_code == 410
    service.renew_link(recommendation=made, act=advised.act(advised.nora))
    made.refresh_from_db()
    assert made.state_on(TODAY) == "open"


@pytest.mark.parametrize("why", ["bought", "withdrawn"])
def test_what_is_over_is_not_sent_again(advised: World, why: str) -> None:
    made, _ = mailed(advised)
    act = advised.act(advised.nora)
    if why == "bought":
        buy(advised, made)
    else:
        service.withdraw(recommendation=made, act=act)

    for change in (service.send, service.renew_link, service.withdraw):
        with pytest.raises(service.RecommendationNotOpen) as refused:
            change(recommendation=made, act=act)
        assert refused.value.state == why


def test_without_an_address_it_is_not_mailed(advised: World) -> None:
    made, _ = recommend(advised)

    with pytest.raises(service.NoAddress, match="copy a new link instead"):
        service.send(recommendation=made, act=advised.act(advised.nora))


def test_a_letter_that_is_not_taken_leaves_the_old_link_alive(
    advised: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, token = mailed(advised)

    def refuse(_mail: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    with pytest.raises(service.MailNotSent):
        service.send(recommendation=made, act=advised.act(advised.nora))

    assert Client().get(f"/r/{token}/")["Location"] == OFFER


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        ("en", "Tailspin Partners recommends a purchase", "1 year, Monthly"),
        ("de", "Tailspin Partners empfiehlt einen Kauf", "1 Jahr, Monatlich"),
    ],
)
def test_the_letter_is_in_the_customers_language(
    advised: World, language: str, subject: str, words: str
) -> None:
    made, _ = mailed(advised, language=language)

    service.send(recommendation=made, act=advised.act(advised.nora))

    letter = mail.outbox[0]
    assert letter.subject == subject
    assert f"10 × Business Premium, {words}" in letter.body
    html = letter.alternatives[0].content  # type: ignore[attr-defined]  # EmailMultiAlternatives
    assert f"10 × Business Premium, {words}" in html
    english = ("You see the price", "The link works until", "Sent for")
    assert [word in letter.body for word in english] == [language == "en"] * 3


# ------------------------------------------------------------------------------ pages


def test_the_partner_sends_it_again_and_copies_a_new_link(advised: World, sign_in: Any) -> None:
    made, old = mailed(advised)
    nora = sign_in(advised.nora)
    own = [made.public_id]

    page = nora.get(reverse("billing:recommendation", args=own)).text
    sent = nora.post(reverse("billing:recommendation-send", args=own), follow=True).text
    shown = nora.post(reverse("billing:recommendation-renew-link", args=own)).text

    assert "Copy a new link" in page
    assert "Sent to carl@northwind.example with a new link." in sent
    token = shown.partition("/r/")[2].partition("/")[0]
    assert "A new link for your customer" in shown
    assert "Links made earlier no longer work." in shown
    assert token not in {"", old}
    assert Client().get(f"/r/{token}/")["Location"] == OFFER


def test_the_page_says_why_it_cannot_be_sent(advised: World, sign_in: Any) -> None:
    made, _ = recommend(advised)
    nora = sign_in(advised.nora)
    send = reverse("billing:recommendation-send", args=[made.public_id])
    renew = reverse("billing:recommendation-renew-link", args=[made.public_id])

    assert "copy a new link instead" in nora.post(send, follow=True).text
    buy(advised, made)
    assert "it can be bought once" in nora.post(renew, follow=True).text
    assert (
        "Copy a new link"
        not in nora.get(reverse("billing:recommendation", args=[made.public_id])).text
    )


def test_nobody_elses_recommendation_is_sent(advised: World, sign_in: Any) -> None:
    made, token = recommend(advised)

    for name in ("send", "renew-link", "withdraw"):
        url = reverse(f"billing:recommendation-{name}", args=[made.public_id])
        assert sign_in(advised.ada).post(url).status_code == 404
        assert sign_in(advised.helen).post(url).status_code == 403
    assert Client().get(f"/r/{token}/")["Location"] == OFFER


@pytest.fixture
def nora(advised: World, sign_in: Any) -> Any:
    """Nora's list: one in each state, the oldest first made."""
    days = {"expired": 40, "withdrawn": 12, "bought": 5, "partly": 1, "open": 0}
    for state, age in days.items():
        act = advised.act(advised.nora, TODAY - timedelta(days=age))
        seats = [10, 25] if state == "partly" else [10]
        made, _ = service.recommend(
            partner=advised.tailspin,
            items=[service.Advice(offer=advised.premium, seats=n) for n in seats],
            customer_name=f"Customer {state}",
            email="" if state == "open" else f"{state}@customer.example",
            act=act,
        )
        if state == "withdrawn":
            service.withdraw(recommendation=made, act=act)
        if state == "bought":
            buy(advised, made)
        if state == "partly":
            _buy_first(advised, made)
    return sign_in(advised.nora)


def _buy_first(world: World, made: Recommendation) -> None:
    from billing.services import baskets  # noqa: PLC0415 -- for one fixture

    act = world.act(world.carl)
    items = [made.items.get(position=1)]
    baskets.confirm_all(
        quotes=baskets.quote_items(items=items, tenant=world.northwind, act=act), act=act
    )


def test_the_list_has_the_state_and_age_of_each(nora: Any) -> None:
    rows = table_rows(nora.get(LIST))

    assert [row.partition(" Business Premium ")[2].split(" made")[0][:22] for row in rows]
    states = ["Open today", "Partly bought 1 day", "Bought 5 days", "Withdrawn 12 days"]
    assert [state in row for state, row in zip(states, rows, strict=False)] == [True] * 4
    assert "Expired 40 days" in rows[4]
    assert "bought by Northwind Traders" in rows[2]


@pytest.mark.parametrize("state", ["open", "partly", "bought", "withdrawn", "expired"])
def test_the_list_is_narrowed_to_a_state(nora: Any, state: str) -> None:
    rows = csv_rows(nora.get(LIST, {"state": state, "format": "csv"}))
    labels = {"partly": "Partly bought"}

    assert [row["State"] for row in rows] == [labels.get(state, state.capitalize())]


def test_it_is_searched_and_counted(nora: Any) -> None:
    page = nora.get(LIST, {"q": "withdrawn@"})

    assert len(table_rows(page)) == 1
    assert [choice.count for choice in page.context["chips"].choices] == [1] * 5


def test_several_are_sent_again_or_withdrawn_with_a_result_each(nora: Any) -> None:
    ids = [str(pk) for pk in Recommendation.objects.values_list("public_id", flat=True)]

    sent = command(nora, "send", ids).text
    withdrawn = command(nora, "withdraw", ids).text

    assert sent.count("sent with a new link") == 2  # expired and partly
    assert "copy a new link instead" in sent  # open, without an address
    assert "The partner has withdrawn this recommendation." in sent
    assert withdrawn.count("withdrawn") >= 3
    assert len(mail.outbox) == 2
    assert Recommendation.objects.filter(withdrawn_at=None).count() == 1


def test_another_partners_are_not_changed(nora: Any, advised: World, sign_in: Any) -> None:
    ids = [str(pk) for pk in Recommendation.objects.values_list("public_id", flat=True)]

    command(sign_in(advised.ada), "withdraw", ids)

    assert Recommendation.objects.filter(withdrawn_at=None).count() == 4


def command(browser: Any, do: str, ids: list[str]) -> Any:
    asked = {"do": do, "pk": ids, "form": str(uuid4())}
    return browser.post(reverse("home:bulk-ask", args=["recommendations"]), asked, follow=True)


def test_the_list_takes_as_many_queries_for_many(advised: World, sign_in: Any) -> None:
    browser = sign_in(advised.nora)
    recommend(advised, 10)
    few = queries(browser, f"{LIST}?per_page=100")
    for _n in range(49):
        recommend(advised, 10, 25)

    assert queries(browser, f"{LIST}?per_page=100") == few <= 12


# --------------------------------------------------------- partners who may not sell now


def suspend(world: World) -> None:
    suspensions.suspend_partner(
        partner=world.tailspin, reason="overdue", starts_on=TODAY, act=world.act()
    )


def test_a_suspended_partner_recommends_nothing_new(advised: World, sign_in: Any) -> None:
    made, _ = mailed(advised)
    suspend(advised)
    nora = sign_in(advised.nora)
    own = [made.public_id]

    for change in (service.send, service.renew_link):
        with pytest.raises(PartnerIsSuspended):
            change(recommendation=made, act=advised.act(advised.nora))
    with pytest.raises(PartnerIsSuspended):
        recommend(advised)
    form = nora.get(reverse("billing:recommend")).text
    sent = nora.post(reverse("billing:recommendation-send", args=own), follow=True).text

    assert "Tailspin Partners is suspended" in form
    assert 'type="submit"' not in form.partition("<main")[2].partition("</main>")[0]
    assert "Nothing was changed. The vendor suspended Tailspin Partners" in sent
    service.withdraw(recommendation=made, act=advised.act(advised.nora))


def test_nothing_is_bought_on_a_suspended_partners_advice(advised: World, sign_in: Any) -> None:
    made, token = mailed(advised)
    carl = sign_in(advised.carl)
    carl.get(f"/r/{token}/")
    suspend(advised)

    page = carl.get(OFFER)

    assert page.status_code == 409
    assert "The partner may start nothing new at the moment." in page.text
    assert "overdue" not in page.text  # why is between the partner and the vendor
    with pytest.raises(service.RecommendationNotOpen) as refused:
        buy(advised, made)
    assert refused.value.state == "on_hold"
    assert not Subscription.objects.exists()
