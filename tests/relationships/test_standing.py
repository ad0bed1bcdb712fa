"""Without an agreement, suspended, or before the customer agreed: nothing new, all else goes on."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from billing.services import renewals
from relationships.models import Invitation, PartnerSuspension, Relationship
from relationships.services import agreements, customers, invitations, standing, suspensions
from subscriptions.models import Subscription
from subscriptions.services import lifecycle
from tenants.models import Tenant, User
from tests import make
from tests.billing.selling import change, list_prices, sell
from tests.world import TODAY, World

SignIn = Callable[[User], Client]


@pytest.fixture
def premium(world: World) -> Subscription:
    """10 seats of Northwind, sold by Fabrikam on 14 Mar 2026."""
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    return sell(world, seats=10)


def suspend(world: World, reason: str = "overdue", on: date = TODAY) -> PartnerSuspension:
    return suspensions.suspend_partner(
        partner=world.fabrikam, reason=reason, starts_on=on, act=world.act()
    )


def end_the_agreement(world: World) -> None:
    """Notice of 1 July ended it on 31 August 2026."""
    agreements.give_notice(partner=world.fabrikam, act=world.act(world.gita, date(2026, 7, 1)))


OBSTACLES = [
    (
        suspend,
        standing.PartnerIsSuspended,
        "Fabrikam Cloud is suspended",
        "Pay the overdue invoices; the vendor then lifts it.",
    ),
    (
        end_the_agreement,
        standing.NoAgreementInForce,
        "No programme agreement in force",
        "ended on 31 Aug 2026, so nothing new can be sold.",
    ),
]


@pytest.mark.parametrize(("obstacle", "refusal", "title", "text"), OBSTACLES)
def test_nothing_new(
    world: World,
    premium: Subscription,
    sign_in: SignIn,
    obstacle: Callable[[World], object],
    refusal: type[Exception],
    title: str,
    text: str,
) -> None:
    waiting, _ = invitations.invite(
        partner=world.fabrikam,
        has_delegated_admin=False,
        act=world.act(on=date(2026, 11, 1))
        if obstacle is suspend
        else world.act(on=date(2026, 8, 31)),
    )
    obstacle(world)

    with pytest.raises(refusal, match=text):
        sell(world, on=TODAY)
    with pytest.raises(refusal):
        change(world, "seats", premium, on=TODAY, seats=11)
    with pytest.raises(refusal):
        lifecycle.schedule_change(subscription=premium, seats=11, act=world.act())
    with pytest.raises(refusal):
        invitations.invite(partner=world.fabrikam, has_delegated_admin=True, act=world.act())
    with pytest.raises(refusal):
        customers.create_customer(
            partner=world.fabrikam,
            name="Adatum",
            domain="adatum.example",
            country="DE",
            currency="EUR",
            admin_email="it@adatum.example",
            admin_name="IT",
            attested_on=TODAY,
            act=world.act(),
        )
    if obstacle is suspend:
        with pytest.raises(refusal):
            invitations.accept(invitation=waiting, tenant=world.contoso, act=world.act(world.tom))

    assert Subscription.objects.count() == 1
    assert not Tenant.objects.filter(domain="adatum.example").exists()

    ada = sign_in(world.ada)
    for path in (
        "/",
        reverse("home:customer", args=[world.northwind.public_id]),
        reverse("home:customer-subscriptions", args=[world.northwind.public_id]),
        reverse("billing:order", args=[world.northwind.public_id]),
        reverse("billing:change-seats", args=[premium.public_id]),
        reverse("relationships:invite"),
        reverse("relationships:new-customer"),
    ):
        page = ada.get(path)
        assert title in page.text, path
        assert text in page.text, path


@pytest.mark.parametrize("obstacle", [suspend, end_the_agreement])
def test_what_runs_goes_on(
    world: World, premium: Subscription, obstacle: Callable[[World], object]
) -> None:
    obstacle(world)

    change(world, "seats", premium, on=TODAY, seats=9)
    change(world, "suspend", premium, on=TODAY)
    change(world, "reactivate", premium, on=TODAY)
    lifecycle.schedule_change(subscription=premium, seats=8, act=world.act())
    report = renewals.renew_due(act=world.act(on=date(2027, 3, 14)))
    premium.refresh_from_db()
    assert premium.ends_on == date(2028, 3, 14)
    assert report is not None
    lifecycle.cancel(subscription=premium, act=world.act(on=date(2027, 3, 14)))

    premium.refresh_from_db()
    assert (premium.state, premium.seats) == ("cancelled", 8)


def test_a_suspension_counts_from_its_day_until_it_is_lifted(world: World) -> None:
    suspension = suspend(world, on=date(2026, 11, 23))
    refusal = standing.selling_refusal(partner=world.fabrikam, customer=None, on=TODAY)
    assert refusal is None
    with pytest.raises(standing.PartnerIsSuspended):
        standing.require_may_sell(partner=world.fabrikam, customer=None, on=date(2026, 11, 23))

    suspensions.lift(suspension=suspension, act=world.act(on=date(2026, 11, 25)))

    standing.require_may_sell(partner=world.fabrikam, customer=None, on=date(2026, 11, 25))
    with pytest.raises(standing.PartnerIsSuspended):
        standing.require_may_sell(partner=world.fabrikam, customer=None, on=date(2026, 11, 24))
    with pytest.raises(suspensions.AlreadyLifted):
        suspensions.lift(suspension=suspension, act=world.act())


def test_a_partner_is_suspended_once_at_a_time(world: World) -> None:
    suspend(world)

    with pytest.raises(suspensions.AlreadySuspended):
        suspend(world, "abuse")


def test_a_suspension_changes_in_nothing_but_its_end(world: World) -> None:
    suspension = suspend(world)
    with pytest.raises(DatabaseError, match="lifted once"), transaction.atomic():
        PartnerSuspension.objects.filter(pk=suspension.pk).update(starts_on=date(2026, 1, 1))
    with pytest.raises(DatabaseError, match="lifted once"), transaction.atomic():
        suspension.delete()


def test_abuse_is_answered_by_the_vendors_support(world: World) -> None:
    suspend(world, "abuse")

    with pytest.raises(standing.PartnerIsSuspended, match="Write to the vendor's partner support"):
        standing.require_may_sell(partner=world.fabrikam, customer=None, on=TODAY)


def test_the_reseller_of_record_must_be_in_good_standing_too(world: World) -> None:
    make.relationship(world.fabrikam, world.northwind)
    Relationship.objects.update(reseller=world.tailspin)
    suspensions.suspend_partner(
        partner=world.tailspin, reason="abuse", starts_on=TODAY, act=world.act()
    )

    with pytest.raises(standing.PartnerIsSuspended, match="Tailspin Partners"):
        standing.require_may_sell(partner=world.fabrikam, customer=world.northwind, on=TODAY)
    standing.require_may_sell(partner=world.fabrikam, customer=world.contoso, on=TODAY)


def accepted(world: World) -> None:
    invitation, _ = invitations.invite(
        partner=world.fabrikam, has_delegated_admin=True, act=world.act()
    )
    invitations.accept(invitation=invitation, tenant=world.northwind, act=world.act(world.carl))


def test_the_first_order_needs_the_customers_agreement(world: World, sign_in: SignIn) -> None:
    list_prices(world)
    accepted(world)

    with pytest.raises(standing.NoCustomerAgreement, match="has to accept the customer agreement"):
        sell(world, on=TODAY)
    ada = sign_in(world.ada)
    for name in ("billing:order", "home:customer", "home:customer-subscriptions"):
        page = ada.get(reverse(name, args=[world.northwind.public_id]))
        assert "No customer agreement yet" in page.text
        attest = reverse("relationships:customer-agreement", args=[world.northwind.public_id])
        assert attest in page.text

    make.customer_agreement(world.fabrikam, world.northwind)
    assert sell(world, on=TODAY).seats == 60


def test_another_partners_word_does_not_count(world: World) -> None:
    list_prices(world)
    accepted(world)
    make.customer_agreement(world.tailspin, world.northwind)

    with pytest.raises(standing.NoCustomerAgreement):
        sell(world, on=TODAY)


def test_a_customer_learns_that_the_partner_takes_on_nobody(world: World, sign_in: SignIn) -> None:
    _, token = invitations.invite(partner=world.fabrikam, has_delegated_admin=True, act=world.act())
    suspend(world)
    tom = sign_in(world.tom)
    tom.get(reverse("relationships:open-invitation", args=[token]))

    page = tom.get(reverse("relationships:answer-invitation"))
    answer = tom.post(reverse("relationships:accept-invitation"))

    for response in (page, answer):
        assert response.status_code == 409
        assert "Fabrikam Cloud takes on no customers at the moment" in response.text
        assert "overdue" not in response.text  # that is between the partner and the vendor
    assert Invitation.objects.get().answer == ""
    assert not Relationship.objects.exists()


def test_an_operator_suspends_lifts_and_gives_notice_in_the_admin(
    world: World, sign_in: SignIn
) -> None:
    olga = sign_in(User.objects.create_superuser("olga@vendor.example", make.PASSWORD))
    olga.post(
        "/admin/relationships/partnersuspension/add/",
        {
            "partner": world.fabrikam.pk,
            "reason": "overdue",
            "note": "Two invoices",
            "starts_on": "2026-11-22",
        },
    )
    suspension = PartnerSuspension.objects.get()
    assert (suspension.suspended_by.email, suspension.note) == (
        "olga@vendor.example",
        "Two invoices",
    )

    changelist = "/admin/relationships/partnersuspension/"
    olga.post(changelist, {"action": "lift", "_selected_action": [suspension.pk]})
    suspension.refresh_from_db()
    assert suspension.lifted_on == TODAY

    listed = "/admin/relationships/programmeagreement/"
    answer = olga.post(
        listed, {"action": "give_notice", "_selected_action": [world.fabrikam.pk]}, follow=True
    )
    assert "1 done." in answer.text
    noticed = olga.get(listed + "?state=notice").text
    assert "Fabrikam Cloud" in noticed
    assert "Tailspin Partners" not in noticed
    answer = olga.post(
        listed, {"action": "record_signature", "_selected_action": [world.fabrikam.pk]}, follow=True
    )
    assert "there is nothing to sign" in answer.text
