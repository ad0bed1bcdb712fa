"""Open keys: redeemed once, told apart by what is wrong, five tries an hour."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import Charge
from billing.services import renewals
from subscriptions.domain.keys import hash_key, new_key
from subscriptions.models import KeyAttempt, OpenKey, Subscription
from subscriptions.services import errors, open_keys
from tenants.acts import Act
from tenants.models import User

from .. import make
from ..world import TODAY, World
from .test_other_channels import APP, as_role, refusal

PAGE = "/subscriptions/keys/"


def issue(world: World, *, seats: int = 25, until: date = date(2027, 6, 30)) -> str:
    (key,) = open_keys.issue(
        offer=world.premium,
        seats=seats,
        months=12,
        count=1,
        redeem_until=until,
        agreement="71043982",
        act=Act(by=world.ada, organisation=None, at=world.act().at, on=TODAY),
    )
    return key


def redeem(world: World, key: str, **act: Any) -> Subscription:
    return open_keys.redeem(typed=key, tenant=world.northwind, act=world.act(world.carl, **act))


def test_only_the_hash_of_a_key_is_kept(world: World) -> None:
    key = issue(world)

    kept = OpenKey.objects.get()
    assert bytes(kept.key_hash) == hash_key(key)
    assert len(key.replace("-", "")) == 25
    assert key not in str(OpenKey.objects.values().get())


def test_a_key_gives_a_prepaid_open_subscription(world: World) -> None:
    with as_role(APP):
        got = redeem(world, issue(world).lower().replace("-", " "))

    assert (got.channel, got.seats, got.starts_on, got.ends_on, got.auto_renew) == (
        "open",
        25,
        TODAY,
        date(2027, 11, 22),
        False,
    )
    assert not Charge.objects.exists()


def test_it_expires_with_its_last_day(world: World) -> None:
    got = redeem(world, issue(world))

    report = renewals.renew_due(act=world.act(on=date(2027, 11, 22)))

    got.refresh_from_db()
    assert (got.state, report.expired, report.failures) == ("expired", 1, [])


def test_what_is_wrong_with_a_key_is_said(world: World) -> None:
    used, expired, withdrawn = issue(world), issue(world, until=TODAY), issue(world)
    tom = world.act(world.tom)
    open_keys.redeem(typed=used, tenant=world.contoso, act=tom)
    open_keys.withdraw(key=OpenKey.objects.get(key_hash=hash_key(withdrawn)), act=world.act())

    with pytest.raises(errors.KeyUsed, match="redeemed on 22 Nov 2026"):
        redeem(world, used)
    with pytest.raises(errors.KeyExpired, match="until 22 Nov 2026"):
        redeem(world, expired, on=TODAY + timedelta(days=1))
    with pytest.raises(errors.KeyWithdrawn):
        redeem(world, withdrawn)
    with pytest.raises(errors.KeyUnknown):
        redeem(world, new_key())

    assert list(KeyAttempt.objects.order_by("pk").values_list("outcome", flat=True)) == [
        "redeemed",
        "used",
        "expired",
        "withdrawn",
        "unknown",
    ]


def test_a_key_of_ones_own_sent_twice_is_no_try_in_vain(world: World, sign_in: Any) -> None:
    key = issue(world)
    got = redeem(world, key)

    with pytest.raises(errors.KeyRedeemedHere, match="Your organisation redeemed this key on 22"):
        redeem(world, key)
    again = sign_in(world.carl).post(PAGE, {"key": key}, follow=True)

    assert again.redirect_chain[-1][0].endswith(f"?panel={got.public_id}")
    assert "A key works once; nothing changed." in again.content.decode()
    assert [attempt.outcome for attempt in KeyAttempt.objects.all()] == ["redeemed"]


def test_after_five_keys_in_vain_the_sixth_waits_an_hour(world: World) -> None:
    good = issue(world)
    for _ in range(5):
        with pytest.raises(errors.KeyUnknown):
            redeem(world, new_key())

    with pytest.raises(errors.TooManyTries) as refused:
        redeem(world, good)

    assert refused.value.until == world.act().at + timedelta(hours=1)
    later = world.act(world.carl)
    later = Act(by=later.by, organisation=later.organisation, at=refused.value.until, on=TODAY)
    assert open_keys.redeem(typed=good, tenant=world.northwind, act=later).seats == 25


def test_nobody_redeems_for_somebody_else(world: World) -> None:
    make.relationship(world.fabrikam, world.northwind)

    with pytest.raises(errors.ManagedElsewhere):
        open_keys.redeem(typed=issue(world), tenant=world.northwind, act=world.act())


def test_the_database_keeps_a_used_key_used(world: World) -> None:
    redeem(world, issue(world))

    for sql in (
        "UPDATE subscriptions_openkey SET redeemed_at = NULL",
        "DELETE FROM subscriptions_openkey",
        "UPDATE subscriptions_keyattempt SET outcome = 'unknown'",
        "DELETE FROM subscriptions_keyattempt",
    ):
        assert refusal(sql) == "tenants_append_only", sql


def test_the_page_takes_a_key(world: World, sign_in: Any) -> None:
    key = issue(world)

    said = sign_in(world.carl).post(PAGE, {"key": key}, follow=True).content.decode()

    assert "Business Premium with 25 seats is yours. It is paid; no bill follows." in said


def test_the_page_says_what_is_wrong_and_when_to_try_again(world: World, sign_in: Any) -> None:
    browser: Client = sign_in(world.carl)
    for _ in range(5):
        answer = browser.post(PAGE, {"key": new_key()})
        assert "This is no key of ours." in answer.content.decode()

    answer = browser.post(PAGE, {"key": issue(world)})

    assert answer.status_code == 429
    assert "22 Nov 2026, 13:00" in answer.content.decode()
    assert "Too many keys in vain" in answer.content.decode()


def test_a_partner_or_a_reader_has_no_such_page(world: World, sign_in: Any) -> None:
    for person in (world.ada, world.bea, world.mia):
        assert sign_in(person).get(PAGE).status_code == 403


def test_operators_issue_keys_that_are_shown_once(world: World, sign_in: Any) -> None:
    olga = sign_in(User.objects.create_superuser("olga@vendor.example", "x"))
    issuing = reverse("admin:subscriptions_openkey_issue")
    asked = {
        "offer": world.premium.pk,
        "seats": 25,
        "months": 12,
        "count": 3,
        "redeem_until": "2027-06-30",
    }

    shown = olga.post(issuing, asked)
    listed = olga.get(reverse("admin:subscriptions_openkey_changelist")).content.decode()

    assert OpenKey.objects.count() == 3
    assert "no-store" in shown["Cache-Control"]
    endings = OpenKey.objects.values_list("ending", flat=True)
    assert all(f"-{ending}" in shown.content.decode() for ending in endings)
    assert not any(f"-{ending}" in listed for ending in endings)


def test_a_form_sent_twice_issues_its_keys_once(world: World, sign_in: Any) -> None:
    olga = sign_in(User.objects.create_superuser("olga@vendor.example", "x"))
    issuing = reverse("admin:subscriptions_openkey_issue")
    batch = olga.get(issuing).content.decode().partition('name="batch" value="')[2][:36]
    asked = {
        "offer": world.premium.pk,
        "seats": 25,
        "months": 12,
        "count": 3,
        "redeem_until": "2027-06-30",
        "batch": batch,
    }

    olga.post(issuing, asked)
    again = olga.post(issuing, asked).content.decode()

    assert OpenKey.objects.count() == 3
    assert "These keys were issued already, and shown once." in again
    with pytest.raises(errors.KeysIssuedBefore):
        open_keys.issue(
            offer=world.premium,
            seats=1,
            months=1,
            count=1,
            redeem_until=TODAY,
            agreement="",
            batch=OpenKey.objects.order_by("pk")[0].batch,
            act=world.act(),
        )


def test_keys_that_nobody_could_redeem_are_not_issued(world: World, sign_in: Any) -> None:
    olga = sign_in(User.objects.create_superuser("olga@vendor.example", "x"))
    issuing = reverse("admin:subscriptions_openkey_issue")
    asked = {"offer": world.premium.pk, "seats": 25, "months": 12, "count": 3}

    late = olga.post(issuing, {**asked, "redeem_until": "2026-11-21"})
    add_on = olga.post(issuing, {**asked, "redeem_until": "2027-06-30", "offer": world.phone.pk})

    assert "Choose today or a later day; nobody could redeem it." in late.content.decode()
    assert "Select a valid choice." in add_on.content.decode()
    assert not OpenKey.objects.exists()


def test_operators_export_the_state_of_keys(world: World, sign_in: Any) -> None:
    redeem(world, issue(world))
    olga = sign_in(User.objects.create_superuser("olga@vendor.example", "x"))

    answer = olga.post(
        reverse("admin:subscriptions_openkey_changelist"),
        {"action": "export", "_selected_action": [OpenKey.objects.get().pk]},
    )

    assert "redeemed,Northwind Traders,2026-11-22" in answer.content.decode()
