"""
Refusals met on the pages that say them, in the words of `refusals.csv`.

Some of these pages show no button in that state; the form is sent all the same, as from a
second tab.
"""

from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from billing.services import quotes
from csp_portal.scale import world as scale
from csp_portal.scale.world import CannotAdd
from csp_portal.shared import clock
from relationships.domain.agreements import Side
from relationships.models import PartnerPolicy, PartnerSuspension, Relationship
from relationships.services import agreements, ending, transfers
from subscriptions.domain.keys import hash_key
from subscriptions.models import Offer, OpenKey, Subscription
from subscriptions.services import cancellation_requests, open_keys, trials, users
from tenants.models import Membership, User
from tests import make
from tests.billing.selling import list_prices, sell
from tests.billing.test_conversions import trial_of
from tests.billing.test_support import advised
from tests.conftest import Browser
from tests.relationships.transferring import approved, requested
from tests.subscriptions.test_open_keys import issue
from tests.world import TODAY, World

from .test_refusals import listed

SignIn = Callable[[User], Browser]
WORDS = {line["refusal"].rpartition("services.")[2]: line["words"] for line in listed()}


def assert_said(answer: HttpResponse, refusal: str) -> None:
    """Look for the words of the list, whatever is filled in for their placeholders."""
    text = unescape(answer.content.decode())
    missing = [part for part in WORDS[refusal].split("%s") if part not in text]
    assert missing == [], text


@pytest.fixture
def sold(world: World) -> Subscription:
    """10 seats of Business Premium of Northwind, sold by Fabrikam with delegated admin."""
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    return sell(world, seats=10, on=TODAY)


@pytest.fixture
def olga(world: World) -> User:
    return User.objects.create_superuser("olga@vendor.example", make.PASSWORD)


# ------------------------------------------------------------------- users and licences


def test_licences_one_has_and_has_not(world: World, sold: Subscription, sign_in: SignIn) -> None:
    mia = Membership.objects.get(user=world.mia)
    url = reverse("subscriptions:users-licences", args=[world.northwind.public_id])
    ada = sign_in(world.ada)

    def ask(do: str) -> HttpResponse:
        asked = {"user": [mia.public_id], "licence": sold.public_id, "do": do}
        return ada.post(url, asked, follow=True)

    assert_said(ask("unassign"), "licences.NotLicensed")
    ask("assign")
    assert_said(ask("assign"), "licences.AlreadyLicensed")
    users.disable_user(membership=mia, act=world.act())
    assert_said(ask("assign"), "licences.PersonIsDisabled")


@pytest.mark.usefixtures("sold")
def test_nobody_is_restored_who_is_not_disabled(world: World, sign_in: SignIn) -> None:
    mia = Membership.objects.get(user=world.mia)
    url = reverse("subscriptions:user-restore", args=[world.northwind.public_id, mia.public_id])

    assert_said(sign_in(world.ada).post(url, follow=True), "errors.NotDisabled")


# --------------------------------------------------------------------------- agreement


def test_a_running_agreement(world: World, sign_in: SignIn) -> None:
    gita = sign_in(world.gita)

    def ask(step: str) -> HttpResponse:
        return gita.post(reverse(f"relationships:agreement-{step}"), follow=True)

    assert_said(ask("sign"), "agreements.AgreementRuns")
    assert_said(ask("withdraw"), "agreements.NoNoticeToWithdraw")
    ask("notice")
    assert_said(ask("notice"), "agreements.NoticeStands")


@pytest.mark.parametrize(
    ("side", "step", "refusal"),
    [
        (Side.PARTNER, "notice", "agreements.AgreementNotInForce"),
        (Side.VENDOR, "sign", "agreements.EndedByVendor"),
    ],
)
def test_an_agreement_that_ended(
    world: World, sign_in: SignIn, side: Side, step: str, refusal: str
) -> None:
    agreements.give_notice(partner=world.fabrikam, side=side, act=world.act(world.gita))

    with clock.pinned_to(date(2027, 9, 2)):
        gita = sign_in(world.gita)
        answer = gita.post(reverse(f"relationships:agreement-{step}"), follow=True)

    assert_said(answer, refusal)


