"""What is paid twice, who sees which of the two sums, and the checklist that data ticks."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from csp_portal.home.queries.transition_steps import steps_of
from csp_portal.home.queries.transitions import (
    Case,
    case_of,
    cases_of,
    counts_by_tenant,
    open_cases,
)
from csp_portal.home.reminders import remind_of_transitions
from relationships.models import Relationship
from relationships.services import answers, invitations
from subscriptions.models import OfferEquivalence, Subscription
from subscriptions.services import lifecycle
from tenants.acts import Act
from tests import make
from tests.billing.selling import change, sell
from tests.world import TODAY, World

from .reading import SignIn, links, main_words, panel_words, queries, table_rows, words

FROM = date(2026, 9, 1)


@pytest.fixture
def advisor(sold: World) -> Subscription:
    """35 seats of Exchange from an advisor, 31 assigned, since 20 Feb 2026."""
    exchange = make.offer("Exchange Online Plan 1", "CFQ7TTC0LH16:0001")
    make.price_list(
        date(2026, 8, 1),
        {
            sold.premium: ("16.48", "20.60"),
            sold.phone: ("6.40", "8.00"),
            exchange: ("3.11", "3.70"),
        },
    )
    OfferEquivalence.objects.create(offer=exchange, replacement=sold.premium)
    return make.other_channel(
        sold.northwind,
        "advisor",
        "Exchange Online Plan 1",
        seats=35,
        assigned_seats=31,
        offer=exchange,
        partner_of_record=sold.tailspin,
    )


@pytest.fixture
def csp(sold: World, advisor: Subscription) -> Subscription:
    return sell(sold, seats=40, on=FROM)


def cases(world: World, viewer: object = None, on: date = TODAY) -> list[Case]:
    partner = None if viewer is world.northwind else world.fabrikam
    found = open_cases([world.northwind.pk], partner=partner)
    seen_by = world.northwind if viewer is world.northwind else world.fabrikam.tenant
    return cases_of(found, viewer=seen_by, with_prices=True, on=on)


def end(subscription: Subscription, state: str = "cancelled") -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('csp.owning_path', %s, true)", [subscription.channel])
    Subscription.objects.filter(pk=subscription.pk).update(state=state)


def test_an_equivalent_offer_beside_csp_is_paid_twice(
    sold: World, advisor: Subscription, csp: Subscription
) -> None:
    (case,) = cases(sold)

    assert (case.old, case.new, case.since) == (advisor, csp, FROM)
    assert case.days == 82  # 1 Sep to 22 Nov 2026


@pytest.mark.parametrize("on", [FROM, date(2026, 9, 2)])
def test_days_are_counted_from_the_day_both_run(sold: World, csp: Subscription, on: date) -> None:
    assert cases(sold, on=on)[0].days == (on - FROM).days


def test_the_customer_sees_both_sums(sold: World, advisor: Subscription, csp: Subscription) -> None:
    (case,) = cases(sold, sold.northwind)

    assert case.old_spent is not None
    assert case.new_spent is not None
    old, new = case.old_spent, case.new_spent
    # 3.70 x 35 = 129.50; x 12 x 82/365 = 349.1178
    assert (old.per_month, old.so_far, old.source) == (
        Decimal("129.50"),
        Decimal("349.12"),
        "listed",
    )
    # 20.60 x 40 = 824.00; x 12 x 82/365 = 2221.4137
    assert (new.per_month, new.so_far, new.source) == (
        Decimal("824.00"),
        Decimal("2221.41"),
        "billed",
    )


def test_the_partner_sees_only_what_it_sells(
    sold: World, advisor: Subscription, csp: Subscription
) -> None:
    (case,) = cases(sold)

    assert case.old_spent is None
    assert case.new_spent is not None
    assert case.new_spent.per_month == Decimal("824.00")


def test_what_the_portal_bills_directly_counts_at_its_locked_price(sold: World) -> None:
    direct = lifecycle.buy(
        tenant=sold.northwind,
        offer=sold.premium,
        seats=5,
        duration="P1Y",
        act=sold.act(sold.carl, FROM),
    ).term
    from billing.services.charging import lock_prices  # noqa: PLC0415 -- only here

    lock_prices(term=direct, segment="commercial", plan="monthly")
    make.price_list(date(2026, 11, 1), {sold.premium: ("18.00", "23.00")})
    sell(sold, seats=5, on=TODAY)

    (case,) = cases(sold, sold.northwind)

    assert case.old_spent is not None
    assert (case.old_spent.per_month, case.old_spent.source) == (Decimal("103.00"), "billed")
    (case,) = cases(sold)
    assert case.old_spent is None


@pytest.mark.parametrize(
    ("title", "found"),
    [("business PREMIUM", 1), ("Business Premium Open licence", 1), ("Business Premium 2", 0)],
)
def test_imported_ones_are_known_by_their_title(sold: World, title: str, found: int) -> None:
    OfferEquivalence.objects.create(title="business premium open LICENCE", replacement=sold.premium)
    make.other_channel(sold.northwind, "open", title)
    sell(sold, on=FROM)

    assert len(cases(sold)) == found


def test_what_is_no_duplicate(sold: World, advisor: Subscription, csp: Subscription) -> None:
    make.other_channel(sold.northwind, "direct", "Business Premium", is_trial=True)
    make.other_channel(sold.northwind, "ea", "Windows Enterprise")
    make.other_channel(sold.contoso, "direct", "Business Premium")

    assert [case.old for case in cases(sold)] == [advisor]
    change(sold, "suspend", csp, on=TODAY)
    assert cases(sold) == []


def test_ended_it_is_clear(sold: World, advisor: Subscription, csp: Subscription) -> None:
    end(advisor)

    assert cases(sold) == []
    assert counts_by_tenant([sold.northwind.pk]) == {}
    relationship = Relationship.objects.get(customer=sold.northwind)
    (case,) = cases_of([case_of(advisor)], viewer=sold.northwind, with_prices=True, on=TODAY)
    assert [step.state for step in steps_of(case, relationship)] == ["done"] * 6


def test_each_step_is_ticked_by_the_data(sold: World, advisor: Subscription) -> None:
    relationship = Relationship.objects.get(customer=sold.northwind)

    def states() -> dict[str, str]:
        (case,) = cases_of([case_of(advisor)], viewer=sold.northwind, with_prices=True, on=TODAY)
        return {step.key: step.state for step in steps_of(case, relationship)}

    assert states() == {
        "invited": "done",
        "accepted": "done",
        "ordered": "current",
        "moved": "todo",
        "cancelled": "todo",
        "clear": "todo",
    }
    new = sell(sold, seats=40, on=FROM)
    assert states()["moved"] == "current"
    Subscription.objects.filter(pk=new.pk).update(assigned_seats=31)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('csp.owning_path', 'advisor', true)")
    Subscription.objects.filter(pk=advisor.pk).update(assigned_seats=0)
    assert (states()["moved"], states()["cancelled"]) == ("done", "current")
    end(advisor)
    assert set(states().values()) == {"done"}


def test_without_a_partner_the_first_step_is_to_be_invited(sold: World) -> None:
    held = make.other_channel(sold.contoso, "direct", "Business Premium")

    (case,) = cases_of([case_of(held)], viewer=sold.contoso, with_prices=True, on=TODAY)

    assert [step.state for step in steps_of(case, None)] == ["current"] + ["todo"] * 5


def test_an_invitation_that_was_opened_ticks_the_first_step(sold: World, sign_in: SignIn) -> None:
    held = make.other_channel(sold.contoso, "direct", "Business Premium")
    page = reverse("home:transition", args=[held.public_id])
    invitation, _token = invitations.invite(
        partner=sold.fabrikam, has_delegated_admin=True, act=sold.act(on=date(2026, 11, 20))
    )
    tom = sign_in(sold.tom)
    assert "No CSP partner so far." in main_words(tom.get(page))

    answers.note_opened(invitation=invitation, tenant=sold.contoso, act=sold.act(sold.tom))
    checklist = main_words(tom.get(page))

    assert "Invited 20 Nov 2026 , by Fabrikam Cloud" in checklist
    assert "Accepted Open the link of its letter to read and accept it." in checklist


def test_panels_lead_to_the_steps_before_anything_is_ordered(sold: World, sign_in: SignIn) -> None:
    held = make.other_channel(sold.northwind, "direct", "Office Suite E3")
    steps = reverse("home:transition", args=[held.public_id])
    theirs = reverse("home:customer-subscriptions", args=[sold.northwind.public_id])
    asked = {"panel": held.public_id}

    assert steps in links(sign_in(sold.ada).get(theirs, asked))
    assert steps in links(sign_in(sold.carl).get(reverse("home:my-subscriptions"), asked))


@pytest.mark.parametrize(
    ("assigned", "way"),
    [
        (24, ("The customer cancels it in this portal", "Your organisation cancels it here")),
        (25, ("cancels it on the customer's request", "cancels it when you ask it to")),
    ],
)
def test_the_cancel_step_shows_the_right_way(
    sold: World,
    advisor: Subscription,
    csp: Subscription,
    sign_in: SignIn,
    assigned: int,
    way: tuple[str, str],
) -> None:
    """R17."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('csp.owning_path', 'advisor', true)")
    Subscription.objects.filter(pk=advisor.pk).update(assigned_seats=assigned)
    page = reverse("home:transition", args=[advisor.public_id])

    ours, own = sign_in(sold.ada).get(page), sign_in(sold.carl).get(page)
    assert way[0] in main_words(ours)
    assert way[1] in main_words(own)
    # before that, the licences of the new one: by delegated admin, or at home
    assert reverse("subscriptions:users", args=[sold.northwind.public_id]) in links(ours)
    assert "Assign the CSP licences" in main_words(own)
    assert "Assign the CSP licences" not in main_words(sign_in(sold.sam).get(page))


