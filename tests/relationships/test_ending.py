"""Ending a reseller relationship: when nothing is left, by either side."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.urls import reverse

from relationships.models import Relationship
from relationships.services import ending, transfers
from relationships.services.policy import set_most_partners
from subscriptions.models import Subscription
from subscriptions.services import lifecycle
from subscriptions.services.errors import NoActiveRelationship
from tenants.acts import Act
from tenants.models import Activity, User
from tests import make
from tests.conftest import Browser
from tests.two_tier import two_tier
from tests.world import TODAY, World

from .transferring import requested

SignIn = Callable[[User], Browser]


@pytest.fixture
def taken_on(world: World) -> Relationship:
    return make.relationship(world.fabrikam, world.northwind)


def order(world: World) -> Subscription:
    change = lifecycle.provision(
        partner=world.fabrikam,
        tenant=world.northwind,
        offer=world.premium,
        seats=10,
        duration="P1Y",
        act=world.act(),
    )
    return change.term.subscription


def test_it_ends_when_nothing_is_left(world: World, taken_on: Relationship) -> None:
    ending.end_relationship(relationship=taken_on, reason="moved abroad", act=world.act())

    taken_on.refresh_from_db()
    assert (taken_on.ended_on, taken_on.ended_by) == (TODAY, world.ada)
    assert taken_on.end_reason == "moved abroad"
    logged = Activity.objects.filter(action="relationship.ended").values_list("tenant__name")
    assert sorted(logged) == [("Fabrikam Cloud",), ("Northwind Traders",)]


def test_the_other_side_gets_a_letter(
    world: World, taken_on: Relationship, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        ending.end_relationship(
            relationship=taken_on, reason="moved abroad", act=world.act(world.carl)
        )

    (letter,) = mail.outbox
    assert letter.to == ["ada@fabrikam.example"]
    assert letter.subject == (
        "Northwind Traders and Fabrikam Cloud: the reseller relationship has ended"
    )
    assert "The reason: moved abroad" in letter.body


def test_the_reseller_of_record_reads_of_the_end(
    world: World, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    tiers = two_tier(world)

    with django_capture_on_commit_callbacks(execute=True):
        ending.end_relationship(relationship=tiers.relationship, act=world.act(tiers.wes))

    logged = Activity.objects.filter(action="relationship.ended").values_list("tenant__name")
    assert sorted(logged) == [("Litware Consulting",), ("Relecloud",), ("Wingtip Distribution",)]
    assert sorted(letter.to[0] for letter in mail.outbox) == [
        "lena@litware-consulting.example",
        "rita@relecloud.example",
    ]


def test_the_tenant_is_free_for_another_channel_then(world: World, taken_on: Relationship) -> None:
    ending.end_relationship(relationship=taken_on, act=world.act())

    world.northwind.refresh_from_db()
    assert world.northwind.exclusive_channel == ""
    make.other_channel(world.northwind, "syndication", "Hosted Mail")  # R8


def test_not_while_another_partner_is_there(world: World, taken_on: Relationship) -> None:
    portal = Act.of_the_portal(at=world.act().at, on=TODAY)
    set_most_partners(most_partners=2, act=portal)
    second = make.relationship(world.tailspin, world.northwind, slot=2)

    ending.end_relationship(relationship=taken_on, act=world.act())

    world.northwind.refresh_from_db()
    second.refresh_from_db()
    assert world.northwind.exclusive_channel == "csp"
    assert second.slot == 1  # places have no gaps


@pytest.mark.parametrize("state", ["active", "suspended"])
def test_not_while_a_subscription_is_active_or_suspended(
    world: World, taken_on: Relationship, state: str
) -> None:
    sold = order(world)
    if state == "suspended":
        lifecycle.suspend(subscription=sold, act=world.act())

    with pytest.raises(
        ending.SubscriptionsRemain,
        match="1 CSP subscription of this relationship is active or suspended",
    ):
        ending.end_relationship(relationship=taken_on, act=world.act())

    lifecycle.cancel(subscription=sold, act=world.act())
    ending.end_relationship(relationship=taken_on, act=world.act())
    with pytest.raises(NoActiveRelationship):
        order(world)


def test_the_database_refuses_it_too(world: World, taken_on: Relationship) -> None:
    order(world)

    with (
        transaction.atomic(),
        pytest.raises(DatabaseError, match="subscriptions_ending_leaves_nothing"),
    ):
        Relationship.objects.filter(pk=taken_on.pk).update(ended_on=TODAY)


def test_not_twice(world: World, taken_on: Relationship) -> None:
    ending.end_relationship(relationship=taken_on, act=world.act())

    with pytest.raises(ending.HasEnded, match="ended already"):
        ending.end_relationship(relationship=taken_on, act=world.act())


def test_not_while_a_transfer_is_under_way(world: World, taken_on: Relationship) -> None:
    transfer = requested(world)

    with pytest.raises(ending.TransferIsOpen, match="under way"):
        ending.end_relationship(relationship=taken_on, act=world.act())

    transfers.withdraw(transfer=transfer, act=world.act(world.carl))
    ending.end_relationship(relationship=taken_on, act=world.act())


@pytest.mark.parametrize("who", ["ada", "carl"])
def test_either_side_ends_it_on_its_page(
    world: World, taken_on: Relationship, sign_in: SignIn, who: str
) -> None:
    browser = sign_in(getattr(world, who))
    url = reverse("relationships:end-relationship", args=[taken_on.public_id])

    page = browser.get(url).content.decode()
    answer = browser.post(url, {"reason": "done"})

    assert "Nothing is left" in page
    assert "disabled" not in page.partition("End it")[2]
    assert answer.status_code == 302
    assert not Relationship.objects.active().exists()


@pytest.mark.parametrize("who", ["ada", "carl"])
def test_the_page_lists_what_is_left_and_the_button_is_inactive(
    world: World, taken_on: Relationship, sign_in: SignIn, who: str
) -> None:
    sold = order(world)
    browser = sign_in(getattr(world, who))
    url = reverse("relationships:end-relationship", args=[taken_on.public_id])

    page = browser.get(url).content.decode()
    refused = browser.post(url, {"reason": ""}).content.decode()

    assert "Business Premium" in page
    assert "1 subscription is still active or suspended." in page
    assert 'href="#transfer"' in page
    cancel = reverse("billing:cancel", args=[sold.public_id])
    assert (cancel in page) == (who == "ada")
    assert ("ask Fabrikam Cloud to cancel it" in page) == (who == "carl")
    assert 'disabled aria-describedby="why-not"' in page
    assert (reverse("billing:cancel", args=[sold.public_id]) in page) == (who == "ada")
    assert "Cancel it or move it to another partner first." in refused
    assert Relationship.objects.active().exists()


@pytest.mark.parametrize("who", ["sam", "helen", "nora", "bea"])
def test_nobody_else_does(world: World, taken_on: Relationship, sign_in: SignIn, who: str) -> None:
    url = reverse("relationships:end-relationship", args=[taken_on.public_id])

    answer = sign_in(getattr(world, who)).post(url)

    assert answer.status_code == (404 if who == "nora" else 403)
    assert Relationship.objects.active().exists()


def test_a_relationship_ends_on_the_day_it_began_at_the_earliest(world: World) -> None:
    relationship = make.relationship(world.fabrikam, world.northwind, on=date(2026, 11, 23))

    with pytest.raises(DatabaseError, match="relationships_relationship_ends_after_it_starts"):
        ending.end_relationship(relationship=relationship, act=world.act())
