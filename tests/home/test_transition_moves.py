"""Paid twice across a transfer: neither the days nor the money are lost or counted twice."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.services import transfers
from billing.services.resellers import change_reseller
from csp_portal.home.queries.transitions import Case, case_of, cases_of, open_cases
from csp_portal.home.reminders import remind_of_transitions
from relationships.models import Relationship
from subscriptions.models import OfferEquivalence, Subscription
from tenants.acts import Act
from tenants.models import Partner, Tenant
from tests import make
from tests.billing.selling import list_prices, place, sell
from tests.relationships.transferring import approved
from tests.two_tier import link, two_tier
from tests.world import World

from .reading import SignIn, main_words

FROM, MOVED, LATER = date(2026, 9, 1), date(2026, 11, 22), date(2026, 12, 2)


@pytest.fixture
def held(sold: World) -> Subscription:
    """35 seats of Exchange from an advisor, at 3.70 on the list; Tailspin sells in Austria."""
    exchange = make.offer("Exchange Online Plan 1", "CFQ7TTC0LH16:0001")
    make.price_list(
        date(2026, 8, 1), {sold.premium: ("16.48", "20.60"), exchange: ("3.11", "3.70")}
    )
    OfferEquivalence.objects.create(offer=exchange, replacement=sold.premium)
    Tenant.objects.filter(pk=sold.tailspin.tenant_id).update(country="AT")
    make.price_list(date(2026, 8, 1), {sold.premium: ("17.00", "21.00")}, market="AT")
    return make.other_channel(
        sold.northwind, "advisor", "Exchange Online Plan 1", seats=35, offer=exchange
    )


def move(world: World, on: date = MOVED) -> Subscription:
    """Let Northwind go from Fabrikam to Tailspin on that day."""
    transfer = approved(world, on=on, day=on)
    assert transfers.carry_out(transfer=transfer, act=world.act(world.ada, on=on))
    return Subscription.objects.filter(partner=world.tailspin).order_by("pk")[0]


def the_case(viewer: Tenant, customer: Tenant, *, partner: Partner | None, on: date) -> Case:
    found = open_cases([customer.pk], partner=partner)
    (case,) = cases_of(found, viewer=viewer, with_prices=True, on=on)
    return case


def spent(case: Case) -> tuple[Decimal, Decimal]:
    assert case.new_spent is not None
    return case.new_spent.per_month, case.new_spent.so_far


def test_the_customer_reads_all_days_and_each_sellers_price(
    sold: World, held: Subscription
) -> None:
    sell(sold, seats=40, on=FROM)
    new = move(sold)

    case = the_case(sold.northwind, sold.northwind, partner=None, on=LATER)

    assert (case.new, case.since, case.moved_on) == (new, FROM, MOVED)
    assert case.days == 92  # 1 Sep to 2 Dec: 82 days with Fabrikam, 10 with Tailspin
    # 20.60 x 40 x 12 x 82/365 = 2221.4137; 21.00 x 40 x 12 x 10/365 = 276.1644
    assert spent(case) == (Decimal("840.00"), Decimal("2497.58"))
    assert case.old_spent is not None
    assert case.old_spent.so_far == Decimal("391.69")  # 3.70 x 35 x 12 x 92/365 = 391.6932


def test_on_the_day_of_the_move_nothing_jumps(sold: World, held: Subscription) -> None:
    sell(sold, seats=40, on=FROM)
    before = the_case(sold.northwind, sold.northwind, partner=None, on=MOVED)
    move(sold)

    after = the_case(sold.northwind, sold.northwind, partner=None, on=MOVED)

    assert (before.days, after.days) == (82, 82)
    assert spent(before)[1] == spent(after)[1] == Decimal("2221.41")


def test_the_new_partner_reads_the_days_and_only_its_own_sum(
    sold: World, held: Subscription, sign_in: SignIn
) -> None:
    """R9: what the customer paid the old partner is not the new one's to know."""
    sell(sold, seats=40, on=FROM)
    move(sold)

    case = the_case(sold.tailspin.tenant, sold.northwind, partner=sold.tailspin, on=LATER)
    shown = main_words(sign_in(sold.nora).get(reverse("home:transition", args=[held.public_id])))

    assert case.days == 92
    assert spent(case) == (Decimal("840.00"), Decimal("276.16"))
    assert case.old_spent is None
    assert "Both run for 82 days, since 1 Sep 2026" in shown
    assert "On 22 Nov 2026 Business Premium moved to its present sellers." in shown
    assert "The sum has only the days that you bill." in shown
    assert "€840.00 per month €0.00 so far" in shown


def test_the_old_partner_has_no_case_any_more(
    sold: World, held: Subscription, sign_in: SignIn
) -> None:
    sell(sold, seats=40, on=FROM)
    move(sold)

    assert list(open_cases([sold.northwind.pk], partner=sold.fabrikam)) == []
    page = reverse("home:transition", args=[held.public_id])
    assert sign_in(sold.ada).get(page).status_code == 404