def test_the_list_of_a_partner_and_of_a_customer(
    sold: World, advisor: Subscription, csp: Subscription, sign_in: SignIn
) -> None:
    page = reverse("home:transitions")

    (ours,) = table_rows(sign_in(sold.ada).get(page))
    (own,) = table_rows(sign_in(sold.carl).get(page))

    assert "Northwind Traders northwind.example Exchange Online Plan 1 Advisor" in ours
    assert "1 Sep 2026 82 days" in ours
    assert "€824.00" in ours
    assert "129.50" not in ours  # R9
    assert "€129.50 €349.12 so far, at list price €824.00 €2,221.41 so far" in own


def test_no_price_of_the_other_channel_reaches_a_partner(
    sold: World, advisor: Subscription, csp: Subscription, sign_in: SignIn
) -> None:
    """R9: not on the list, the case, the panel, or at home."""
    browser = sign_in(sold.ada)
    pages = [
        reverse("home:transitions"),
        reverse("home:transition", args=[advisor.public_id]),
        reverse("home:home"),
        reverse("home:customer", args=[sold.northwind.public_id]),
        reverse("home:customer-subscriptions", args=[sold.northwind.public_id])
        + f"?panel={advisor.public_id}",
    ]

    for page in pages:
        shown = words(browser.get(page))
        assert not any(amount in shown for amount in ("129.50", "349.12", "3.70")), page


