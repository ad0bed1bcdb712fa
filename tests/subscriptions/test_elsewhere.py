"""What was bought elsewhere ends there: operators record it, and Syndication makes room for CSP."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from relationships.services import invitations
from subscriptions.services.elsewhere import ReasonForEndMissing, record_end
from subscriptions.services.errors import ManagedElsewhere, NotInThatState
from tenants.acts import Act
from tenants.models import Activity, User
from tests import make
from tests.conftest import Browser
from tests.world import TODAY, World


def operator(world: World) -> Act:
    act = world.act()
    return Act(by=world.ada, organisation=None, at=act.at, on=TODAY)


def invite_and_accept(world: World) -> None:
    invitation, _ = invitations.invite(
        partner=world.fabrikam, has_delegated_admin=True, act=world.act()
    )
    invitations.accept(invitation=invitation, tenant=world.woodgrove, act=world.act(world.wanda))


def test_a_tenant_takes_csp_once_its_last_syndication_subscription_ended(world: World) -> None:
    first = make.other_channel(world.woodgrove, "syndication", "Hosted Exchange")
    second = make.other_channel(world.woodgrove, "syndication", "Hosted Archive")

    record_end(subscription=first, reason="Letter of the syndicator", act=operator(world))
    with pytest.raises(invitations.TenantIsSyndicated):
        invite_and_accept(world)
    record_end(subscription=second, reason="Letter of the syndicator", act=operator(world))
    invite_and_accept(world)

    second.refresh_from_db()
    assert second.state == "cancelled"
    assert Activity.objects.filter(tenant=world.woodgrove).newest_first()[1].summary == (
        "Hosted Archive: Syndication subscription ended (Letter of the syndicator)"
    )


def test_an_operator_records_it_on_a_page(world: World, sign_in: Callable[[User], Browser]) -> None:
    hosted = make.other_channel(world.woodgrove, "syndication", "Hosted Exchange")
    olga = sign_in(User.objects.create_superuser("olga@vendor.example", make.PASSWORD))
    change = reverse("admin:subscriptions_subscription_change", args=[hosted.pk])
    end = reverse("admin:subscriptions_end", args=[hosted.pk])
    assert end in olga.get(change).text

    refused = olga.post(end, {"reason": ""})
    done = olga.post(end, {"reason": "Letter of the syndicator"}, follow=True)
    again = olga.post(end, {"reason": "Letter of the syndicator"})

    assert "This field is required." in refused.text
    assert "Record that it ended: Hosted Exchange, done." in done.text
    assert end not in done.text
    assert "Hosted Exchange is cancelled, so this cannot be done." in again.text


def test_it_ends_once_with_a_reason_and_only_where_nobody_else_ends_it(world: World) -> None:
    enterprise = make.other_channel(world.contoso, "ea", "Windows Enterprise")
    bought = make.other_channel(world.contoso, "direct", "Office Suite E3")

    with pytest.raises(ReasonForEndMissing, match="Say how you know that it ended"):
        record_end(subscription=enterprise, reason=" ", act=operator(world))
    with pytest.raises(ManagedElsewhere):
        record_end(subscription=bought, reason="Wrong one", act=operator(world))
    record_end(subscription=enterprise, reason="The agreement ended", act=operator(world))
    with pytest.raises(NotInThatState):
        record_end(subscription=enterprise, reason="Again", act=operator(world))