def test_one_cancelled_after_the_move_keeps_both_parts(sold: World, held: Subscription) -> None:
    sell(sold, seats=40, on=FROM)
    move(sold)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('csp.owning_path', 'advisor', true)")
    ended = date(2026, 11, 30)
    Subscription.objects.filter(pk=held.pk).update(state="expired", ends_on=ended)

    (case,) = cases_of([case_of(held)], viewer=sold.northwind, with_prices=True, on=LATER)

    assert (case.is_open, case.days) == (False, 90)  # 1 Sep to 30 Nov
    # 2221.4137 + 21.00 x 40 x 12 x 8/365 = 220.9315
    assert spent(case)[1] == Decimal("2442.35")


def test_one_bought_after_the_move_began_counts_from_its_own_day(sold: World) -> None:
    """The old one began between the CSP one's first day and its move, or after the move."""
    Tenant.objects.filter(pk=sold.tailspin.tenant_id).update(country="AT")
    make.price_list(date(2026, 8, 1), {sold.premium: ("17.00", "21.00")}, market="AT")
    sell(sold, seats=40, on=FROM)
    move(sold)
    for day in (date(2026, 11, 12), date(2026, 11, 27)):
        make.other_channel(
            sold.northwind, "direct", "Business Premium", reference=str(day), starts_on=day
        )

    found = open_cases([sold.northwind.pk]).order_by("starts_on")
    first, second = cases_of(found, viewer=sold.northwind, with_prices=True, on=LATER)

    assert (first.days, first.moved_on) == (20, MOVED)
    # 824 x 12 x 10/365 = 270.9041; 840 x 12 x 10/365 = 276.1644
    assert spent(first)[1] == Decimal("547.07")
    assert (second.days, second.moved_on) == (5, None)
    assert spent(second)[1] == Decimal("138.08")  # 840 x 12 x 5/365 = 138.0822


def test_the_older_of_two_replacements_stays_it_after_a_move(
    sold: World, held: Subscription
) -> None:
    """Moved by itself, the first one must not look newer than the second."""
    first = sell(sold, seats=40, on=FROM)
    second = sell(sold, seats=5, on=date(2026, 10, 1))

    moved = move(sold)

    assert moved.moved_from == first
    assert moved.created_at == first.created_at < second.created_at
    case = the_case(sold.northwind, sold.northwind, partner=None, on=LATER)
    assert (case.new, case.since) == (moved, FROM)


def test_twice_moved_counts_three_parts(world: World) -> None:
    """Relecloud's reseller changes twice; the provider sells at another discount each time."""
    tiers = two_tier(world)
    list_prices(world)
    link(world, tiers.wingtip, world.fabrikam, by=tiers.gwen, accepted_by=world.gita, discount="8")
    place(
        world,
        "new",
        on=FROM,
        by=tiers.wes,
        partner=tiers.wingtip,
        tenant=tiers.relecloud,
        offer=world.premium,
        seats=60,
    )
    for day, reseller in ((date(2026, 10, 1), world.fabrikam), (date(2026, 11, 1), None)):
        relationship = Relationship.objects.get(pk=tiers.relationship.pk)
        change_reseller(relationship=relationship, reseller=reseller, act=world.act(tiers.wes, day))
    make.other_channel(tiers.relecloud, "direct", "Business Premium", offer=world.premium)

    own = the_case(tiers.relecloud, tiers.relecloud, partner=None, on=MOVED)
    wingtips = the_case(tiers.wingtip.tenant, tiers.relecloud, partner=tiers.wingtip, on=MOVED)

    assert (own.days, wingtips.days, own.moved_on) == (82, 82, date(2026, 11, 1))
    # 20.60 x 60 x 12 x 82/365
    assert spent(own) == (Decimal("1236.00"), Decimal("3332.12"))
    # 18.54 x 60 x 12 x 30/365 = 1097.1616 at 10 % off, 18.952 x 60 x 12 x 31/365 = 1158.9278
    # at 8 % off, 20.60 x 60 x 12 x 21/365 = 853.3479 directly
    assert spent(wingtips) == (Decimal("1236.00"), Decimal("3109.44"))


def test_the_reminder_counts_the_days_before_the_move(
    sold: World, held: Subscription, mailoutbox: list[object]
) -> None:
    sell(sold, seats=40, on=FROM)
    move(sold)
    mailoutbox.clear()

    remind_of_transitions(act=Act.of_the_portal(at=sold.act(on=LATER).at, on=LATER))

    letters = {each.to[0]: str(each.body) for each in mailoutbox}  # type: ignore[attr-defined]
    assert sorted(letters) == ["carl@northwind.example", "nora@tailspin.example"]
    assert "92 days" in letters["nora@tailspin.example"]
    assert (
        "€391.69 so far (at list price); the CSP one €840.00 per month"
        in (letters["carl@northwind.example"])
    )


def test_moves_take_two_queries_however_many(sold: World, held: Subscription) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            cases_of(
                open_cases([sold.northwind.pk]),
                viewer=sold.northwind,
                with_prices=True,
                on=LATER,
            )
        return len(captured)

    sell(sold, seats=40, on=FROM)
    unmoved = count()
    move(sold)
    moved = count()
    for n in range(9):
        make.other_channel(sold.northwind, "direct", "Business Premium", reference=f"D-{n}")

    assert (moved - unmoved, count()) == (2, moved)
