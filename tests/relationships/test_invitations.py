from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, transaction

from csp_portal.shared.tokens import hash_token
from relationships.models import Invitation, Relationship
from relationships.queries.invitations import (
    State,
    counts_by_state,
    in_state,
    invitation_with_token,
    invitations_of,
)
from relationships.services import invitations
from tenants.models import Activity, Tenant
from tenants.roles import Kind
from tests import make
from tests.world import TODAY, World


def invite(world: World, on: date = TODAY, **fields: object) -> tuple[Invitation, str]:
    return invitations.invite(
        partner=world.fabrikam,
        **{"has_delegated_admin": True, "act": world.act(on=on), **fields},  # type: ignore[arg-type]
    )


def summaries(tenant: Tenant) -> list[str]:
    return [activity.summary for activity in Activity.objects.filter(tenant=tenant).order_by("seq")]


def test_the_token_has_256_bits_and_only_its_hash_is_kept(world: World) -> None:
    invitation, token = invite(world)

    assert len(token) == 43  # 32 bytes, six bits a character
    assert bytes(invitation.token_hash) == hash_token(token)
    assert token not in str(Invitation.objects.values().get())
    assert invitation_with_token(token) == invitation


def test_an_invitation_can_be_accepted_for_thirty_days(world: World) -> None:
    invitation, _ = invite(world)

    # 22 November and the 29 days after it; 22 December is too late
    assert invitation.state_on(date(2026, 12, 21)) == "open"
    assert invitation.last_day == date(2026, 12, 21)
    assert invitation.state_on(date(2026, 12, 22)) == "expired"


def test_only_partners_that_transact_can_invite(world: World) -> None:
    advisor = make.partner("A", domain="a.example", mpn_id="1", kind=Kind.ADVISOR)

    with pytest.raises(invitations.PartnerMayNotSell):
        invitations.invite(partner=advisor, has_delegated_admin=False, act=world.act())


def test_accepting_makes_the_partner_the_csp_partner(world: World) -> None:
    invitation, _ = invite(world)

    relationship = invitations.accept(
        invitation=invitation, tenant=world.northwind, act=world.act(world.carl)
    )

    assert relationship.partner == world.fabrikam
    assert relationship.customer == world.northwind
    assert relationship.has_delegated_admin
    assert relationship.started_on == TODAY
    invitation.refresh_from_db()
    assert invitation.answer == "accepted"
    assert invitation.answered_by == world.carl
    assert invitation.tenant == world.northwind
    world.northwind.refresh_from_db()
    assert world.northwind.exclusive_channel == "csp"


def test_accepting_is_written_to_both_logs(world: World) -> None:
    invitation, _ = invite(world, customer_name="Northwind")

    invitations.accept(invitation=invitation, tenant=world.northwind, act=world.act(world.carl))

    assert summaries(world.fabrikam.tenant) == [
        "invited Northwind",
        "accepted the invitation for Northwind Traders",
    ]
    assert summaries(world.northwind) == [
        "accepted Fabrikam Cloud as CSP partner, with delegated admin"
    ]


def test_a_tenant_has_one_csp_partner_at_a_time(world: World) -> None:
    make.relationship(world.tailspin, world.northwind)
    invitation, _ = invite(world)

    with pytest.raises(invitations.TenantAlreadyManaged) as caught:
        invitations.accept(invitation=invitation, tenant=world.northwind, act=world.act(world.carl))

    assert caught.value.partner == world.tailspin
    invitation.refresh_from_db()
    assert invitation.answer == ""


def test_the_database_refuses_a_second_partner_as_well(world: World) -> None:
    make.relationship(world.tailspin, world.northwind)

    with pytest.raises(DatabaseError, match="relationships_one_active_partner_per_slot"):
        make.relationship(world.fabrikam, world.northwind)


def test_a_syndication_tenant_cannot_accept(world: World) -> None:
    make.other_channel(world.woodgrove, "syndication", "Hosted Mail")
    invitation, _ = invite(world)

    with pytest.raises(invitations.TenantIsSyndicated):
        invitations.accept(
            invitation=invitation, tenant=world.woodgrove, act=world.act(world.wanda)
        )

    invitation.refresh_from_db()
    assert invitation.answer == ""


