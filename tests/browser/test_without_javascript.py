"""The whole way from an invitation to a changed subscription in a browser without JavaScript."""

from collections.abc import Callable
from datetime import date
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from subscriptions.models import Subscription
from tests import make
from tests.world import build_world

from .test_main_journey import (
    accept,
    attest_the_customer_agreement,
    change_seats,
    order_ten_seats,
)

pytestmark = pytest.mark.browser


def test_invite_accept_order_and_change_seats(
    transactional_db: None, visit: Callable[..., Page]
) -> None:
    world = build_world()
    make.price_list(date(2026, 11, 1), {world.premium: ("17.30", "20.60")})
    plain = partial(visit, password=make.PASSWORD, java_script_enabled=False)
    ada = plain("ada@fabrikam.example")

    ada.goto("/invitations/new/")
    ada.fill("input[name=customer_name]", "Northwind Traders")
    ada.get_by_role("button", name="Make the invitation").click()
    link = ada.locator("#invitation-link").input_value()
    accept(plain(), link)

    attest_the_customer_agreement(ada, world)
    order_ten_seats(ada, world)  # 20.60 x 12 x 10 = 2,472.00
    subscription = Subscription.objects.get()
    # on the day it began: 247.20 x 6 x 365/365 = 1,483.20
    change_seats(ada, subscription, 16, "1,483.20")

    ada.goto(f"/customers/{world.northwind.public_id}/subscriptions/")
    expect(ada.locator("main .grid")).to_contain_text("Business Premium")
    expect(ada.locator("main .grid")).to_contain_text("16")
