"""The command bar of the subscriptions page, the files, and the filters of the customers."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.queries.invoices import next_invoice
from billing.queries.next_totals import next_totals
from subscriptions.models import Subscription
from tenants.models import Tenant
from tests import make
from tests.billing.selling import change, sell
from tests.conftest import Browser
from tests.world import TODAY, World

from .reading import SignIn, panel_words, table_rows

CUSTOMERS = reverse("home:customers")


def page_of(world: World) -> str:
    return reverse("home:customer-subscriptions", args=[world.northwind.public_id])


def rows_of(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("command", ["suspend", "reactivate", "cancel"])
def test_a_command_leads_to_the_page_that_asks_the_rest(
    sold: World, premium: Subscription, sign_in: SignIn, command: str
) -> None:
    answer = sign_in(sold.ada).get(page_of(sold), {"do": command, "panel": premium.public_id})

    assert answer.url == reverse(f"billing:{command}", args=[premium.public_id])


def test_the_command_without_a_name_opens_the_panel(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    answer = sign_in(sold.ada).get(page_of(sold), {"panel": premium.public_id})

    assert "Change seats" in panel_words(answer)


def test_no_command_is_for_another_channel(sold: World, sign_in: SignIn) -> None:
    direct = make.other_channel(sold.northwind, "direct", "Office Suite E3")

    answer = sign_in(sold.ada).get(page_of(sold), {"do": "cancel", "panel": direct.public_id})

    assert "Read-only" in panel_words(answer)


def test_the_file_of_subscriptions_has_what_the_page_shows(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    make.other_channel(sold.northwind, "direct", "=cmd|' /C calc'!A0", note="card 4411")

    rows = rows_of(sign_in(sold.ada).get(page_of(sold), {"format": "csv"}))

    prices = [(row["Subscription"], row["Price per seat"], row["Channel"]) for row in rows]
    assert prices == [
        ("Business Premium", "20.6000", "CSP"),
        ("'=cmd|' /C calc'!A0", "", "Direct"),
    ]


def test_the_file_follows_the_filters(sold: World, premium: Subscription, sign_in: SignIn) -> None:
    make.other_channel(sold.northwind, "direct", "Office Suite E3")

    rows = rows_of(sign_in(sold.helen).get(page_of(sold), {"format": "csv", "channel": "csp"}))

    assert [(row["Subscription"], row["Price per seat"]) for row in rows] == [
        ("Business Premium", "")
    ]


def test_the_file_of_all_customers_asks_for_the_password_again(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    stale: Client = sign_in(sold.ada)
    session = stale.session
    session["account_authentication_methods"] = []
    session.save()

    answer = stale.get(CUSTOMERS, {"format": "csv"})

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_reauthenticate"))


def test_customers_are_filtered_by_what_is_the_matter_with_them(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    make.relationship(sold.fabrikam, sold.contoso)
    change(sold, "suspend", premium, on=TODAY)
    browser: Browser = sign_in(sold.ada)

    def only(what: str) -> list[bool]:
        shown = " ".join(table_rows(browser.get(CUSTOMERS, {"only": what})))
        return [name in shown for name in ("Northwind", "Contoso")]

    assert only("suspended") == [True, False]
    assert only("nothing") == [False, True]
    assert only("delegated") == [True, True]
    assert only("undelegated") == [False, False]
    assert only("no such filter") == [True, True]


def test_the_totals_of_the_next_invoice_are_those_of_its_lines(
    sold: World, premium: Subscription
) -> None:
    change(sold, "seats", premium, on=TODAY, seats=66)
    sell(sold, offer=sold.phone, base=premium, seats=7, on=TODAY)
    month = TODAY.replace(day=1)

    for seller, buyer in (
        (sold.fabrikam.tenant, sold.northwind),
        (Tenant.objects.vendor(), sold.fabrikam.tenant),
    ):
        [whole] = next_invoice(seller=seller, buyer=buyer, month=month)
        [totals] = next_totals(seller=seller, buyer=buyer, month=month)
        assert (totals.total, totals.lines) == (whole.total, len(whole.lines))
        assert totals.recurring + totals.changes == whole.net_total
