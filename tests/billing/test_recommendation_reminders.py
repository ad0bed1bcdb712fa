"""Who made a recommendation is told of a week in which nothing of it was bought."""

from datetime import timedelta

import pytest
from django.core import mail

from billing.models import Recommendation
from billing.services import baskets
from billing.services import recommendations as service
from billing.services.recommendation_reminders import remind_due
from tenants.acts import Act
from tenants.models import Activity
from tests.subscriptions.test_other_channels import APP, as_role
from tests.world import TODAY, World

from .selling import list_prices
from .test_recommendations import buy, recommend


@pytest.fixture
def advised(world: World) -> World:
    list_prices(world)
    return world


def day_later(world: World, days: int) -> Act:
    return Act.of_the_portal(
        at=world.act().at + timedelta(days=days), on=TODAY + timedelta(days=days)
    )


def test_a_week_without_a_purchase_reminds_who_made_it_once(advised: World) -> None:
    recommend(advised)

    with as_role(APP):
        sent = [remind_due(act=day_later(advised, days)) for days in (6, 7, 7, 20)]

    assert sent == [0, 1, 0, 0]
    (letter,) = mail.outbox
    assert letter.to == [advised.nora.email]
    assert letter.subject == "Nothing bought yet: your recommendation to Northwind"
    assert "Nobody has opened it." in letter.body
    assert "/r/" not in letter.body  # a new link would kill the one the customer has
    logged = Activity.objects.get(action="recommendation.reminded")
    assert (logged.tenant, logged.by) == (advised.tailspin.tenant, None)


def test_the_reminder_is_in_the_persons_language(advised: World) -> None:
    advised.nora.language = "de"
    advised.nora.save(update_fields=["language"])
    recommend(advised)

    remind_due(act=day_later(advised, 7))

    assert mail.outbox[0].subject == "Noch nichts gekauft: Ihre Empfehlung an Northwind"
    assert "Eine Woche ohne Kauf" in mail.outbox[0].body


def test_a_new_link_starts_the_week_anew(advised: World) -> None:
    made, _ = recommend(advised)
    later = advised.act(advised.nora, TODAY + timedelta(days=5))
    service.renew_link(recommendation=made, act=later)

    assert remind_due(act=day_later(advised, 7)) == 0
    assert remind_due(act=day_later(advised, 12)) == 1


@pytest.mark.parametrize("state", ["bought", "partly", "withdrawn", "expired"])
def test_nobody_is_reminded_of_what_is_not_open(advised: World, state: str) -> None:
    made, _ = recommend(advised, 10, 25)
    if state == "bought":
        buy(advised, made)
    elif state == "partly":
        act = advised.act(advised.carl)
        first = [made.items.get(position=1)]
        quotes = baskets.quote_items(items=first, tenant=advised.northwind, act=act)
        baskets.confirm_all(quotes=quotes, act=act)
    elif state == "withdrawn":
        service.withdraw(recommendation=made, act=advised.act(advised.nora))
    else:
        Recommendation.objects.update(expires_on=TODAY)

    assert remind_due(act=day_later(advised, 7)) == 0
    assert mail.outbox == []


def test_a_reminder_that_is_not_taken_is_tried_again(
    advised: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    recommend(advised)

    def refuse(_mail: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMessage.send", refuse)
        assert remind_due(act=day_later(advised, 7)) == 0

    assert remind_due(act=day_later(advised, 8)) == 1