# ------------------------------------------------------------------- keys, trials, Advisor


def test_keys_that_are_used_expired_or_withdrawn(world: World, sign_in: SignIn) -> None:
    used, expired, withdrawn = issue(world), issue(world, until=TODAY), issue(world)
    open_keys.redeem(typed=used, tenant=world.contoso, act=world.act(world.tom))
    open_keys.withdraw(key=OpenKey.objects.get(key_hash=hash_key(withdrawn)), act=world.act())
    carl, url = sign_in(world.carl), reverse("subscriptions:redeem-key")

    assert_said(carl.post(url, {"key": used}), "errors.KeyUsed")
    assert_said(carl.post(url, {"key": withdrawn}), "errors.KeyWithdrawn")
    with clock.pinned_to(TODAY + timedelta(days=1)):
        tomorrow = sign_in(world.carl)
        assert_said(tomorrow.post(url, {"key": expired}), "errors.KeyExpired")


def test_what_is_no_trial_and_what_a_trial_does_not_do(world: World, sign_in: SignIn) -> None:
    trial = trials.start_trial(
        tenant=world.northwind,
        offer=make.offer("Premium Trial", "T:1", is_trial=True),
        act=world.act(world.carl),
    )
    carl = sign_in(world.carl)

    page = carl.post(
        reverse("subscriptions:trials"), {"offer": world.premium.public_id}, follow=True
    )
    assert_said(page, "errors.NoTrial")
    seats = reverse("billing:own-seats", args=[trial.public_id])
    assert_said(carl.post(seats, {"seats": 30}, follow=True), "errors.TrialIsFixed")


def test_only_a_running_trial_is_converted(
    world: World, sold: Subscription, sign_in: SignIn
) -> None:
    price = world.premium.prices.get(duration="P1Y", plan="monthly")
    ended = trial_of(world)
    with clock.pinned_to(TODAY + timedelta(days=30)):
        url = reverse("billing:convert-trial", args=[world.northwind.public_id, ended.public_id])
        page = sign_in(world.ada).post(url, {"price": price.pk, "seats": 25}, follow=True)

    assert_said(page, "conversions.NotATrial")


def test_a_request_to_support_that_was_taken_back(world: World, sign_in: SignIn) -> None:
    subscription, act = advised(world, 30), world.act(world.carl)
    asked = cancellation_requests.ask(subscription=subscription, act=act)
    cancellation_requests.take_back(request=asked, act=act)
    url = reverse("subscriptions:ask-support", args=[subscription.public_id])

    page = sign_in(world.carl).post(url, {"take_back": "1"}, follow=True)

    assert_said(page, "cancellation_requests.RequestAnswered")


def test_seats_that_cannot_be_changed_here_or_now(
    world: World, sold: Subscription, sign_in: SignIn
) -> None:
    Offer.objects.update(seat_reduction=Offer.SeatReduction.AT_RENEWAL)
    imported = make.other_channel(world.northwind, "direct", "Office Suite E3")

    fewer = sign_in(world.ada).post(
        reverse("billing:change-seats", args=[sold.public_id]), {"seats": 9}, follow=True
    )
    own = sign_in(world.carl).post(
        reverse("billing:own-seats", args=[imported.public_id]), {"seats": 9}, follow=True
    )

    assert_said(fewer, "errors.OnlyAtRenewal")
    assert_said(own, "errors.NoTermHere")


# ------------------------------------------------------------------- transfers and endings


@pytest.mark.usefixtures("sold")
def test_a_transfer_that_was_decided(world: World, sign_in: SignIn) -> None:
    transfer = requested(world)
    url = [transfer.public_id]
    transfers.decline(transfer=transfer, reason="We talk", act=world.act())

    approving = sign_in(world.ada).post(
        reverse("relationships:approve-transfer", args=url), follow=True
    )
    withdrawing = sign_in(world.nora).post(
        reverse("relationships:withdraw-transfer", args=url), follow=True
    )

    assert_said(approving, "transfers.NotUndecided")
    assert_said(withdrawing, "transfers.NotOpenAnyMore")


