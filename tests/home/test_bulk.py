"""One command for many rows: asked, priced, confirmed, carried out, with a result for each."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.urls import reverse

from billing.models import Charge, Order
from csp_portal.home.bulk import carrying, changes, runs
from csp_portal.home.models import BulkRow, BulkRun
from csp_portal.shared import clock
from relationships.models import CustomerTag, Invitation
from relationships.services import invitations
from subscriptions.models import SeatChange, Subscription
from subscriptions.services import lifecycle
from tenants.models import Activity, Membership, Tenant
from tests import make
from tests.billing.selling import change, sell
from tests.conftest import Browser
from tests.two_tier import two_tier
from tests.world import TODAY, World

from .bulk import ask, confirm, outcomes, work
from .reading import SignIn, csv_rows, main_words, queries, table_rows, text

PREMIUM = "Business Premium · Northwind Traders"
ADATUM = "Business Premium · Adatum Logistics"


@pytest.fixture
def adatum(sold: World, premium: Subscription) -> Subscription:
    """Adatum Logistics has 5 seats of Business Premium from 10 Jun 2026."""
    tenant = make.tenant("Adatum Logistics", domain="adatum.example")
    make.relationship(sold.fabrikam, tenant, on=date(2026, 5, 1))
    return sell(sold, tenant=tenant, seats=5, on=date(2026, 6, 10))


@pytest.fixture
def ada(sold: World, adatum: Subscription, sign_in: SignIn) -> Browser:
    return sign_in(sold.ada)


def states() -> dict[str, str]:
    return {
        f"{s.title} · {s.tenant.name}": s.state
        for s in Subscription.objects.csp().select_related("tenant")
    }


def test_what_suspending_costs_is_shown_for_each_row_before_the_click(
    sold: World, ada: Browser, premium: Subscription, adatum: Subscription
) -> None:
    direct = make.other_channel(sold.northwind, "direct", "Office Suite E3", seats=210)

    page = ask(ada, "subscriptions", "suspend", [premium, adatum, direct])

    rows = table_rows(page)
    # 22 of 30 days of 60 x 20.60, and of 60 x 16.48
    assert "−€906.40" in rows[0].replace("-", "−")
    assert "−€725.12" in rows[0].replace("-", "−")
    assert "You did not sell it: only its own channel changes it." in rows[1]
    # 18 of 30 days of 5 x 20.60, and of 5 x 16.48
    assert "61.80" in rows[2]
    assert "49.44" in rows[2]
    words = main_words(page)
    assert "You credit €968.20" in words  # 906.40 + 61.80
    assert "You are credited €774.56" in words  # 725.12 + 49.44
    assert "Suspend subscriptions: 2 rows" in words
    assert set(states().values()) == {"active"}
    assert not Order.objects.filter(quote__kind="suspend").exists()


def test_the_click_suspends_each_at_its_price_with_the_reason(
    ada: Browser, premium: Subscription, adatum: Subscription
) -> None:
    ask(ada, "renewals", "suspend", [premium, adatum])

    page = confirm(ada, note="Bills are not paid")

    assert states() == {PREMIUM: "suspended", ADATUM: "suspended"}
    assert "2 done" in main_words(page)
    credited = Charge.objects.filter(seat_change__kind="suspended").order_by("amount")
    assert [str(charge.amount) for charge in credited] == ["-906.40", "-725.12", "-61.80", "-49.44"]
    reasons = Order.objects.filter(quote__kind="suspend").values_list("quote__reason", flat=True)
    assert list(reasons) == ["Bills are not paid"] * 2
    logged = Activity.objects.get(action="bulk.confirmed")
    assert logged.summary == "Suspend subscriptions: 2 rows"


def test_reactivating_costs_what_it_says(
    sold: World, ada: Browser, premium: Subscription, adatum: Subscription
) -> None:
    change(sold, "suspend", premium, on=TODAY)

    page = ask(ada, "subscriptions", "reactivate", [premium, adatum])
    shown = main_words(page)
    done = confirm(ada)

    assert "You charge €906.40" in shown
    assert "1 refused" in shown
    assert states() == {PREMIUM: "active", ADATUM: "active"}
    assert "1 done" in main_words(done)
    assert outcomes()[ADATUM][0] == "refused"


def test_suspending_asks_for_the_password_again(ada: Browser, premium: Subscription) -> None:
    ask(ada, "subscriptions", "suspend", [premium])
    session = ada.session
    del session["account_authentication_methods"]
    session.save()
    run = BulkRun.objects.get()

    answer = ada.post(reverse("home:bulk-confirm", args=[run.public_id]))

    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert set(states().values()) == {"active"}


def test_a_form_that_is_sent_twice_and_a_second_click_do_it_once(
    ada: Browser, premium: Subscription, adatum: Subscription
) -> None:
    form = "11111111-2222-4333-8444-555555555555"
    for _ in range(2):
        ask(ada, "subscriptions", "suspend", [premium, adatum], form=form)
    run = BulkRun.objects.get()
    for _ in range(3):
        confirm(ada, run)

    assert Order.objects.filter(quote__kind="suspend").count() == 2
    assert Activity.objects.filter(action="bulk.confirmed").count() == 1
    # the same form with other rows is another command
    ask(ada, "subscriptions", "suspend", [premium], form=form)
    assert BulkRun.objects.count() == 2


def test_an_add_on_goes_along_with_its_base(
    sold: World, ada: Browser, premium: Subscription
) -> None:
    phone = sell(sold, offer=sold.phone, base=premium, seats=10, on=date(2026, 6, 14))

    ask(ada, "subscriptions", "suspend", [phone, premium])
    confirm(ada)

    name = "Teams Phone Standard · Northwind Traders"
    assert outcomes()[name] == (
        "refused",
        "An add-on to Business Premium, which is suspended by the same command and takes it along.",
    )
    assert states()[name] == states()[PREMIUM] == "suspended"
    # 22 of 30 days of 60 x 20.60 and 10 x 8.00: the base's price has both
    assert str(BulkRow.objects.get(name=PREMIUM).sold) == "-965.07"


def test_a_price_that_no_longer_holds_changes_nothing(
    sold: World, ada: Browser, premium: Subscription, adatum: Subscription
) -> None:
    ask(ada, "subscriptions", "suspend", [premium, adatum])
    change(sold, "seats", premium, on=TODAY, seats=61)

    confirm(ada)

    assert outcomes()[PREMIUM] == (
        "refused",
        "The price that was shown no longer holds; nothing was changed. Ask for it again.",
    )
    assert states() == {PREMIUM: "active", ADATUM: "suspended"}


@pytest.mark.parametrize("note", ["", "A reason"])
def test_prices_older_than_half_an_hour_are_shown_anew(
    sold: World, ada: Browser, premium: Subscription, note: str
) -> None:
    ask(ada, "subscriptions", "suspend", [premium])
    run = BulkRun.objects.get()
    BulkRun.objects.update(asked_at=run.asked_at - timedelta(minutes=30))

    refused = confirm(ada, run, note)
    anew = ada.post(reverse("home:bulk-again", args=[run.public_id]), follow=True)
    confirm(ada, note=note)

    assert "These prices are older than 30 minutes. Nothing was changed" in main_words(refused)
    assert "You credit €906.40" in main_words(anew)
    assert states()[PREMIUM] == "suspended"


def test_all_that_match_are_found_by_the_worker_and_wait_for_the_click(
    ada: Browser, premium: Subscription, adatum: Subscription
) -> None:
    page = ask(ada, "subscriptions", "off", None, query="q=adat&channel=csp")
    run = BulkRun.objects.get()

    assert "Finding the rows" in main_words(page)
    assert run.total is None
    work()
    ready = ada.get(reverse("home:bulk-run", args=[run.public_id]))
    assert "Turn auto-renew off: 1 row" in main_words(ready)
    assert Subscription.objects.filter(auto_renew=False).count() == 0
    confirm(ada)
    work()
    assert outcomes() == {ADATUM: ("done", "auto-renew is off")}
    assert list(Subscription.objects.filter(auto_renew=False)) == [adatum]


def test_a_page_in_the_middle_says_how_far_it_is_and_is_found_again(
    ada: Browser, premium: Subscription, adatum: Subscription
) -> None:
    ask(ada, "subscriptions", "suspend", None, query="channel=csp")
    run = BulkRun.objects.get()
    carrying.carry_on(run_id=run.pk, at=clock.now(), seconds=0.001)  # finds them, no more
    BulkRun.objects.update(reached=1)

    page = ada.get(reverse("home:bulk-run", args=[run.public_id]))
    listed = ada.get(reverse("home:bulk-runs"))

    assert "Pricing each row" in main_words(page)
    assert "1 / 2" in main_words(page)
    assert 'hx-trigger="load delay:2s"' in text(page)
    assert "Being prepared" in main_words(listed)
    assert reverse("home:bulk-run", args=[run.public_id]) in text(listed)


def test_more_rows_than_one_command_takes_are_refused(
    ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "MOST", 1)
    ask(ada, "subscriptions", "suspend", None)

    work()

    page = ada.get(reverse("home:bulk-run", args=[BulkRun.objects.get().public_id]))
    words = main_words(page)
    assert "The filters match more than 1 rows, and one command takes 1 at most." in words
    assert "Filter for fewer, and repeat it for the others." in words
    assert not BulkRow.objects.exists()


def test_filters_that_match_nothing_any_more_say_so(ada: Browser) -> None:
    ask(ada, "subscriptions", "suspend", None, query="q=zzz")

    work()

    assert BulkRun.objects.get().failure.startswith("Nothing matches these filters any more")


def test_without_a_tick_nothing_is_asked(ada: Browser) -> None:
    page = ask(ada, "subscriptions", "suspend", ["nonsense"])

    assert "No row was ticked. Go back" in main_words(page)
    assert not BulkRun.objects.exists()


def test_it_cannot_be_confirmed_before_all_rows_are_there(ada: Browser) -> None:
    ask(ada, "subscriptions", "suspend", None)

    page = confirm(ada)

    assert "It is still being prepared." in main_words(page)
    assert BulkRun.objects.get().confirmed_at is None


def test_who_loses_the_role_in_the_middle_changes_nothing_more(
    sold: World, ada: Browser, premium: Subscription, adatum: Subscription
) -> None:
    ask(ada, "subscriptions", "off", None)
    work()
    run = BulkRun.objects.get()
    runs.confirm(run=run, note="", act=sold.act())
    carrying.carry_on(run_id=run.pk, at=clock.now(), seconds=0.0001)  # one row
    Membership.objects.filter(user=sold.ada).update(roles=["helpdesk_agent"])

    work()

    run.refresh_from_db()
    assert run.failure.startswith("You may not do this any more")
    assert [outcome for outcome, _words in outcomes().values()] == ["done", ""]
    assert Subscription.objects.filter(auto_renew=False).count() == 1


def test_a_disabled_person_changes_nothing_more(sold: World, ada: Browser) -> None:
    ask(ada, "subscriptions", "off", None)
    Membership.objects.filter(user=sold.ada).update(disabled_at=clock.now())

    work()

    assert BulkRun.objects.get().failure.startswith("You may not do this any more")


def test_what_another_partner_sells_is_gone_for_this_one(
    sold: World, ada: Browser, premium: Subscription
) -> None:
    litware = make.tenant("Litware", domain="litware.example")
    make.relationship(sold.tailspin, litware)
    foreign = sell(sold, partner=sold.tailspin, tenant=litware, by=sold.nora)

    page = ask(ada, "subscriptions", "suspend", [foreign, premium])

    assert outcomes()[str(foreign.public_id)] == (
        "gone",
        "It is not in your list any more. Nothing was done to it.",
    )
    assert "Litware" not in text(page)


def test_a_resellers_rows_are_refused_one_by_one(world: World, sign_in: SignIn) -> None:
    tiers = two_tier(world)
    make.price_list(date(2026, 3, 1), {world.premium: ("16.48", "20.60")})
    subscription = sell(world, partner=tiers.wingtip, tenant=tiers.relecloud, by=tiers.wes)
    lena = sign_in(tiers.lena)

    answer = lena.post(
        reverse("home:bulk-ask", args=["subscriptions"]),
        {"do": "suspend", "pk": [str(subscription.public_id)]},
    )

    assert answer.status_code == 403
    assert 'value="suspend"' not in text(lena.get(reverse("home:subscriptions")))


@pytest.mark.parametrize(("who", "offered"), [("ada", True), ("sam", False), ("helen", False)])
def test_only_who_may_suspend_one_may_suspend_many(
    sold: World, premium: Subscription, sign_in: SignIn, who: str, offered: bool
) -> None:
    browser = sign_in(getattr(sold, who))

    page = browser.get(reverse("home:subscriptions"))
    answer = browser.post(
        reverse("home:bulk-ask", args=["subscriptions"]),
        {"do": "suspend", "pk": [str(premium.public_id)]},
    )

    assert ('value="suspend"' in text(page)) == offered
    assert (answer.status_code == 403) != offered


@pytest.mark.parametrize(
    ("list_name", "command"),
    [("customers", "suspend"), ("nothing", "tag"), ("invitations", "tag"), ("customers", "")],
)
def test_a_list_has_only_its_own_commands(ada: Browser, list_name: str, command: str) -> None:
    answer = ada.post(reverse("home:bulk-ask", args=[list_name]), {"do": command})

    assert answer.status_code == 404


def test_a_run_is_its_askers_in_that_workspace_alone(
    sold: World, ada: Browser, premium: Subscription, sign_in: SignIn
) -> None:
    ask(ada, "subscriptions", "suspend", [premium])
    run = [BulkRun.objects.get().public_id]

    for who in (sold.gita, sold.nora):
        browser = sign_in(who)
        for name in ("bulk-run", "bulk-rows"):
            assert browser.get(reverse(f"home:{name}", args=run)).status_code in {403, 404}
        for name in ("bulk-confirm", "bulk-again"):
            assert browser.post(reverse(f"home:{name}", args=run)).status_code in {403, 404}
    assert sign_in(sold.nora).get(reverse("home:bulk-run", args=run)).status_code == 404
    assert set(states().values()) == {"active"}


def test_the_result_of_each_row_is_a_file(
    ada: Browser, premium: Subscription, adatum: Subscription
) -> None:
    ask(ada, "subscriptions", "suspend", [premium, adatum])
    confirm(ada)
    run = BulkRun.objects.get()

    first, second = csv_rows(ada.get(reverse("home:bulk-rows", args=[run.public_id])))

    assert first["Row"] == PREMIUM
    assert first["Outcome"] == second["Outcome"] == "Done"
    assert (first["You charge"], first["You are charged"]) == ("-906.40", "-725.12")
    assert first["Currency"] == "EUR"


def test_tags_are_asked_for_a_word_and_given_to_each_customer_once(
    sold: World, ada: Browser, premium: Subscription
) -> None:
    second = sell(sold, seats=3, on=date(2026, 6, 1))

    page = ask(ada, "subscriptions", "tag", [premium, second])
    bad = confirm(ada, note=" ")
    confirm(ada, note=" Key   account ")

    assert "Tag customers: 1 row" in main_words(page)
    assert "Write a tag: one or a few words." in main_words(bad)
    assert list(CustomerTag.objects.values_list("customer__name", "word")) == [
        ("Northwind Traders", "Key account")
    ]


def test_invitations_are_sent_again_and_withdrawn(
    sold: World, ada: Browser, sign_in: SignIn
) -> None:
    made = [
        invitations.invite(
            partner=sold.fabrikam, has_delegated_admin=True, email=email, act=sold.act()
        )[0]
        for email in ("a@one.example", "")
    ]
    mail.outbox.clear()

    ask(ada, "invitations", "send", made)
    sent = sorted(words for _outcome, words in outcomes().values())
    ask(ada, "invitations", "withdraw", made)
    ask(ada, "invitations", "withdraw", made)

    assert sent == [
        "Made without an e-mail address: copy a new link instead.",
        "sent with a new link",
    ]
    assert [letter.to for letter in mail.outbox] == [["a@one.example"]]
    assert Invitation.objects.filter(withdrawn_at__isnull=False).count() == 2
    assert {words for _o, words in outcomes().values()} == {"Nothing changed: it is withdrawn."}


def test_a_row_that_the_portal_cannot_do_stops_no_other(
    ada: Browser,
    premium: Subscription,
    adatum: Subscription,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    real = lifecycle.set_auto_renew

    def broken(*, subscription: Subscription, **how: object) -> None:
        real(subscription=subscription, **how)  # type: ignore[arg-type]
        if subscription == premium:
            raise ZeroDivisionError

    monkeypatch.setattr(changes.lifecycle, "set_auto_renew", broken)

    ask(ada, "subscriptions", "off", [premium, adatum])

    assert outcomes() == {
        PREMIUM: ("failed", "The portal could not do it. Nothing was changed; it is logged."),
        ADATUM: ("done", "auto-renew is off"),
    }
    assert list(Subscription.objects.filter(auto_renew=False)) == [adatum]
    assert "ZeroDivisionError" in caplog.text


def test_what_was_not_done_is_tried_again(
    ada: Browser, premium: Subscription, adatum: Subscription
) -> None:
    Subscription.objects.filter(pk=premium.pk).update(auto_renew=False)
    ask(ada, "subscriptions", "off", [premium, adatum])
    run = BulkRun.objects.get()
    Subscription.objects.filter(pk=premium.pk).update(auto_renew=True)

    ada.post(reverse("home:bulk-again", args=[run.public_id]))

    assert outcomes() == {PREMIUM: ("done", "auto-renew is off")}


def test_the_page_of_fifty_rows_takes_as_many_queries_as_that_of_one(
    sold: World, ada: Browser, premium: Subscription
) -> None:
    counts = []
    for rows in (1, 50):
        ids = [f"00000000-0000-4000-8000-{number:012}" for number in range(rows - 1)]
        ask(ada, "subscriptions", "suspend", [premium, *ids])
        run = BulkRun.objects.latest("id")
        counts.append(queries(ada, reverse("home:bulk-run", args=[run.public_id])))

    assert counts[0] == counts[1]
    assert counts[0] <= 12


def test_the_facts_carry_the_person_and_the_day(
    sold: World, ada: Browser, premium: Subscription
) -> None:
    ask(ada, "subscriptions", "suspend", [premium])
    confirm(ada)

    fact = SeatChange.objects.latest("id")
    assert (fact.kind, fact.effective_on, fact.by) == ("suspended", TODAY, sold.ada)
    logged = Activity.objects.filter(tenant=sold.northwind).latest("id")
    assert (logged.by, logged.acting_for) == (sold.ada, sold.fabrikam.tenant)


def test_other_channels_are_as_they_were(sold: World, ada: Browser, premium: Subscription) -> None:
    others = [
        make.other_channel(sold.northwind, channel, f"Own {channel}")
        for channel in ("direct", "advisor", "open", "ea")
    ]
    before = list(Subscription.objects.filter(pk__in=[o.pk for o in others]).values())

    for command in ("suspend", "reactivate", "off"):
        ask(ada, "subscriptions", command, others)
        confirm(ada)

    assert list(Subscription.objects.filter(pk__in=[o.pk for o in others]).values()) == before
    assert Tenant.objects.filter(pk=sold.northwind.pk).exists()
    assert {outcome for outcome, _words in outcomes().values()} == {"refused"}