def test_a_csp_tenant_cannot_take_a_syndication_subscription(world: World) -> None:
    make.relationship(world.fabrikam, world.woodgrove)

    with pytest.raises(DatabaseError, match="no_csp_beside_syndication"):
        make.other_channel(world.woodgrove, "syndication", "Hosted Mail")


def test_an_ended_syndication_subscription_is_in_nobodys_way(world: World) -> None:
    make.other_channel(world.woodgrove, "syndication", "Hosted Mail", state="cancelled")
    invitation, _ = invite(world)

    relationship = invitations.accept(
        invitation=invitation, tenant=world.woodgrove, act=world.act(world.wanda)
    )

    assert relationship.customer == world.woodgrove


@pytest.mark.parametrize("channel", ["direct", "advisor", "open", "ea"])
def test_other_channels_go_on_untouched(world: World, channel: str) -> None:
    subscription = make.other_channel(world.northwind, channel, "Office Suite E3")
    before = type(subscription).objects.filter(pk=subscription.pk).values().get()
    invitation, _ = invite(world)

    invitations.accept(invitation=invitation, tenant=world.northwind, act=world.act(world.carl))

    assert type(subscription).objects.filter(pk=subscription.pk).values().get() == before  # R3


def test_a_partner_cannot_become_its_own_customer(world: World) -> None:
    invitation, _ = invite(world)

    with pytest.raises(invitations.OwnTenant):
        invitations.accept(
            invitation=invitation, tenant=world.fabrikam.tenant, act=world.act(world.ada)
        )


def test_declining_keeps_the_reason_and_changes_nothing_else(world: World) -> None:
    invitation, _ = invite(world)

    invitations.decline(
        invitation=invitation,
        tenant=world.northwind,
        reason="We buy directly.",
        act=world.act(world.carl),
    )

    invitation.refresh_from_db()
    assert invitation.state_on(TODAY) == "declined"
    assert invitation.decline_reason == "We buy directly."
    assert not Relationship.objects.exists()


@pytest.mark.parametrize("state", ["accepted", "declined", "withdrawn", "expired"])
def test_an_invitation_is_answered_once(world: World, state: str) -> None:
    invitation, _ = invite(world)
    bring_into(world, invitation, state)
    later = world.act(world.tom, on=date(2026, 12, 22))

    with pytest.raises(invitations.InvitationNotOpen) as caught:
        invitations.accept(invitation=invitation, tenant=world.contoso, act=later)

    assert caught.value.state == state
    with pytest.raises(invitations.InvitationNotOpen):
        invitations.decline(invitation=invitation, tenant=world.contoso, reason="", act=later)


def bring_into(world: World, invitation: Invitation, state: str) -> None:
    carl = world.act(world.carl)
    if state == "accepted":
        invitations.accept(invitation=invitation, tenant=world.northwind, act=carl)
    elif state == "declined":
        invitations.decline(invitation=invitation, tenant=world.northwind, reason="", act=carl)
    elif state == "withdrawn":
        invitations.withdraw(invitation=invitation, act=world.act())


def test_a_new_link_kills_the_old_one_and_starts_thirty_days_anew(world: World) -> None:
    invitation, old = invite(world)

    new = invitations.renew_link(invitation=invitation, act=world.act(on=date(2026, 12, 22)))

    assert invitation_with_token(old) is None
    assert invitation_with_token(new) == invitation
    invitation.refresh_from_db()
    assert invitation.expires_on == date(2027, 1, 21)


def test_an_answered_invitation_gets_no_new_link(world: World) -> None:
    invitation, _ = invite(world)
    invitations.accept(invitation=invitation, tenant=world.northwind, act=world.act(world.carl))

    for refused in (invitations.renew_link, invitations.send, invitations.withdraw):
        with pytest.raises(invitations.InvitationNotOpen):
            refused(invitation=invitation, act=world.act())


def test_sending_mails_a_link_that_works(world: World) -> None:
    invitation, old = invite(world, email="carl@northwind.example", customer_name="Northwind")

    invitations.send(invitation=invitation, act=world.act())

    (letter,) = mail.outbox
    assert letter.to == ["carl@northwind.example"]
    assert letter.subject == "Fabrikam Cloud asks to be your CSP partner"
    token = letter.body.split("/i/")[1].split("/")[0]
    assert invitation_with_token(token) == invitation
    assert invitation_with_token(old) is None
    html, kind = letter.alternatives[0]
    assert kind == "text/html"
    assert f"/i/{token}/" in html


