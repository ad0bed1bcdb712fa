"""A direct partner goes indirect: its customers follow it to a provider."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core import mail
from django.urls import reverse

from billing.services.transfers import carry_out_due
from relationships.models import Invitation, PlannedMove, Relationship
from relationships.queries.planned_moves import own_customers, progress_of
from relationships.services import going_indirect, transfers
from tenants.models import User
from tests import make
from tests.conftest import Browser
from tests.two_tier import TwoTier, link, two_tier
from tests.world import TODAY, World

SignIn = Callable[[User], Browser]


@pytest.fixture
def tiers(world: World) -> TwoTier:
    """Fabrikam, a direct partner with two customers, is linked with Wingtip."""
    made = two_tier(world)
    link(world, made.wingtip, world.fabrikam, by=made.gwen, accepted_by=world.gita)
    make.relationship(world.fabrikam, world.northwind)
    make.relationship(world.fabrikam, world.contoso)
    mail.outbox.clear()
    return made


def states(world: World) -> dict[str, str]:
    rows = progress_of(own_customers(world.fabrikam), on=TODAY)
    return {row.relationship.customer.name: row.state for row in rows}


def test_each_customer_gets_an_invitation_of_its_own(world: World, tiers: TwoTier) -> None:
    report = going_indirect.ask_to_follow(
        partner=world.fabrikam,
        provider=tiers.wingtip,
        relationships=own_customers(world.fabrikam),
        act=world.act(),
    )

    assert len(report.asked) == 2
    assert sorted(letter.to[0] for letter in mail.outbox) == [
        "carl@northwind.example",
        "tom@contoso.example",
    ]
    invitation = Invitation.objects.get(email="carl@northwind.example")
    assert (invitation.kind, invitation.partner, invitation.reseller, invitation.sender) == (
        "replacement",
        tiers.wingtip,
        world.fabrikam,
        world.fabrikam,
    )
    assert states(world) == {"Contoso": "open", "Northwind Traders": "open"}


def test_one_that_consents_moves_and_the_partner_stays_as_reseller(
    world: World, tiers: TwoTier
) -> None:
    going_indirect.ask_to_follow(
        partner=world.fabrikam,
        provider=tiers.wingtip,
        relationships=own_customers(world.fabrikam),
        act=world.act(),
    )
    move = PlannedMove.objects.get(relationship__customer=world.northwind)
    transfer = transfers.request_transfer(
        invitation=move.invitation,
        relationship=move.relationship,
        takes_effect_on=TODAY,
        act=world.act(world.carl),
    )
    assert transfer.decided_as == "inviter"

    report = carry_out_due(act=world.act())

    assert report.failures == []
    now = Relationship.objects.active().get(customer=world.northwind)
    assert (now.partner, now.reseller) == (tiers.wingtip, world.fabrikam)
    assert states(world) == {"Contoso": "open", "Northwind Traders": "done"}


def test_nobody_is_asked_twice_and_a_customer_without_an_admin_not_at_all(
    world: World, tiers: TwoTier
) -> None:
    alone = make.tenant("Adatum", domain="adatum.example")
    make.relationship(world.fabrikam, alone)
    ask = {
        "partner": world.fabrikam,
        "provider": tiers.wingtip,
        "relationships": own_customers(world.fabrikam),
        "act": world.act(),
    }

    first = going_indirect.ask_to_follow(**ask)
    second = going_indirect.ask_to_follow(**ask)

    assert [(r.customer.name, why) for r, why in first.refused] == [
        ("Adatum", "Nobody at this customer can accept: it has no Tenant admin.")
    ]
    assert second.asked == []
    assert {why for _r, why in second.refused} == {
        "It has an invitation to move already.",
        "Nobody at this customer can accept: it has no Tenant admin.",
    }


def test_the_page_asks_those_ticked_and_shows_how_far_each_is(
    world: World, tiers: TwoTier, sign_in: SignIn
) -> None:
    agreed = world.fabrikam.provider_links.get()
    northwind = Relationship.objects.active().get(customer=world.northwind)
    browser = sign_in(world.ada)
    url = reverse("relationships:move-customers")

    page = browser.post(
        url,
        {"who": "picked", "pk": [str(northwind.pk)], "link": str(agreed.public_id)},
        follow=True,
    ).content.decode()

    assert "1 customer was asked by mail to move to Wingtip Distribution." in page
    assert "Asked, no answer yet" in page
    assert "Not asked yet" in page
    assert states(world) == {"Contoso": "", "Northwind Traders": "open"}
    assert "Move my customers" in browser.get(reverse("relationships:transfers")).content.decode()


def test_the_page_says_that_nobody_was_ticked(
    world: World, tiers: TwoTier, sign_in: SignIn
) -> None:
    agreed = world.fabrikam.provider_links.get()
    url = reverse("relationships:move-customers")

    page = (
        sign_in(world.ada)
        .post(
            url,
            {"who": "picked", "pk": ["²", "9" * 30, "x"], "link": str(agreed.public_id)},
            follow=True,
        )
        .content.decode()
    )

    assert "Nobody was asked: tick customers that can be asked." in page
    assert not PlannedMove.objects.exists()


def test_a_partner_without_a_provider_reads_what_to_do(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.ada).get(reverse("relationships:move-customers")).content.decode()

    assert "You are linked with no provider" in page


def test_the_invitation_names_both_and_who_bills(
    world: World, tiers: TwoTier, sign_in: SignIn
) -> None:
    going_indirect.ask_to_follow(
        partner=world.fabrikam,
        provider=tiers.wingtip,
        relationships=own_customers(world.fabrikam).filter(customer=world.northwind),
        act=world.act(),
    )
    (letter,) = mail.outbox
    assert letter.subject == "Fabrikam Cloud asks to serve you through Wingtip Distribution"
    assert "Nothing you have now changes" not in letter.body
    path = next(word for word in str(letter.body).split() if "/i/" in word).partition("/i/")[2]

    page = sign_in(world.carl).get(f"/i/{path}", follow=True).content.decode()

    assert "which orders through Wingtip Distribution" in page
    assert "Fabrikam Cloud has approved already" in page
    assert "Your current partner is asked to approve" not in page
    assert date(2026, 11, 22).isoformat() in page
