"""R17: up to 24 assigned licences the customer cancels Advisor itself; from 25 support does."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse

from billing.services import renewals, support
from subscriptions.models import CancellationRequest, Subscription
from subscriptions.services import cancellation_requests as requests
from subscriptions.services import errors, lifecycle, taken_over
from subscriptions.services.owners import owning_path
from tenants.acts import Act
from tenants.models import User
from tests import make
from tests.subscriptions.test_other_channels import APP, as_role, refusal
from tests.world import TODAY, World

from .selling import charged, list_prices
from .test_recommendations import buy as buy_recommended
from .test_recommendations import recommend


def advised(world: World, assigned: int, **fields: Any) -> Subscription:
    """Return Northwind's Advisor subscription of 40 seats, so many of them assigned."""
    subscription = make.other_channel(
        world.northwind, "advisor", "Exchange", seats=40, partner_of_record=world.tailspin, **fields
    )
    assign(subscription, assigned)
    return subscription


def assign(subscription: Subscription, assigned: int) -> None:
    with transaction.atomic(), owning_path(subscription):
        Subscription.objects.filter(pk=subscription.pk).update(assigned_seats=assigned)


def operator(world: World) -> Act:
    olga, _ = User.objects.get_or_create(
        email="olga@vendor.example", defaults={"is_staff": True, "is_superuser": True}
    )
    return Act(by=olga, organisation=None, at=world.act().at, on=TODAY)


def test_with_24_the_customer_cancels_with_25_it_asks(world: World) -> None:
    few, many = advised(world, 24), advised(world, 25)
    act = world.act(world.carl)

    taken_over.cancel(subscription=few, act=act)
    with pytest.raises(errors.NeedsSupport, match="25 licences are assigned"):
        taken_over.cancel(subscription=many, act=act)

    few.refresh_from_db()
    many.refresh_from_db()
    assert (few.state, many.state) == ("cancelled", "active")


def test_support_cancels_what_was_asked(world: World) -> None:
    subscription = advised(world, 25)
    with as_role(APP):
        asked = requests.ask(subscription=subscription, note="moving", act=world.act(world.carl))
        support.cancel_as_asked(request=asked, remark="", act=operator(world))

    subscription.refresh_from_db()
    asked.refresh_from_db()
    assert (subscription.state, asked.answer, asked.assigned_seats) == ("cancelled", "done", 25)


def test_who_asked_is_told(world: World, django_capture_on_commit_callbacks: Any) -> None:
    subscription = advised(world, 25)
    asked = requests.ask(subscription=subscription, act=world.act(world.carl))

    with django_capture_on_commit_callbacks(execute=True):
        support.cancel_as_asked(request=asked, remark="", act=operator(world))

    assert [(m.to, m.subject) for m in mail.outbox] == [
        ([world.carl.email], "Exchange is cancelled, as you asked")
    ]


def test_the_unused_days_are_credited(world: World) -> None:
    list_prices(world)
    (subscription,) = buy_recommended(world, recommend(world, 30)[0])
    assign(subscription, 25)
    asked = requests.ask(subscription=subscription, act=world.act(world.carl))
    later = replace(operator(world), on=date(2026, 12, 2))

    support.cancel_as_asked(request=asked, remark="", act=later)

    assert charged(subscription, world.northwind) == [
        ("new", 30, "618.00"),  # 20.60 x 30
        ("cancelImmediate", -30, "-412.00"),  # 20.60 x -30 x 20/30
    ]


def test_fewer_than_25_need_no_support(world: World) -> None:
    with pytest.raises(requests.SupportNotNeeded, match="with fewer than 25 you cancel it"):
        requests.ask(subscription=advised(world, 24), act=world.act(world.carl))


def test_one_request_at_a_time_and_one_answer(world: World) -> None:
    subscription, act = advised(world, 30), world.act(world.carl)
    asked = requests.ask(subscription=subscription, act=act)
    with pytest.raises(requests.AlreadyAsked):
        requests.ask(subscription=subscription, act=act)

    requests.take_back(request=asked, act=act)

    with pytest.raises(requests.RequestAnswered):
        support.cancel_as_asked(request=asked, remark="", act=operator(world))
    subscription.refresh_from_db()
    assert subscription.state == "active"
    assert requests.ask(subscription=subscription, act=act).pk != asked.pk


def test_no_partner_asks_for_the_customer(world: World) -> None:
    subscription = advised(world, 30)

    with pytest.raises(errors.OtherChannel):
        requests.ask(subscription=subscription, act=world.act(world.nora))


def test_the_database_keeps_the_answer(world: World) -> None:
    asked = requests.ask(subscription=advised(world, 30), act=world.act(world.carl))
    requests.decline(request=asked, remark="Call us", act=operator(world))

    assert refusal("UPDATE subscriptions_cancellationrequest SET answer = ''") == (
        "tenants_append_only"
    )
    assert refusal("DELETE FROM subscriptions_cancellationrequest") == "tenants_append_only"