def test_the_letter_speaks_the_customers_language(world: World) -> None:
    invite(world, email="carl@northwind.example", language="de", is_mailed=True)

    (letter,) = mail.outbox
    assert letter.subject == "Fabrikam Cloud möchte Ihr CSP-Partner werden"
    assert "Der Link gilt bis 21. Dezember 2026" in letter.body
    assert "Nichts, was Sie heute haben, ändert sich" in letter.body


def test_a_mail_server_that_refuses_leaves_the_old_link_alive(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    invitation, old = invite(world, email="carl@northwind.example")
    monkeypatch.setattr(
        "django.core.mail.EmailMessage.send", lambda *_: (_ for _ in ()).throw(OSError("refused"))
    )

    with pytest.raises(invitations.MailNotSent):
        invitations.send(invitation=invitation, act=world.act())

    assert invitation_with_token(old) == invitation


def test_opening_is_remembered_once_and_changes_nothing_else(world: World) -> None:
    invitation, _ = invite(world)
    before = Invitation.objects.values().get()

    invitations.note_opened(
        invitation=invitation, tenant=world.northwind, act=world.act(world.carl)
    )
    invitations.note_opened(invitation=invitation, tenant=world.contoso, act=world.act(world.tom))

    after = Invitation.objects.values().get()
    changed = {field for field in after if after[field] != before[field]}
    assert changed == {"opened_at", "opened_by_tenant_id"}
    assert after["opened_by_tenant_id"] == world.northwind.pk
    assert summaries(world.contoso) == []


def test_a_week_without_an_answer_reminds_the_inviter_once(world: World) -> None:
    invite(world, customer_name="Northwind")
    invite(world, on=date(2026, 11, 23), customer_name="Contoso")
    answered, _ = invite(world)
    invitations.decline(
        invitation=answered, tenant=world.northwind, reason="", act=world.act(world.carl)
    )
    on_the_29th = world.act(on=date(2026, 11, 29))

    assert invitations.remind_due(act=on_the_29th) == 1
    assert invitations.remind_due(act=on_the_29th) == 0

    (letter,) = mail.outbox
    assert letter.to == ["ada@fabrikam.example"]
    assert letter.subject == "No answer yet: your invitation to Northwind"


def test_a_new_link_starts_the_week_anew(world: World) -> None:
    invitation, _ = invite(world)
    invitations.renew_link(invitation=invitation, act=world.act(on=date(2026, 11, 28)))

    assert invitations.remind_due(act=world.act(on=date(2026, 12, 4))) == 0
    assert invitations.remind_due(act=world.act(on=date(2026, 12, 5))) == 1


def test_the_record_of_consent_neither_changes_nor_goes(world: World) -> None:
    invitation, _ = invite(world)
    invitations.accept(invitation=invitation, tenant=world.northwind, act=world.act(world.carl))

    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        Invitation.objects.update(note="something else")
    with pytest.raises(DatabaseError), transaction.atomic():
        Invitation.objects.all()._raw_delete("default")  # noqa: SLF001 -- past Django's own checks


def test_a_partner_finds_its_invitations_by_state(world: World) -> None:
    for state in ("open", "accepted", "declined", "withdrawn"):
        invitation, _ = invite(world, customer_name=state)
        bring_into(world, invitation, state)
        Relationship.objects.active().update(ended_on=TODAY)  # so that the next can be answered
    invite(world, on=TODAY - timedelta(days=40), customer_name="expired")
    invitations.invite(partner=world.tailspin, has_delegated_admin=False, act=world.act(world.nora))

    assert counts_by_state(world.fabrikam, TODAY) == dict.fromkeys(
        ("open", "accepted", "declined", "expired", "withdrawn"), 1
    )
    for state in State:
        (found,) = invitations_of(world.fabrikam).filter(in_state(state, TODAY))
        assert found.customer_name == state
        assert found.state_on(TODAY) == state


def test_ages_count_from_the_last_link(world: World) -> None:
    invitation, _ = invite(world)
    assert invitation.age_from == datetime(2026, 11, 22, 12, tzinfo=UTC)
