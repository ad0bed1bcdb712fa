"""
One tenant, all six channels, a whole year: each subscription changes by its own rules only.

Northwind starts with what it brought along (Direct, Advisor, Open, EA) and Syndication,
which keeps CSP out (R8) until it ends. Then a partner sells to it, it buys Direct itself,
leaves Advisor for CSP, changes its partner, and renews. After every step the rows of each
channel are compared with what they were.
"""

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256

import pytest
from django.db import connection
from django.urls import reverse
from playwright.sync_api import Page, expect

from billing.models import Charge, Invoice
from billing.services import closing
from csp_portal.celery import app
from csp_portal.shared import clock
from relationships.models import Relationship
from subscriptions.models import Subscription
from subscriptions.services import imports
from subscriptions.services.elsewhere import record_end
from tenants.acts import Act
from tests import make
from tests.world import World, build_world

from .test_main_journey import (
    _worker,
    attest_the_customer_agreement,
    confirm,
    invite,
    order_ten_seats,
)

__all__ = ["_worker"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Visit = Callable[..., Page]
BROUGHT_ALONG = """\
Subscription ID,Subscription,Quantity,Status,Reseller,Tenant domain,Channel,Assigned,Start,End,Partner of record
DIR-1,Office Suite E3,210,Active,,northwind.example,direct,187,2026-01-08,2028-01-08,
ADV-1,Exchange Online Plan 1,35,Active,,northwind.example,advisor,20,2025-09-01,2027-09-01,4711002
OPEN-1,Office Suite E1,25,Active,,northwind.example,open,9,2025-12-01,2027-12-01,
EA-1,Windows Enterprise,120,Active,,northwind.example,ea,104,2025-02-20,2028-02-20,
SYN-1,Hosted Telephony,60,Active,,northwind.example,syndication,44,2025-05-01,2027-05-01,
"""  # noqa: E501 -- the lines of a file


class Channels:
    """The rows of each channel, as hashes, to say which of them a step may change."""

    def __init__(self) -> None:
        self.before = self._hashes()

    @contextmanager
    def only(self, *changing: str) -> Iterator[None]:
        yield
        after = self._hashes()
        changed = {c for c in {*self.before, *after} if self.before.get(c) != after.get(c)}
        self.before = after
        assert changed == set(changing)

    @staticmethod
    def _hashes() -> dict[str, str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT channel, string_agg(s::text, '|' ORDER BY id) "
                "FROM subscriptions_subscription s GROUP BY channel"
            )
            return {channel: sha256(rows.encode()).hexdigest() for channel, rows in cursor}


@pytest.mark.usefixtures("_worker")
def test_each_channel_changes_by_its_own_rules_only(transactional_db: None, visit: Visit) -> None:
    world = build_world()
    exchange = make.offer("Exchange Online Plan 1", "CFQ7TTC0LH16:0001")
    make.price_list(
        date(2026, 3, 1), {world.premium: ("17.30", "20.60"), exchange: ("3.10", "3.70")}
    )
    imports.import_subscriptions(
        file=io.BytesIO(BROUGHT_ALONG.encode()),
        act=Act.of_the_portal(at=datetime(2026, 3, 1, tzinfo=UTC), on=date(2026, 3, 1)),
    )
    channels = Channels()

    def someone(email: str) -> Page:
        return visit(email, password=make.PASSWORD)

    with clock.travelled_to(date(2026, 3, 14)), channels.only():
        link = invite(someone("ada@fabrikam.example"))
        syndication_keeps_csp_out(someone("carl@northwind.example"), link)
    with channels.only("syndication"):
        syndication_ends(world)
    with clock.travelled_to(date(2026, 4, 1)), channels.only("csp"):
        accept_as_signed_in(someone("carl@northwind.example"), link)
        ada = someone("ada@fabrikam.example")
        attest_the_customer_agreement(ada, world)
        order_ten_seats(ada, world)
    with clock.travelled_to(date(2026, 5, 5)), channels.only("direct"):
        buy_direct(someone("carl@northwind.example"))
    with clock.travelled_to(date(2026, 6, 1)), channels.only("csp"):
        order_exchange(someone("ada@fabrikam.example"), world)
    with clock.travelled_to(date(2026, 6, 20)), channels.only("advisor"):
        leave_advisor(someone("carl@northwind.example"))
    with clock.travelled_to(date(2026, 9, 10)), channels.only():
        nora = someone("nora@tailspin.example")
        link = ask_to_replace(nora)
        choose_the_day(someone("carl@northwind.example"), link, "2026-10-01")
        approve(someone("ada@fabrikam.example"))
    with channels.only("csp"):
        task_on(date(2026, 10, 1), "billing.carry_out_transfers", until=_is_with_tailspin)
    with channels.only("csp"):  # both terms ended on the way and were renewed
        day = date(2027, 4, 2)
        task_on(day, "billing.close_months", until=lambda: not closing.due_months(on=day))

    the_money_is_right(world)
    with clock.travelled_to(date(2027, 4, 2)):
        all_six_side_by_side(someone("carl@northwind.example"), "/subscriptions/")
        path = f"/customers/{world.northwind.public_id}/subscriptions/"
        all_six_side_by_side(someone("nora@tailspin.example"), path)


def syndication_keeps_csp_out(page: Page, link: str) -> None:
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "CSP and Syndication exclude each other"
    )