def test_nothing_ends_while_it_moves(world: World, sold: Subscription, sign_in: SignIn) -> None:
    more = quotes.quote(
        kind="seats",
        partner=world.fabrikam,
        tenant=world.northwind,
        subscription=sold,
        seats=20,
        act=world.act(),
    )
    requested(world)
    relationship = Relationship.objects.get()
    ada = sign_in(world.ada)

    confirm = reverse("billing:confirm-quote", args=[more.public_id])
    assert_said(ada.post(confirm, follow=True), "errors.QuantitiesFrozen")
    end = reverse("relationships:end-relationship", args=[relationship.public_id])
    assert_said(ada.post(end, {"reason": "over"}, follow=True), "ending.TransferIsOpen")


@pytest.mark.usefixtures("sold")
def test_an_approved_transfer_is_not_approved_again(world: World, sign_in: SignIn) -> None:
    url = reverse("relationships:approve-transfer", args=[approved(world).public_id])

    assert_said(sign_in(world.ada).post(url, follow=True), "transfers.NotUndecided")


# ---------------------------------------------------------------------------------- tags


def test_tags(world: World, sold: Subscription, sign_in: SignIn) -> None:
    ada = sign_in(world.ada)
    url = reverse("relationships:customer-tags", args=[world.northwind.public_id])

    def ask(**typed: str) -> HttpResponse:
        return ada.post(url, typed, follow=True)

    assert_said(ask(word=" "), "tags.NotATag")
    assert_said(ask(remove="Key account"), "tags.NotTagged")
    ask(word="Key account")
    assert_said(ask(word="key account"), "tags.AlreadyTagged")
    for number in range(19):
        ask(word=f"word {number}")
    assert_said(ask(word="one more"), "tags.TooManyTags")


# ----------------------------------------------------------------------------- operators


def test_a_partner_is_suspended_and_lifted_once(world: World, olga: User, sign_in: SignIn) -> None:
    admin = sign_in(olga)
    asked = {"partner": world.fabrikam.pk, "reason": "overdue", "starts_on": "2026-11-22"}

    def suspend() -> HttpResponse:
        return admin.post(reverse("admin:relationships_partnersuspension_add"), asked, follow=True)

    def lift() -> HttpResponse:
        ticked: dict[str, Any] = {
            "action": "lift",
            "_selected_action": [PartnerSuspension.objects.get().pk],
        }
        return admin.post(
            reverse("admin:relationships_partnersuspension_changelist"), ticked, follow=True
        )

    suspend()
    assert_said(suspend(), "suspensions.AlreadySuspended")
    lift()
    assert_said(lift(), "suspensions.AlreadyLifted")


def test_the_policy_is_not_lowered_below_use(world: World, olga: User, sign_in: SignIn) -> None:
    PartnerPolicy.objects.create(most_partners=2, changed_at=world.act().at)
    make.relationship(world.fabrikam, world.northwind)
    make.relationship(world.tailspin, world.northwind, slot=2)
    url = reverse("admin:relationships_partnerpolicy_change", args=[1])

    page = sign_in(olga).post(url, {"most_partners": "1"}, follow=True)

    assert_said(page, "policy.BelowTodaysUse")


def test_customers_are_added_to_the_demo_only(world: World) -> None:
    make.tenant("Real", domain="real.test")

    with pytest.raises(CannotAdd, match="There are organisations here that are not the demo's"):
        scale.build(customers=1, today=TODAY)


def test_a_relationship_that_ended_ends_no_more(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between reading the page's relationship and locking it, the customer ended it."""
    relationship = make.relationship(world.fabrikam, world.northwind)
    url = reverse("relationships:end-relationship", args=[relationship.public_id])
    ada, end = sign_in(world.ada), ending.end_relationship

    def just_after_the_customer(**asked: Any) -> Relationship:
        end(**asked | {"act": world.act(world.carl)})
        return end(**asked)

    monkeypatch.setattr(ending, "end_relationship", just_after_the_customer)

    assert_said(ada.post(url, {"reason": "over"}), "ending.HasEnded")