def test_badges_cards_and_the_mail_explained(
    sold: World, advisor: Subscription, csp: Subscription, sign_in: SignIn
) -> None:
    ada, carl = sign_in(sold.ada), sign_in(sold.carl)
    subscriptions = reverse("home:customer-subscriptions", args=[sold.northwind.public_id])
    customer = reverse("home:customer", args=[sold.northwind.public_id])

    assert "1 paid twice" in main_words(ada.get(reverse("home:customers")))
    assert "Paid twice by customers" in main_words(ada.get(reverse("home:home")))
    assert "One subscription is paid twice" in main_words(ada.get(customer))
    assert "One subscription is paid twice" in main_words(carl.get(reverse("home:home")))
    assert main_words(ada.get(subscriptions)).count("Paid twice") == 2
    for browser, page in ((ada, subscriptions), (carl, reverse("home:my-subscriptions"))):
        for shown in (advisor, csp):
            panel = panel_words(browser.get(page, {"panel": shown.public_id}))
            assert "A mail says “you are about to lose access”?" in panel
            assert "Business Premium (CSP) keeps the access of everybody" in panel


def test_one_that_replaces_two_names_both(
    sold: World, advisor: Subscription, csp: Subscription, sign_in: SignIn
) -> None:
    make.other_channel(sold.northwind, "direct", "Business Premium")
    asked = {"panel": csp.public_id}

    panel = panel_words(sign_in(sold.carl).get(reverse("home:my-subscriptions"), asked))

    assert "Exchange Online Plan 1 runs beside Business Premium (CSP)" in panel
    assert "Business Premium runs beside Business Premium (CSP)" in panel


def test_the_list_of_all_subscriptions_marks_both_and_leads_to_the_steps(
    sold: World, advisor: Subscription, csp: Subscription, sign_in: SignIn
) -> None:
    make.other_channel(sold.northwind, "direct", "Windows")
    page = sign_in(sold.ada).get(reverse("home:subscriptions"))

    marked = [row for row in table_rows(page) if "Paid twice" in row]

    assert len(table_rows(page)) == 3
    assert len(marked) == 2
    assert any("Exchange Online Plan 1" in row for row in marked)
    assert any("Business Premium" in row for row in marked)
    assert reverse("home:transition", args=[advisor.public_id]) in links(page)