def test_the_customers_page_files_and_takes_back(world: World, sign_in: Any) -> None:
    subscription = advised(world, 25)
    carl: Client = sign_in(world.carl)
    page = reverse("billing:own-cancel", args=[subscription.public_id])
    ask = reverse("subscriptions:ask-support", args=[subscription.public_id])

    before = carl.get(page).content.decode()
    filed = carl.post(ask, {"note": "moving"}, follow=True).content.decode()
    again = carl.post(ask, follow=True).content.decode()
    back = carl.post(ask, {"take_back": "1"}, follow=True).content.decode()

    assert "Send the request" in before
    assert "support to cancel it, with 25 licences" in filed
    assert "support has this request already." in again
    assert "Request taken back." in back
    assert CancellationRequest.objects.get().answer == "withdrawn"


def test_operators_see_it_and_carry_it_out(world: World, sign_in: Any) -> None:
    subscription = advised(world, 25)
    asked = requests.ask(subscription=subscription, act=world.act(world.carl))
    olga = sign_in(User.objects.create_superuser("otto@vendor.example", "x"))
    url = reverse("admin:subscriptions_cancellationrequest_changelist")

    listed = olga.get(url).content.decode()
    olga.post(url, {"action": "cancel_as_asked", "_selected_action": [asked.pk]})

    subscription.refresh_from_db()
    assert "Northwind Traders" in listed
    assert subscription.state == "cancelled"


def test_what_is_asked_is_said_where_the_subscription_is(world: World, sign_in: Any) -> None:
    subscription = advised(world, 25)
    requests.ask(subscription=subscription, act=world.act(world.carl))
    panel = f"{reverse('home:my-subscriptions')}?panel={subscription.public_id}"
    steps = reverse("home:transition", args=[subscription.public_id])
    own = reverse("billing:own-cancel", args=[subscription.public_id])

    for page in (panel, steps):
        to_admin = sign_in(world.carl).get(page).content.decode()
        to_reader = sign_in(world.bea).get(page).content.decode()
        assert "22 Nov 2026, 12:00" in to_admin
        assert "See or take back the request" in to_admin
        assert "22 Nov 2026, 12:00" in to_reader
        assert own not in to_reader


def test_an_operator_declines_with_a_reason_that_the_customer_reads(
    world: World, sign_in: Any, django_capture_on_commit_callbacks: Any
) -> None:
    asked = requests.ask(subscription=advised(world, 25), act=world.act(world.carl))
    olga = sign_in(User.objects.create_superuser("olga@vendor.example", "x"))
    page = reverse("admin:subscriptions_cancellationrequest_change", args=[asked.pk])

    empty = olga.post(page, {"decision": "decline", "answer_text": " "}).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        olga.post(page, {"decision": "decline", "answer_text": "It ends on 19 February anyway."})
    answered = olga.get(page).content.decode()

    asked.refresh_from_db()
    assert "Say why, and what the customer can do." in empty
    assert (asked.answer, asked.remark) == ("declined", "It ends on 19 February anyway.")
    assert 'name="decision"' not in answered
    assert "It ends on 19 February anyway." in str(mail.outbox[-1].body)


@pytest.mark.parametrize("is_imported", [True, False])
def test_a_request_ends_with_a_subscription_that_ends_otherwise(
    world: World, is_imported: bool
) -> None:
    if is_imported:
        subscription = advised(world, 25)
    else:
        list_prices(world)
        (subscription,) = buy_recommended(world, recommend(world, 30)[0])
        assign(subscription, 25)
    act = world.act(world.carl)
    asked = requests.ask(subscription=subscription, act=act)
    assign(subscription, 24)  # somebody left, and the customer does it itself

    subscription.refresh_from_db()
    cancel = taken_over.cancel if is_imported else lifecycle.cancel
    with as_role(APP):
        cancel(subscription=subscription, act=act)

    asked.refresh_from_db()
    assert (asked.answer, asked.remark) == ("withdrawn", "It ended before an answer.")
    with pytest.raises(requests.RequestAnswered):
        support.cancel_as_asked(request=asked, remark="", act=operator(world))


def test_a_request_ends_when_its_subscription_expires(world: World) -> None:
    list_prices(world)
    (subscription,) = buy_recommended(world, recommend(world, 30)[0])
    assign(subscription, 25)
    asked = requests.ask(subscription=subscription, act=world.act(world.carl))
    subscription.refresh_from_db()
    lifecycle.set_auto_renew(subscription=subscription, is_on=False, act=world.act(world.carl))

    renewals.renew_due(act=world.act(on=date(2027, 11, 22)))

    asked.refresh_from_db()
    assert (asked.answer, asked.answered_by) == ("withdrawn", world.ada)
