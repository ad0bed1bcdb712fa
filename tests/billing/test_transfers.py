"""A customer changes hands: what moves, and how the day splits the charges."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.urls import reverse

from billing.models import Charge, LockedPrice
from billing.services import closing, transfers
from relationships.models import PartnerSuspension, Relationship
from relationships.services.standing import NoCustomerAgreement
from subscriptions.domain.lifecycle import State
from subscriptions.models import SeatChange, Subscription
from subscriptions.services import lifecycle
from tenants.models import Activity, Partner, Tenant, User
from tests import make
from tests.conftest import Browser
from tests.relationships.transferring import approved, requested
from tests.world import World

from .selling import FOUNDED, change, charged, list_prices, sell

MOVED = date(2026, 11, 22)


@pytest.fixture
def shop(world: World) -> World:
    """Fabrikam sells in Germany, Tailspin in Austria, at other prices in the same currency."""
    make.relationship(world.fabrikam, world.northwind, on=date(2026, 3, 1))
    list_prices(world)
    Tenant.objects.filter(pk=world.tailspin.tenant_id).update(country="AT")
    world.tailspin.tenant.refresh_from_db()
    for effective_on, cost, erp in (
        (date(2026, 3, 1), "17.00", "21.00"),
        (date(2026, 6, 1), "24.00", "30.00"),  # later than the term's first day: never used
    ):
        make.price_list(
            effective_on,
            {world.premium: (cost, erp), world.phone: ("6.00", "9.00")},
            market="AT",
        )
    return world


def move(world: World, *, on: date = MOVED) -> Subscription:
    """Let Northwind move to Tailspin on that day, and return its base there."""
    transfer = approved(world, on=on, day=on)
    assert transfers.carry_out(transfer=transfer, act=world.act(world.ada, on=on))
    return Subscription.objects.get(partner=world.tailspin, base=None)


def test_a_monthly_plan_is_split_at_the_day(shop: World) -> None:
    old = sell(shop, seats=60)

    new = move(shop)

    # the period runs from 14 Nov to 14 Dec; 22 of its 30 days are left
    assert charged(old, shop.northwind)[-1] == ("transfer", -60, "-906.40")  # 20.60 x 60 x 22/30
    assert charged(old, shop.fabrikam.tenant)[-1] == ("transfer", -60, "-725.12")  # 16.48
    assert charged(new, shop.northwind) == [("transfer", 60, "924.00")]  # 21.00 x 60 x 22/30
    assert charged(new, shop.tailspin.tenant) == [("transfer", 60, "748.00")]  # 17.00


def test_an_annual_plan_is_split_at_the_day(shop: World) -> None:
    old = sell(shop, seats=10, plan="annual")

    new = move(shop)

    # 14 Mar 2026 to 14 Mar 2027: 112 of 365 days are left
    assert charged(old, shop.northwind) == [
        ("new", 10, "2472.00"),
        ("transfer", -10, "-758.53"),  # 247.20 x -10 x 112/365
    ]
    assert charged(new, shop.northwind) == [("transfer", 10, "773.26")]  # 252.00 x 10 x 112/365


def test_the_price_is_of_the_day_the_term_began_in_the_new_partners_market(shop: World) -> None:
    sell(shop)

    new = move(shop)

    customer_pays = LockedPrice.objects.get(subscription=new, buyer=shop.northwind)
    assert str(customer_pays.unit_price) == "21.0000"
    assert customer_pays.price_source == "price list 1 Mar 2026"


def test_seats_licences_term_and_renewal_go_over_unchanged(shop: World) -> None:
    old = sell(shop, seats=60)
    Subscription.objects.filter(pk=old.pk).update(assigned_seats=41)
    lifecycle.set_auto_renew(subscription=old, is_on=False, act=shop.act())
    lifecycle.set_auto_renew(subscription=old, is_on=True, act=shop.act())
    lifecycle.schedule_change(subscription=old, seats=70, act=shop.act())

    new = move(shop)

    old.refresh_from_db()
    assert (old.state, old.partner, old.seats) == (State.TRANSFERRED, shop.fabrikam, 60)
    assert new.moved_from == old
    assert (new.seats, new.assigned_seats, new.auto_renew) == (60, 41, True)
    assert (new.state, new.offer, new.ends_on) == ("active", old.offer, date(2027, 3, 14))
    term = new.terms.get()
    assert (term.anchor_on, term.starts_on, term.ends_on) == (FOUNDED, MOVED, date(2027, 3, 14))
    assert new.scheduled_changes.open().get().seats == 70
    assert not old.scheduled_changes.open()
    facts = SeatChange.objects.order_by("pk").values_list("kind", "billable_delta", "effective_on")
    assert list(facts)[1:] == [("transferred_out", -60, MOVED), ("transferred_in", 60, MOVED)]


def test_what_moved_there_is_no_order_of_the_new_partner(
    shop: World, sign_in: Callable[[User], Browser]
) -> None:
    sell(shop)
    move(shop)
    page = reverse("home:customer-subscriptions", args=[shop.northwind.public_id])

    shown = sign_in(shop.nora).get(page).content.decode()

    assert "No customer agreement yet" in shown  # said before the click
    with pytest.raises(NoCustomerAgreement):
        lifecycle.provision(
            partner=shop.tailspin,
            tenant=shop.northwind,
            offer=shop.premium,
            seats=1,
            duration="P1Y",
            act=shop.act(shop.nora),
        )


def test_what_moved_away_is_listed_once_and_only_to_who_had_it(
    shop: World, sign_in: Callable[[User], Browser]
) -> None:
    sell(shop)
    new = move(shop)
    own = reverse("home:my-subscriptions")
    theirs = reverse("home:customer-subscriptions", args=[shop.northwind.public_id])
    carl, nora = sign_in(shop.carl), sign_in(shop.nora)

    mine = carl.get(own).content.decode()
    before = carl.get(own, {"state": "moved"}).content.decode()
    sold = nora.get(theirs).content.decode()
    foreign = nora.get(theirs, {"state": "moved"}).content.decode()

    assert "1 of 1 subscriptions" in mine
    assert str(new.public_id) in mine
    assert "Fabrikam Cloud" not in mine
    assert "it goes on with another seller" in before
    assert "Ask Fabrikam Cloud" not in before
    assert "1 of 1 subscriptions" in sold
    assert "Fabrikam Cloud" not in sold + foreign


def test_add_ons_go_with_their_base(shop: World) -> None:
    base = sell(shop, seats=66)
    sell(shop, seats=6, offer=shop.phone, base=base, on=date(2026, 5, 20))

    new = move(shop)

    add_on = new.add_ons.get()
    assert (add_on.partner, add_on.seats, add_on.ends_on) == (shop.tailspin, 6, new.ends_on)
    # 9.00 x 6 x 22/30, in its base's period
    assert charged(add_on, shop.northwind) == [("transfer", 6, "39.60")]


def test_a_suspended_one_stays_suspended_and_costs_nothing_until_it_is_reactivated(
    shop: World,
) -> None:
    base = sell(shop, seats=66)
    sell(shop, seats=6, offer=shop.phone, base=base, on=date(2026, 5, 20))
    change(shop, "suspend", base, on=date(2026, 11, 20))

    new = move(shop)

    assert (new.state, new.seats, new.suspended_on) == ("suspended", 66, date(2026, 11, 20))
    assert charged(new, shop.northwind) == []
    change(shop, "reactivate", new, on=date(2026, 12, 1), partner=shop.tailspin, by=shop.nora)
    # 21.00 x 66 x 13/30 and 9.00 x 6 x 13/30, from 1 to 14 Dec
    assert charged(new, shop.northwind) == [("reactivate", 66, "600.60")]
    assert charged(new.add_ons.get(), shop.northwind) == [("reactivate", 6, "23.40")]


@pytest.mark.parametrize("plan", ["monthly", "annual"])
@pytest.mark.parametrize(
    "day", [date(2026, 11, 22), date(2026, 11, 14), date(2026, 12, 1), date(2026, 12, 13)]
)
def test_no_day_is_billed_twice_or_missed(shop: World, plan: str, day: date) -> None:
    sell(shop, seats=60, plan=plan)
    move(shop, on=day)

    for months in range(12):  # March 2026 to February 2027
        year, month = divmod(2 + months, 12)
        first = date(2026 + year, month + 1, 1)
        closing.close_month(month=first, act=shop.act(on=first + timedelta(days=32)))

    every_day_of_the_term = {FOUNDED + timedelta(days=n): 60 for n in range(365)}
    assert seats_billed(shop.northwind) == every_day_of_the_term
    assert seats_billed(shop.fabrikam.tenant, shop.tailspin.tenant) == every_day_of_the_term


def seats_billed(*buyers: Tenant) -> dict[date, int]:
    """Return how many seats all charges together bill for each day; days without are absent."""
    seats: Counter[date] = Counter()
    for one in Charge.objects.filter(locked_price__buyer__in=buyers):
        for n in range((one.period_until - one.charged_from).days):
            seats[one.charged_from + timedelta(days=n)] += one.seats
    return {day: count for day, count in sorted(seats.items()) if count}


def test_moved_on_the_day_it_renews_it_renews_first(shop: World) -> None:
    sell(shop, seats=60, on=date(2026, 3, 14), duration="P1M")

    new = move(shop, on=date(2026, 4, 14))

    assert new.ends_on == date(2026, 5, 14)
    assert charged(new, shop.northwind) == [("transfer", 60, "1260.00")]  # 21.00 x 60 x 30/30


def test_moving_back_restores_the_old_price_of_the_term(shop: World) -> None:
    old = sell(shop, seats=60)
    move(shop)
    relationship = Relationship.objects.active().get()
    transfers.move_to_reseller(
        relationship=relationship, reseller=None, act=shop.act(on=date(2026, 12, 1))
    )

    newest = Subscription.objects.live().get()

    assert newest.moved_from is not None
    assert newest.moved_from.moved_from == old
    assert newest.terms.get().anchor_on == FOUNDED
    price = LockedPrice.objects.get(subscription=newest, buyer=shop.northwind)
    assert price.price_source == "price list 1 Mar 2026"
    assert charged(newest, shop.northwind) == [("transfer", 60, "546.00")]  # 21.00 x 60 x 13/30


def test_the_relationship_changes_hands_on_the_day(shop: World) -> None:
    sell(shop)

    move(shop)

    old = Relationship.objects.get(partner=shop.fabrikam)
    new = Relationship.objects.get(partner=shop.tailspin)
    assert (old.ended_on, old.end_reason) == (MOVED, "transfer to Tailspin Partners")
    assert (new.started_on, new.ended_on, new.slot) == (MOVED, None, 1)
    assert new.invitation == old.transfers.get().invitation
    shop.northwind.refresh_from_db()
    assert shop.northwind.exclusive_channel == "csp"


def test_it_is_in_the_logs_of_all_three(shop: World) -> None:
    sell(shop)

    move(shop)

    def words(tenant: Tenant) -> list[str]:
        moves = Activity.objects.filter(tenant=tenant, action="subscription.moved")
        return [entry.summary for entry in moves]

    assert words(shop.fabrikam.tenant) == ["Business Premium: 60 seats moved to Tailspin Partners"]
    assert words(shop.tailspin.tenant) == ["Business Premium: 60 seats moved from Fabrikam Cloud"]
    assert words(shop.northwind) == [
        "Business Premium: 60 seats moved from Fabrikam Cloud to Tailspin Partners"
    ]


def test_a_job_does_it_on_the_day_and_not_before_and_once(shop: World) -> None:
    sell(shop)
    transfer = approved(shop, on=date(2026, 11, 20), day=MOVED)

    early = transfers.carry_out_due(act=shop.act(on=date(2026, 11, 21)))
    on_time = transfers.carry_out_due(act=shop.act(on=MOVED))
    again = transfers.carry_out_due(act=shop.act(on=MOVED))

    assert (early.done, on_time.done, again.done) == ([], [transfer], [])
    transfer.refresh_from_db()
    assert (transfer.state, transfer.carried_out_on) == ("done", MOVED)


def test_what_nobody_approved_does_not_happen(shop: World) -> None:
    sell(shop)
    requested(shop, on=MOVED, day=MOVED)

    report = transfers.carry_out_due(act=shop.act(on=date(2026, 12, 1)))

    assert report.done == []
    assert Relationship.objects.active().get().partner == shop.fabrikam


def test_what_cannot_be_done_is_kept_with_its_reason_and_tried_again(shop: World) -> None:
    sell(shop, seats=60)
    transfer = approved(shop, on=MOVED, day=MOVED)
    Tenant.objects.filter(pk=shop.tailspin.tenant_id).update(country="PL")  # no list there

    report = transfers.carry_out_due(act=shop.act(on=MOVED))
    transfers.carry_out_due(act=shop.act(on=MOVED))

    assert report.failures[0][1].startswith("The price list of Tailspin Partners does not have")
    transfer.refresh_from_db()
    assert (transfer.state, transfer.failure) == ("approved", report.failures[0][1])
    assert Activity.objects.filter(action="transfer.failed", tenant=shop.northwind).count() == 1
    assert Subscription.objects.live().get().partner == shop.fabrikam
    Tenant.objects.filter(pk=shop.tailspin.tenant_id).update(country="AT")
    assert transfers.carry_out_due(act=shop.act(on=date(2026, 11, 25))).done == [transfer]


def test_killed_in_the_middle_it_has_not_begun(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell(shop, seats=60)
    transfer = approved(shop, on=MOVED, day=MOVED)
    before = Charge.objects.count()
    monkeypatch.setattr(transfers, "record_transfer", die)  # the last step but one

    with pytest.raises(SystemExit):
        transfers.carry_out_due(act=shop.act(on=MOVED))

    assert Charge.objects.count() == before
    assert Subscription.objects.live().get().partner == shop.fabrikam
    assert Relationship.objects.active().get().partner == shop.fabrikam
    monkeypatch.undo()
    assert transfers.carry_out_due(act=shop.act(on=MOVED)).done == [transfer]


def die(*_args: object, **_values: object) -> None:
    raise SystemExit


def test_without_an_agreement_of_the_new_partner_it_waits_and_says_why(shop: World) -> None:
    sell(shop, seats=60)
    transfer = approved(shop, on=MOVED, day=MOVED)
    PartnerSuspension.objects.create(
        partner=shop.tailspin,
        reason=PartnerSuspension.Reason.OVERDUE,
        starts_on=MOVED,
        suspended_at=shop.act().at,
        suspended_by=shop.ada,
    )

    report = transfers.carry_out_due(act=shop.act(on=MOVED))

    assert report.done == []
    transfer.refresh_from_db()
    assert transfer.failure.startswith("The vendor suspended Tailspin Partners on 22 Nov 2026")
    assert Relationship.objects.active().get().partner == shop.fabrikam


def test_a_partner_that_no_longer_sells_itself_gets_nobody(shop: World) -> None:
    sell(shop, seats=60)
    transfer = approved(shop, on=MOVED, day=MOVED)
    Partner.objects.filter(pk=shop.tailspin.pk).update(kind="advisor")

    transfers.carry_out_due(act=shop.act(on=MOVED))

    transfer.refresh_from_db()
    assert transfer.failure == "Tailspin Partners does not sell to customers itself any more."
