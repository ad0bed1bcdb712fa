"""The month's close: who gets which invoice, what is on it, and that doing it again is nothing."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Charge, Invoice, MonthClose, NumberSeries
from billing.queries.closes import due_months
from billing.queries.invoices import lines_of, next_invoice, sum_of
from billing.services import closing, closing_sql, seller_month
from subscriptions.models import Subscription
from tenants.models import Activity, Tenant
from tests import make
from tests.world import World

from .selling import change, list_prices, sell

NOVEMBER = date(2026, 11, 1)
DECEMBER = date(2026, 12, 1)


@pytest.fixture
def shop(world: World) -> World:
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    return world


def close_until(world: World, on: date) -> list[closing.CloseResult]:
    return closing.close_due(act=world.act(on=on)).closes


def invoice(seller: Tenant, buyer: Tenant, month: date) -> Invoice:
    return Invoice.objects.get(seller=seller, buyer=buyer, month=month)


def lines(issued: Invoice) -> list[tuple[str, int, str]]:
    return [
        (each.line.charge_type, each.line.seats, str(each.line.amount)) for each in lines_of(issued)
    ]


def test_november_on_one_invoice_for_each_leg(shop: World) -> None:
    subscription = sell(shop, seats=60)
    change(shop, "seats", subscription, on=date(2026, 11, 22), seats=66)

    close_until(shop, DECEMBER)

    bill = invoice(shop.fabrikam.tenant, shop.northwind, NOVEMBER)
    # 20.60 x 60 from 14 Nov; 20.60 x 6 x 22/30 from 22 Nov
    assert lines(bill) == [("cycleCharge", 60, "1236.00"), ("addQuantity", 6, "90.64")]
    assert (bill.net_total, bill.total, bill.line_count) == (
        Decimal("1326.64"),
        Decimal("1326.64"),
        2,
    )
    assert (bill.number, bill.issued_on, bill.due_on) == (
        "2026-000009",  # one a month since March
        DECEMBER,
        date(2026, 12, 31),
    )
    cost = invoice(shop.cirrus, shop.fabrikam.tenant, NOVEMBER)
    # 16.48 x 60; 16.48 x 6 x 22/30 = 72.512
    assert lines(cost) == [("cycleCharge", 60, "988.80"), ("addQuantity", 6, "72.51")]


def test_the_month_of_the_order_has_only_the_order(shop: World) -> None:
    sell(shop, seats=60)

    close_until(shop, date(2026, 4, 1))

    bill = invoice(shop.fabrikam.tenant, shop.northwind, date(2026, 3, 1))
    assert lines(bill) == [("new", 60, "1236.00")]


def test_a_period_counts_the_seats_at_the_start_of_its_first_day(shop: World) -> None:
    subscription = sell(shop, seats=60)
    change(shop, "seats", subscription, on=date(2026, 12, 13), seats=66)
    change(shop, "seats", subscription, on=date(2026, 12, 14), seats=70)

    close_until(shop, date(2027, 1, 1))

    bill = invoice(shop.fabrikam.tenant, shop.northwind, DECEMBER)
    assert lines(bill) == [
        ("addQuantity", 6, "4.12"),  # 20.60 x 6 x 1/30
        ("addQuantity", 4, "82.40"),  # 20.60 x 4 x 31/31
        ("cycleCharge", 66, "1359.60"),  # 20.60 x 66
    ]


def test_a_suspended_subscription_has_no_period_charge(shop: World) -> None:
    subscription = sell(shop, seats=66)
    change(shop, "suspend", subscription, on=date(2026, 12, 20))
    change(shop, "reactivate", subscription, on=date(2027, 1, 20))

    close_until(shop, date(2027, 2, 1))

    bill = invoice(shop.fabrikam.tenant, shop.northwind, date(2027, 1, 1))
    # nothing for the period of 14 January; 20.60 x 66 x 25/31 from 20 January
    assert lines(bill) == [("reactivate", 66, "1096.45")]


def test_an_add_on_has_its_bases_periods(shop: World) -> None:
    base = sell(shop, seats=10)
    sell(shop, seats=6, offer=shop.phone, base=base, on=date(2026, 11, 22))

    close_until(shop, date(2027, 1, 1))

    bill = invoice(shop.fabrikam.tenant, shop.northwind, DECEMBER)
    assert [(each.line.offer_title, each.line.period_from) for each in lines_of(bill)] == [
        ("Business Premium", date(2026, 12, 14)),
        ("Teams Phone Standard", date(2026, 12, 14)),
    ]


def test_a_yearly_plan_is_charged_once_a_year(shop: World) -> None:
    sell(shop, seats=10, plan="annual")

    close_until(shop, date(2027, 4, 1))

    bills = Invoice.objects.filter(buyer=shop.northwind).order_by("month")
    # the order, and the renewal on 14 Mar 2027
    assert [(b.month, lines(b)) for b in bills] == [
        (date(2026, 3, 1), [("new", 10, "2472.00")]),
        (date(2027, 3, 1), [("renew", 10, "2472.00")]),
    ]


def test_the_31st_is_clamped_and_never_drifts(shop: World) -> None:
    sell(shop, seats=1, on=date(2026, 3, 31))

    close_until(shop, date(2026, 8, 1))

    periods = Charge.objects.filter(locked_price__leg=2).order_by("period_from")
    assert list(periods.values_list("period_from", "period_until")) == [
        (date(2026, 3, 31), date(2026, 4, 30)),
        (date(2026, 4, 30), date(2026, 5, 31)),
        (date(2026, 5, 31), date(2026, 6, 30)),
        (date(2026, 6, 30), date(2026, 7, 31)),
        (date(2026, 7, 31), date(2026, 8, 31)),
    ]


def test_closing_again_changes_nothing(shop: World) -> None:
    sell(shop, seats=60)
    close_until(shop, DECEMBER)
    before = _ledger()

    again = closing.close_month(month=NOVEMBER, act=shop.act(on=DECEMBER))

    assert _ledger() == before
    assert [(result.is_new, result.invoices, result.lines) for result in again] == [
        (False, 1, 1),
        (False, 1, 1),
    ]


def test_an_earlier_open_month_is_closed_first(shop: World) -> None:
    sell(shop, seats=60)

    closing.close_month(month=date(2026, 5, 1), act=shop.act(on=DECEMBER))

    numbers = Invoice.objects.filter(buyer=shop.northwind).order_by("month")
    assert list(numbers.values_list("month", "number")) == [
        (date(2026, 3, 1), "2026-000001"),
        (date(2026, 4, 1), "2026-000002"),
        (date(2026, 5, 1), "2026-000003"),
    ]


def test_one_seller_alone_keeps_the_order_too(shop: World) -> None:
    sell(shop, seats=60)

    with pytest.raises(closing.EarlierMonthOpen):
        closing.close_seller_month(seller=shop.cirrus, month=NOVEMBER, act=shop.act(on=DECEMBER))

    assert not Invoice.objects.exists()


def test_a_month_that_is_not_over_is_refused(shop: World) -> None:
    with pytest.raises(closing.MonthNotOver):
        closing.close_month(month=NOVEMBER, act=shop.act(on=date(2026, 11, 30)))


def test_a_dry_run_reports_the_real_numbers_and_leaves_nothing(shop: World) -> None:
    sell(shop, seats=60)
    before = _ledger()
    act = shop.act(on=DECEMBER)

    tried = closing.close_month(month=NOVEMBER, act=act, is_dry_run=True)
    assert _ledger() == before
    done = closing.close_month(month=NOVEMBER, act=act)

    assert [(r.month, r.invoices, r.lines, r.totals) for r in tried] == [
        (r.month, r.invoices, r.lines, r.totals) for r in done
    ]


def test_a_balance_below_zero_is_carried_and_never_lost(shop: World) -> None:
    subscription = sell(shop, seats=60)
    close_until(shop, date(2026, 12, 1))
    # before the period of 14 December: 20.60 x -60 x 13/30 = -535.60, and then nothing
    change(shop, "suspend", subscription, on=date(2026, 12, 1))
    change(shop, "reactivate", subscription, on=date(2027, 2, 14))

    close_until(shop, date(2027, 3, 1))

    seller, buyer = shop.fabrikam.tenant, shop.northwind
    december = invoice(seller, buyer, DECEMBER)
    assert (december.net_total, december.total) == (Decimal("-535.60"), Decimal("-535.60"))
    assert not Invoice.objects.filter(month=date(2027, 1, 1)).exists()
    february = invoice(seller, buyer, date(2027, 2, 1))
    # 20.60 x 60 from 14 Feb, less the balance
    assert (february.net_total, february.brought_forward, february.total) == (
        Decimal("1236.00"),
        Decimal("-535.60"),
        Decimal("700.40"),
    )


def test_a_carried_balance_is_carried_once(shop: World) -> None:
    subscription = sell(shop, seats=60)
    close_until(shop, DECEMBER)
    change(shop, "seats", subscription, on=date(2026, 12, 1), seats=1)
    change(shop, "suspend", subscription, on=date(2026, 12, 2))

    change(shop, "reactivate", subscription, on=date(2027, 1, 2))
    close_until(shop, date(2027, 3, 1))

    totals = Invoice.objects.filter(buyer=shop.northwind, month__gte=DECEMBER).order_by("month")
    # December: 20.60 x -59 x 13/30 = -526.67, 20.60 x -1 x 12/30 = -8.24
    # January: 20.60 x 12/31 = 7.97 and 20.60 from the 14th; February: 20.60
    assert list(totals.values_list("net_total", "brought_forward", "total")) == [
        (Decimal("-534.91"), Decimal("0.00"), Decimal("-534.91")),
        (Decimal("28.57"), Decimal("-534.91"), Decimal("-506.34")),
        (Decimal("20.60"), Decimal("-506.34"), Decimal("-485.74")),
    ]


def test_a_charge_written_after_its_month_was_closed_is_on_the_next_invoice(shop: World) -> None:
    subscription = sell(shop, seats=60)
    close_until(shop, DECEMBER)

    # asked for on 30 November, confirmed after midnight, after the close
    change(shop, "seats", subscription, on=date(2026, 11, 30), seats=61)
    close_until(shop, date(2027, 1, 1))

    # 20.60 x 1 x 14/30
    assert lines(invoice(shop.fabrikam.tenant, shop.northwind, DECEMBER))[0] == (
        "addQuantity",
        1,
        "9.61",
    )


def test_a_term_renewed_late_gets_the_periods_that_were_left_behind(shop: World) -> None:
    subscription = sell(shop, seats=10, duration="P1M", on=date(2026, 3, 14))
    offers = Subscription.objects.filter(pk=subscription.pk)
    # closed without renewing first, as if every renewal had failed since April
    for month in (3, 4, 5, 6):
        act = shop.act(on=date(2026, month + 1, 1))
        for seller in (shop.cirrus, shop.fabrikam.tenant):
            closing.close_seller_month(seller=seller, month=date(2026, month, 1), act=act)
    assert offers.get().ends_on == date(2026, 4, 14)

    close_until(shop, date(2026, 8, 1))

    assert (
        lines(invoice(shop.fabrikam.tenant, shop.northwind, date(2026, 7, 1)))
        == [
            ("renew", 10, "206.00"),  # 14 April, May, June, July: 20.60 x 10
        ]
        * 4
    )


def test_a_customer_without_anything_gets_no_invoice(shop: World) -> None:
    subscription = sell(shop, seats=60, on=date(2026, 3, 31))
    change(shop, "cancel", subscription, on=date(2026, 4, 10))
    close_until(shop, date(2026, 6, 1))

    assert not Invoice.objects.filter(month=date(2026, 5, 1)).exists()
    assert MonthClose.objects.filter(month=date(2026, 5, 1), state="done").count() == 2


def test_numbers_have_no_gaps_and_start_anew_each_year(shop: World) -> None:
    make.relationship(shop.fabrikam, shop.contoso)
    sell(shop, seats=60, on=date(2026, 10, 14))
    sell(shop, seats=5, on=date(2026, 10, 20), tenant=shop.contoso)

    close_until(shop, date(2027, 2, 1))

    sold = Invoice.objects.filter(seller=shop.fabrikam.tenant).order_by("issued_on", "number")
    # dated the first day after the month: December's invoices are of the new year
    assert list(sold.values_list("number", flat=True)) == [
        *("2026-000001", "2026-000002", "2026-000003", "2026-000004"),
        *("2027-000001", "2027-000002", "2027-000003", "2027-000004"),
    ]
    series = NumberSeries.objects.filter(seller=shop.fabrikam.tenant).order_by("year")
    assert list(series.values_list("year", "last")) == [(2026, 4), (2027, 4)]


def test_what_the_preview_says_is_what_the_invoice_says(shop: World) -> None:
    base = sell(shop, seats=60)
    sell(shop, seats=6, offer=shop.phone, base=base, on=date(2026, 11, 22))
    change(shop, "seats", base, on=date(2026, 11, 22), seats=66)
    close_until(shop, NOVEMBER)
    seller, buyer = shop.fabrikam.tenant, shop.northwind

    [preview] = next_invoice(seller=seller, buyer=buyer, month=NOVEMBER)
    close_until(shop, DECEMBER)

    issued = invoice(seller, buyer, NOVEMBER)
    assert [each.words for each in preview.lines] == [each.words for each in lines_of(issued)]
    assert (preview.net_total, preview.total) == (issued.net_total, issued.total)


def test_the_preview_leaves_an_open_earlier_month_to_its_own_invoice(shop: World) -> None:
    sell(shop, seats=60)
    close_until(shop, date(2026, 10, 1))

    [preview] = next_invoice(seller=shop.fabrikam.tenant, buyer=shop.northwind, month=NOVEMBER)

    assert [each.line.period_from for each in preview.lines] == [date(2026, 11, 14)]


def test_both_sides_are_copied_as_they_were(shop: World) -> None:
    sell(shop, seats=60)
    close_until(shop, date(2026, 4, 1))
    Tenant.objects.filter(pk=shop.northwind.pk).update(name="Northwind International")

    bill = invoice(shop.fabrikam.tenant, shop.northwind, date(2026, 3, 1))

    assert bill.parties["buyer"]["name"] == "Northwind Traders"
    assert bill.parties["seller"] == {
        "name": "Fabrikam Cloud",
        "domain": "fabrikam.example",
        "partner_id": "4711001",
        "street": "",
        "postal_code": "",
        "city": "Berlin",
        "country": "DE",
        "tax_id": "",
    }


def test_every_invoice_is_the_sum_of_its_lines(shop: World) -> None:
    subscription = sell(shop, seats=60)
    change(shop, "seats", subscription, on=date(2026, 11, 22), seats=66)
    close_until(shop, date(2027, 1, 1))

    issued = list(Invoice.objects.all())

    assert [sum_of(each) for each in issued] == [each.net_total for each in issued]
    assert not Charge.objects.filter(invoice=None).exists()


def test_one_sellers_failure_is_stored_and_stops_nobody_else(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell(shop, seats=60)
    write = seller_month._write_invoices  # noqa: SLF001 -- the fault is injected here

    def fail_for_the_vendor(**what: Any) -> Any:
        if what["seller"] == shop.cirrus:
            raise RuntimeError("disk full")
        return write(**what)

    monkeypatch.setattr(seller_month, "_write_invoices", fail_for_the_vendor)
    act = shop.act(on=date(2026, 5, 1))

    results = closing.close_month(month=date(2026, 4, 1), act=act)
    monkeypatch.undo()

    failed = MonthClose.objects.get(seller=shop.cirrus)
    assert (failed.month, failed.state, failed.attempts, failed.failure) == (
        date(2026, 3, 1),
        "failed",
        1,
        "RuntimeError: disk full",
    )
    # the vendor's April waits for its March; Fabrikam's months are done
    assert [(r.seller, r.month, bool(r.failure)) for r in results] == [
        (shop.cirrus, date(2026, 3, 1), True),
        (shop.fabrikam.tenant, date(2026, 3, 1), False),
        (shop.fabrikam.tenant, date(2026, 4, 1), False),
    ]

    closing.close_due(act=act)

    failed.refresh_from_db()
    assert (failed.state, failed.attempts, failed.failure) == ("done", 2, "")
    assert due_months(on=date(2026, 5, 1)) == []


def test_the_seller_reads_of_it_in_its_activity(shop: World) -> None:
    sell(shop, seats=60)

    close_until(shop, date(2026, 4, 1))

    told = Activity.objects.filter(action="month.closed").order_by("tenant_id")
    assert [(each.tenant, each.summary) for each in told] == [
        (shop.cirrus, "March 2026 closed: invoices 1, lines 1"),
        (shop.fabrikam.tenant, "March 2026 closed: invoices 1, lines 1"),
    ]


def test_nobody_sells_nothing(world: World) -> None:
    assert closing.close_due(act=world.act(on=DECEMBER)).closes == []


def test_the_statements_take_only_the_sellers_own_rows() -> None:
    statements = [
        closing_sql.DRAFTS_OF_OPEN_CHARGES,
        closing_sql.GATHER_OPEN_CHARGES,
        closing_sql.PERIOD_CHARGES,
        closing_sql.FINALISE,
    ]
    assert all("seller_id = %(seller)s" in statement for statement in statements)


def _ledger() -> tuple[list[Any], ...]:
    return (
        list(Invoice.objects.order_by("id").values()),
        list(Charge.objects.order_by("id").values()),
        list(NumberSeries.objects.order_by("id").values()),
        list(MonthClose.objects.order_by("id").values()),
    )