def syndication_ends(world: World) -> None:
    """Record what the syndication partner wrote, as an operator does."""
    record_end(
        subscription=Subscription.objects.get(channel="syndication"),
        reason="Letter of the syndication partner",
        act=Act.of_the_portal(at=datetime(2026, 3, 20, 12, tzinfo=UTC), on=date(2026, 3, 20)),
    )


def accept_as_signed_in(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("button", name="Accept for Northwind Traders").click()
    expect(page.locator("body")).to_contain_text("Fabrikam Cloud is now your CSP partner")


def buy_direct(page: Page) -> None:
    page.goto("/shop/?plan=monthly")
    page.get_by_role("link", name="Choose Business Premium, 1 year, Monthly").click()
    page.fill("input[name=seats]", "5")
    page.get_by_role("button", name="Show the price").click()
    expect(page.locator("main")).to_contain_text("103.00")  # 20.60 x 5, the first month
    confirm(page)
    assert Subscription.objects.filter(channel="direct", seats=5).count() == 1


def order_exchange(page: Page, world: World) -> None:
    page.goto(f"/customers/{world.northwind.public_id}/order/?plan=monthly")
    page.get_by_role("link", name="Choose Exchange Online Plan 1, 1 year, Monthly").click()
    page.fill("input[name=seats]", "35")
    page.locator("main form[method=post] button[type=submit]").last.click()
    confirm(page)


def leave_advisor(page: Page) -> None:
    """Find what runs twice, and cancel it: with 20 licences the customer may (R17)."""
    page.goto("/transitions/")
    expect(page.locator("main")).to_contain_text("Exchange Online Plan 1")
    advisor = Subscription.objects.get(channel="advisor")
    page.goto(reverse("billing:own-cancel", args=[advisor.public_id]))
    page.get_by_role("button", name="Cancel for good").click()
    expect(page.locator("body")).to_contain_text("Cancelled")


def ask_to_replace(page: Page) -> str:
    page.goto("/invitations/new/")
    page.check("input[name=kind][value=replacement]")
    page.locator("main form button[type=submit]").last.click()
    link = page.locator("#invitation-link")
    expect(link).to_be_visible()
    return link.input_value().strip()


def choose_the_day(page: Page, link: str, day: str) -> None:
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_contain_text(
        "Tailspin Partners asks to replace your CSP partner"
    )
    page.fill("input[name=takes_effect_on]", day)
    page.get_by_role("button", name="Accept and ask for the move").click()
    expect(page.locator("main")).to_contain_text("Tailspin Partners")


def approve(page: Page) -> None:
    page.goto("/transfers/")
    page.get_by_role("link", name="Northwind Traders").first.click()
    page.get_by_role("button", name="Approve the transfer").click()
    expect(page.locator("body")).to_contain_text("Approved. Northwind Traders moves on the day")


def _is_with_tailspin() -> bool:
    return Relationship.objects.active().filter(partner__mpn_id="4711002").exists()


def task_on(day: date, name: str, *, until: Callable[[], bool]) -> None:
    with clock.travelled_to(day):
        app.send_task(name)
        deadline = time.monotonic() + 60
        while not until():
            assert time.monotonic() < deadline, f"{name} did nothing"
            time.sleep(0.1)


def the_money_is_right(world: World) -> None:
    """Fabrikam's bills end with the credit of the rest of the year, Tailspin's begin there."""
    moved = Charge.objects.filter(locked_price__leg=2, charge_type="transfer").order_by("id")
    # 247.20 x 10 x 182/365: 1 Oct 2026 to 1 Apr 2027; 3.70 x 35 for the whole of October
    assert [charge.amount for charge in moved if charge.seats == -10] == [Decimal("-1232.61")]
    assert [charge.amount for charge in moved if charge.seats == 10] == [Decimal("1232.61")]
    sellers = set(
        Invoice.objects.filter(buyer=world.northwind, month__gte=date(2026, 11, 1)).values_list(
            "seller__name", flat=True
        )
    )
    assert sellers == {"Cirrus", "Tailspin Partners"}


def all_six_side_by_side(page: Page, path: str) -> None:
    page.goto(path)
    for channel in ("CSP", "Direct", "Advisor", "Open", "EA", "Syndication"):
        expect(page.locator("main")).to_contain_text(channel)
