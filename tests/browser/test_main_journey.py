"""
The main journey, in a real browser on real PostgreSQL, Redis and a Celery worker.

A tenant imported with Direct, Advisor, Open and EA subscriptions is invited; its admin
signs in through the link and accepts; the partner orders 10 seats on an annual plan, adds
6, suspends and reactivates; the task that beat starts closes the months.
"""

import hashlib
import io
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from celery.contrib.testing.worker import start_worker
from django.db import connection, connections
from playwright.sync_api import Page, expect

from billing.models import Charge, Invoice, MonthClose
from csp_portal.celery import app
from csp_portal.shared import clock
from subscriptions.models import Subscription
from subscriptions.services import imports
from tenants.acts import Act
from tests import make
from tests.world import World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.slow]

START = date(2026, 3, 14)
OTHERS = """\
Subscription ID,Subscription,Quantity,Status,Reseller,Tenant domain,Channel,Assigned,Start,End,Partner of record
DIR-1,Office Suite E3,210,Active,,northwind.example,direct,187,2026-01-08,2027-01-08,
ADV-1,Exchange Online Plan 1,35,Active,,northwind.example,advisor,31,2025-09-01,2027-01-01,4711002
OPEN-1,Office Suite E1,25,Active,,northwind.example,open,9,2025-12-01,2026-12-01,
EA-1,Windows Enterprise,120,Active,,northwind.example,ea,104,2025-02-20,2028-02-20,
"""  # noqa: E501 -- the lines of a file


@pytest.fixture
def _worker() -> Iterator[None]:
    """Run a Celery worker on the real broker, in a thread so that it lives on the test's day."""
    app.control.purge()
    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=20):
        yield
    connections.close_all()


