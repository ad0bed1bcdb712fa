"""Operators read the ledger, and try again what failed to close; they edit nothing."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import Invoice, MonthClose
from billing.services import closing
from csp_portal.shared import clock
from tenants.models import User
from tests import make
from tests.world import World

from .selling import list_prices, sell

TABLES = "charge invoice lockedprice monthclose numberseries order quote".split()


@pytest.fixture
def shop(world: World) -> World:
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    sell(world, seats=60)
    return world


@pytest.fixture
def operator(world: World, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(User.objects.create_superuser("olga@vendor.example", make.PASSWORD))


@pytest.mark.parametrize("table", TABLES)
def test_every_table_can_be_read_and_nothing_added(
    shop: World, operator: Client, table: str
) -> None:
    closing.close_due(act=shop.act(on=date(2026, 4, 1)))

    listed = operator.get(reverse(f"admin:billing_{table}_changelist"))
    added = operator.get(reverse(f"admin:billing_{table}_add"))

    assert (listed.status_code, added.status_code) == (200, 403)


def test_a_failed_close_is_tried_again(shop: World, operator: Client) -> None:
    failed = MonthClose.objects.create(
        seller=shop.cirrus, month=date(2026, 3, 1), state="failed", failure="disk full"
    )

    with clock.pinned_to(date(2026, 4, 1)):
        operator.post(
            reverse("admin:billing_monthclose_changelist"),
            {"action": "close_again", "_selected_action": [failed.pk]},
        )

    failed.refresh_from_db()
    assert (failed.state, failed.failure) == ("done", "")
    assert Invoice.objects.get().buyer == shop.fabrikam.tenant
