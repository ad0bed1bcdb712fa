from typing import cast
from uuid import UUID, uuid4

import pytest
from django.http import Http404
from django.test import RequestFactory

from subscriptions.permissions import get_managed_subscription, get_own_subscription
from subscriptions.services import lifecycle
from tenants.http import PortalRequest
from tenants.models import User

from .. import make
from .conftest import House


def request_of(user: User) -> PortalRequest:
    request = cast("PortalRequest", RequestFactory().get("/"))
    request.user = user
    request.memberships = list(user.memberships.select_related("tenant__partner"))
    request.membership = request.memberships[0]
    return request


def found(getter: object, user: User, public_id: UUID) -> bool:
    try:
        getter(request_of(user), public_id)  # type: ignore[operator]
    except Http404:
        return False
    return True


def test_a_partner_manages_the_csp_subscriptions_it_sold(house: House) -> None:
    subscription = house.order()

    assert (
        get_managed_subscription(request_of(house.world.ada), subscription.public_id)
        == subscription
    )


def test_everybody_else_gets_the_same_404_as_for_what_is_not_there(house: House) -> None:
    world, subscription = house.world, house.order()

    answers = [
        found(get_managed_subscription, user, public_id)
        for user in (world.nora, world.carl, world.tom)
        for public_id in (subscription.public_id, uuid4())
    ]
    assert answers == [False] * 6


def test_other_channels_are_not_managed_not_even_by_their_partner_of_record(house: House) -> None:
    advisor = make.other_channel(
        house.world.northwind, "advisor", "Exchange", partner_of_record=house.world.fabrikam
    )

    assert not found(get_managed_subscription, house.world.ada, advisor.public_id)


def test_nothing_is_managed_after_the_relationship_has_ended(house: House) -> None:
    subscription = house.order()
    lifecycle.cancel(subscription=subscription, act=house.world.act())
    relationship = house.world.northwind.relationships.get()
    relationship.ended_on = house.world.act().on
    relationship.save(update_fields=["ended_on"])

    assert not found(get_managed_subscription, house.world.ada, subscription.public_id)


@pytest.mark.parametrize("channel", ["direct", "csp"])
def test_a_customer_looks_at_its_own_of_every_channel(house: House, channel: str) -> None:
    subscription = (
        house.order()
        if channel == "csp"
        else make.other_channel(house.world.northwind, channel, "Exchange")
    )

    assert found(get_own_subscription, house.world.bea, subscription.public_id)
    assert not found(get_own_subscription, house.world.tom, subscription.public_id)
    assert not found(get_own_subscription, house.world.ada, subscription.public_id)