def other_channels() -> str:
    """Return a hash over every byte of every subscription that is not CSP."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(s::text, '|' ORDER BY id) FROM subscriptions_subscription s "
            "WHERE channel <> 'csp'"
        )
        return hashlib.sha256(cursor.fetchone()[0].encode()).hexdigest()


def beat_closes_months_on(day: date) -> None:
    """Let the worker do what beat asks for on `day`, and wait until it is done."""
    with clock.travelled_to(day):
        app.send_task("billing.close_months")
        month = date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, 1)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if _is_closed(month):
                return
            time.sleep(0.1)
    raise AssertionError(f"{month:%B %Y} was not closed")


def _is_closed(month: date) -> bool:
    """Both sellers, vendor and partner, have closed the month."""
    return MonthClose.objects.filter(month=month, state="done").count() == 2


@pytest.mark.usefixtures("_worker")
def test_from_an_invitation_to_numbered_invoices(
    transactional_db: None, visit: Callable[..., Page]
) -> None:
    world = build_world()
    make.price_list(date(2026, 3, 1), {world.premium: ("17.30", "20.60")})
    imports.import_subscriptions(
        file=io.BytesIO(OTHERS.encode()),
        act=Act.of_the_portal(at=datetime(2026, 3, 1, tzinfo=UTC), on=date(2026, 3, 1)),
    )
    before = other_channels()

    with clock.travelled_to(START):
        link = invite(visit("ada@fabrikam.example", password=make.PASSWORD))
        accept(visit(), link)
        ada = visit("ada@fabrikam.example", password=make.PASSWORD)
        attest_the_customer_agreement(ada, world)
        order_ten_seats(ada, world)
    subscription = Subscription.objects.get(channel="csp")
    with clock.travelled_to(date(2026, 11, 22)):
        ada = visit("ada@fabrikam.example", password=make.PASSWORD)
        change_seats(ada, subscription, 16, "455.12")  # 247.20 x 6 x 112/365
    with clock.travelled_to(date(2026, 12, 20)):
        ada = visit("ada@fabrikam.example", password=make.PASSWORD)
        # 247.20 x 16 x 84/365 = 910.24
        change_state(ada, subscription, "suspend", "910.24")
    with clock.travelled_to(date(2027, 1, 5)):
        ada = visit("ada@fabrikam.example", password=make.PASSWORD)
        # 247.20 x 16 x 68/365 = 736.86
        change_state(ada, subscription, "reactivate", "736.86")

    beat_closes_months_on(date(2027, 2, 1))

    assert sold_amounts() == {
        date(2026, 3, 1): [Decimal("2472.00")],
        date(2026, 11, 1): [Decimal("455.12")],
        date(2026, 12, 1): [Decimal("-910.24")],
        date(2027, 1, 1): [Decimal("736.86")],
    }
    assert sorted(Invoice.objects.filter(buyer=world.northwind).values_list("number", "total")) == [
        ("2026-000001", Decimal("2472.00")),
        ("2026-000002", Decimal("455.12")),
        ("2027-000001", Decimal("-910.24")),
        # 736.86 less the 910.24 brought forward
        ("2027-000002", Decimal("-173.38")),
    ]
    assert other_channels() == before
    with clock.travelled_to(date(2027, 2, 1)):
        the_page_shows_all_channels(visit("ada@fabrikam.example", password=make.PASSWORD), world)
        the_customer_reads_its_bills(visit("bea@northwind.example", password=make.PASSWORD))


def invite(page: Page) -> str:
    """Follow the quick link, send the form, and return the link as the page shows it."""
    page.goto("/")
    page.get_by_role("link", name="Request a reseller relationship").first.click()
    page.locator("main form button[type=submit]").last.click()
    link = page.locator("#invitation-link")
    expect(link).to_be_visible()
    return (link.input_value() if link.evaluate("e => 'value' in e") else link.inner_text()).strip()


def accept(page: Page, link: str) -> None:
    """As Carl: open the link signed out, sign in, and land on the invitation again."""
    page.goto(link)
    expect(page.get_by_role("heading", name="Fabrikam Cloud")).to_be_visible()
    page.get_by_role("link", name="Sign in").first.click()
    page.fill("input[name=login]", "carl@northwind.example")
    page.fill("input[name=password]", make.PASSWORD)
    page.locator("main button[type=submit]").first.click()
    expect(page.locator("main")).to_contain_text("Northwind Traders")
    page.get_by_role("button", name="Accept").first.click()
    expect(page.locator("body")).to_contain_text("Fabrikam Cloud is now your CSP partner")


def attest_the_customer_agreement(page: Page, world: World) -> None:
    """Follow the link of the order page, which says that it is missing, and record it."""
    page.goto(f"/customers/{world.northwind.public_id}/order/")
    page.get_by_role("link", name="Record the customer agreement").click()
    page.fill("input[name=name]", "Carl Novak")
    page.fill("input[name=email]", "carl@northwind.example")
    page.check("input[name=is_attested]")
    page.get_by_role("button", name="Attest").click()
    expect(page.locator("body")).to_contain_text("You can order for Northwind Traders.")


def order_ten_seats(page: Page, world: World) -> None:
    page.goto(f"/customers/{world.northwind.public_id}/order/?plan=annual")
    page.get_by_role("link", name="Choose Business Premium, 1 year, Annual").click()
    page.fill("input[name=seats]", "10")
    page.locator("main form[method=post] button[type=submit]").last.click()
    expect(page.locator("main")).to_contain_text("2,472.00")
    confirm(page)
    assert Subscription.objects.get(channel="csp").seats == 10


def change_seats(page: Page, subscription: Subscription, seats: int, amount: str) -> None:
    """Change seats in the side panel of the subscriptions page."""
    tenant = subscription.tenant.public_id
    page.goto(f"/customers/{tenant}/subscriptions/?panel={subscription.public_id}")
    page.fill(".panel input[name=seats]", str(seats))
    page.locator(".panel form button[type=submit]").first.click()
    expect(page.locator(".panel")).to_contain_text(amount)
    confirm(page)
    subscription.refresh_from_db()
    assert subscription.seats == seats


def change_state(page: Page, subscription: Subscription, what: str, amount: str) -> None:
    page.goto(f"/subscriptions/{subscription.public_id}/{what}/")
    page.locator("main form[method=post] button[type=submit]").last.click()
    expect(page.locator("main")).to_contain_text(amount)
    confirm(page)


def confirm(page: Page) -> None:
    page.locator("form[action*='/confirm/'] button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/subscriptions/" in url or "/orders/" in url)


def sold_amounts() -> dict[date, list[Decimal]]:
    """Return the amounts of leg 2, partner to customer, by invoicing month."""
    amounts: dict[date, list[Decimal]] = {}
    for charge in (
        Charge.objects.filter(locked_price__leg=2).select_related("invoice").order_by("id")
    ):
        assert charge.invoice is not None
        amounts.setdefault(charge.invoice.month, []).append(charge.amount)
    return amounts


def the_page_shows_all_channels(page: Page, world: World) -> None:
    page.goto(f"/customers/{world.northwind.public_id}/subscriptions/")
    for title in (
        "Business Premium",
        "Office Suite E3",
        "Exchange Online Plan 1",
        "Windows Enterprise",
    ):
        expect(page.locator("main")).to_contain_text(title)
    for channel in ("CSP", "Direct", "Advisor", "Open", "EA"):
        expect(page.locator("main .grid")).to_contain_text(channel)


def the_customer_reads_its_bills(page: Page) -> None:
    page.goto("/invoices/")
    page.get_by_role("link", name="2026-000002").first.click()
    expect(page.locator("main")).to_contain_text("455.12")
    expect(page.locator("main")).to_contain_text("112 of 365 days")
