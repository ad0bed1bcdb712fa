from datetime import date

import pytest

from billing.services import closing
from subscriptions.models import Subscription
from tenants.acts import Act
from tests import make
from tests.billing.selling import list_prices, sell
from tests.world import World


@pytest.fixture
def sold(world: World) -> World:
    """Northwind is Fabrikam's customer; a list of March has both offers, in force."""
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    return world


@pytest.fixture
def premium(sold: World) -> Subscription:
    """60 seats of Business Premium from 14 Mar 2026, sold at 20.60, bought at 16.48 a month."""
    return sell(sold)


@pytest.fixture
def billed(sold: World, premium: Subscription) -> World:
    """Everything up to October is invoiced: 1,236.00 to Northwind, 988.80 to Fabrikam."""
    first = date(2026, 11, 1)
    at = sold.act(on=first).at
    closing.close_month(month=date(2026, 10, 1), act=Act.of_the_portal(at=at, on=first))
    return sold
