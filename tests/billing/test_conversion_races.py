"""A trial is converted once, and charged once, whoever consents or cancels at that moment."""

from collections.abc import Callable

import pytest

from billing.models import TrialConversion
from billing.services import conversions as service
from subscriptions.models import Subscription
from subscriptions.services import lifecycle
from tests import make
from tests.races import in_threads, money
from tests.world import World, build_world

from .selling import list_prices
from .test_conversions import propose, trial_of

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

Consent = Callable[[int, int], None]


def proposals(rounds: int) -> tuple[World, list[TrialConversion], Consent]:
    world = build_world()
    list_prices(world)
    make.relationship(world.fabrikam, world.northwind)
    made = [propose(world, trial_of(world, n)) for n in range(rounds)]
    act = world.act(world.carl)
    shown = [service.fingerprint(service.price_today(conversion=each, act=act)) for each in made]

    def consent(_: int, n: int) -> None:
        service.accept(conversion=made[n], shown=shown[n], act=act)

    return world, made, consent


def test_eight_consents_at_once_make_one_subscription_and_one_charge_a_leg() -> None:
    _, made, consent = proposals(5)

    outcomes = in_threads(5, consent)

    assert outcomes == {"done": 5, "ConversionNotOpen": 35}
    assert Subscription.objects.filter(channel="csp").count() == 5
    assert Subscription.objects.filter(is_trial=True, state="cancelled").count() == 5
    assert TrialConversion.objects.filter(answer="accepted").count() == len(made)
    assert money() == {1: (5, "2060.00"), 2: (5, "2575.00")}  # 5 x 25 x 16.48 and 20.60


def test_consents_against_cancellations_never_leave_both_or_lose_a_charge() -> None:
    world, made, consent = proposals(10)
    act = world.act(world.carl)

    def consent_or_cancel(thread: int, n: int) -> None:
        if (thread + n) % 2:
            lifecycle.cancel(subscription=made[n].trial, act=act)
        else:
            consent(thread, n)

    in_threads(10, consent_or_cancel)

    converted = TrialConversion.objects.filter(answer="accepted").count()
    assert not Subscription.objects.filter(is_trial=True, state="active").exists()
    assert Subscription.objects.filter(channel="csp").count() == converted
    # 25 x 16.48 and 25 x 20.60 each
    each = {1: (converted, f"{412 * converted}.00"), 2: (converted, f"{515 * converted}.00")}
    assert money() == (each if converted else {})


def test_without_locks_and_guards_a_trial_is_converted_and_charged_more_than_once(
    unguarded: Callable[..., None],
) -> None:
    _, _, consent = proposals(3)
    unguarded(
        "billing_a_trial_is_converted_once",
        "billing_answered_conversions_stay",
        "subscriptions_term_billable_seats_check",
    )

    in_threads(3, consent)

    assert Subscription.objects.filter(channel="csp").count() > 3
    assert money()[1][0] > 3