def test_who_may_see_a_case(
    sold: World, advisor: Subscription, csp: Subscription, sign_in: SignIn
) -> None:
    page = reverse("home:transition", args=[advisor.public_id])

    for who, status in (
        ("ada", 200),
        ("helen", 200),
        ("carl", 200),
        ("bea", 200),
        ("nora", 404),  # its partner of record, not its CSP partner
        ("tom", 404),
        ("mia", 403),
        ("gita", 403),
    ):
        assert sign_in(getattr(sold, who)).get(page).status_code == status, who
    sees_no_price = main_words(sign_in(sold.helen).get(page))
    assert "€" not in sees_no_price
    trial = make.other_channel(sold.northwind, "direct", "Business Premium", is_trial=True)
    for no_case in (csp, trial):
        page = reverse("home:transition", args=[no_case.public_id])
        assert sign_in(sold.ada).get(page).status_code == 404


def test_the_same_queries_for_one_case_and_for_fifty(
    sold: World, advisor: Subscription, csp: Subscription, sign_in: SignIn
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            cases(sold, sold.northwind)
        return len(captured)

    browser, page = sign_in(sold.ada), reverse("home:transitions")
    one, on_page = count(), queries(browser, page)
    for n in range(49):
        make.other_channel(sold.northwind, "direct", "Business Premium", reference=f"D-{n}")

    assert len(cases(sold)) == 50
    assert count() == one == 6
    assert queries(browser, page) == on_page


def test_empty_it_says_when_something_would_be_here(sold: World, sign_in: SignIn) -> None:
    for who in (sold.ada, sold.carl):
        shown = main_words(sign_in(who).get(reverse("home:transitions")))
        assert "Nothing is paid twice" in shown


def test_of_very_many_customers_the_daily_run_is_asked(
    sold: World,
    advisor: Subscription,
    csp: Subscription,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("csp_portal.home.queries.transitions.MANY_CUSTOMERS", 0)
    browser, page = sign_in(sold.ada), reverse("home:transitions")

    before = table_rows(browser.get(page))
    remind_of_transitions(act=Act.of_the_portal(at=sold.act().at, on=TODAY))
    found = table_rows(browser.get(page))
    end(advisor)

    assert (len(before), len(found)) == (0, 1)
    assert table_rows(browser.get(page)) == []


@pytest.mark.parametrize("who", ["carl", "bea"])
def test_a_customer_finds_its_cases_in_the_navigation(
    sold: World, advisor: Subscription, csp: Subscription, sign_in: SignIn, who: str
) -> None:
    """As long as there is one; with the number, on every page, the list and the case open."""
    browser = sign_in(getattr(sold, who))
    case = reverse("home:transition", args=[advisor.public_id])

    for name in ("home:home", "home:my-subscriptions", "home:transitions", "billing:invoices"):
        assert in_navigation(browser.get(reverse(name))) == [1], name
    shown = main_words(browser.get(case))
    assert "Both run for 82 days, since 1 Sep 2026" in shown
    assert ("Ask the vendor's support to cancel it" in shown) is (who == "carl")
    assert "€129.50 per month €349.12 so far" in shown

    end(advisor)
    assert in_navigation(browser.get(reverse("home:home"))) == []
    assert in_navigation(browser.get(reverse("billing:invoices"))) == []
    assert "Nothing is paid twice" in main_words(browser.get(reverse("home:transitions")))
    assert "Clear" in main_words(browser.get(case))


def test_who_has_no_part_in_it_finds_nothing_in_the_navigation(
    sold: World, advisor: Subscription, csp: Subscription, sign_in: SignIn
) -> None:
    for who in (sold.mia, sold.tom):
        assert in_navigation(sign_in(who).get("/")) == []
    assert sign_in(sold.mia).get(reverse("home:transitions")).status_code == 403
    tom = sign_in(sold.tom)
    assert "Nothing is paid twice" in main_words(tom.get(reverse("home:transitions")))
    page = reverse("home:transition", args=[advisor.public_id])
    assert tom.get(page).status_code == 404


def test_the_navigation_asks_only_where_the_page_has_not(
    sold: World, advisor: Subscription, csp: Subscription, sign_in: SignIn
) -> None:
    carl = sign_in(sold.carl)

    def asked(name: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert carl.get(reverse(name)).status_code == 200
        return sum("subscriptions_offerequivalence" in query["sql"] for query in captured)

    assert asked("tenants:activity") == 1
    assert asked("home:my-subscriptions") == asked("home:home") == 1  # the page's own


def in_navigation(page: Any) -> list[int | str]:
    """Return the number at the entry of the transitions; nothing if it is not there."""
    items = [item for group in page.context["nav"] for item in group.items]
    return [item.count for item in items if item.url == reverse("home:transitions")]
