"""Asking for a transfer, deciding it, withdrawing it; and what each side sees."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.urls import reverse, reverse_lazy

from billing.services.transfers import carry_out
from relationships.letters import link_of
from relationships.models import Invitation, Relationship, Transfer
from relationships.services import ending, transfers
from relationships.services.invitations import InvitationNotOpen, invite
from subscriptions.models import Subscription
from subscriptions.services import lifecycle
from subscriptions.services.errors import QuantitiesFrozen
from tenants.models import Activity, User
from tests import make, two_tier
from tests.billing.selling import place
from tests.conftest import Browser
from tests.home.reading import csv_rows, queries, table_rows
from tests.world import TODAY, World

from .transferring import approved, replacement, requested

TRANSFERS = reverse_lazy("relationships:transfers")

SignIn = Callable[[User], Browser]


@pytest.fixture(autouse=True)
def current(world: World) -> Relationship:
    return make.relationship(world.fabrikam, world.northwind)


def test_the_customer_asks_and_nothing_moves_yet(world: World, current: Relationship) -> None:
    transfer = requested(world)

    assert transfer.state == "requested"
    assert transfer.takes_effect_on == date(2026, 11, 27)
    assert transfer.invitation.answer == "accepted"
    assert list(Relationship.objects.active()) == [current]
    logged = Activity.objects.filter(action="transfer.requested").values_list("tenant__name")
    assert sorted(logged) == [("Fabrikam Cloud",), ("Northwind Traders",), ("Tailspin Partners",)]


def test_the_old_partners_admin_agents_are_asked_by_mail(
    world: World, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        transfer = requested(world)

    letter, told = mail.outbox
    assert letter.to == ["ada@fabrikam.example"]
    assert letter.subject == "Northwind Traders asks to move to another CSP partner"
    assert str(transfer.public_id) in letter.body
    assert told.to == ["nora@tailspin.example"]  # who waits for the answer
    assert "waiting for the current partner" in told.body


def test_the_reseller_that_loses_the_customer_is_told(
    world: World, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    tiers = two_tier.two_tier(world)
    with django_capture_on_commit_callbacks(execute=True):
        transfers.request_transfer(
            invitation=replacement(world),
            relationship=tiers.relationship,
            takes_effect_on=TODAY,
            act=world.act(tiers.rita),
        )

    assert [(letter.to[0], letter.subject) for letter in mail.outbox] == [
        (
            "wes@wingtip.example",  # the provider decides
            "Relecloud asks to move to another CSP partner",
        ),
        (
            "lena@litware-consulting.example",
            "Move of Relecloud to Tailspin Partners: waiting for the current partner",
        ),
        (
            "nora@tailspin.example",
            "Move of Relecloud to Tailspin Partners: waiting for the current partner",
        ),
    ]


def test_a_reseller_reads_that_its_provider_decides(world: World, sign_in: SignIn) -> None:
    tiers = two_tier.two_tier(world)
    transfer = transfers.request_transfer(
        invitation=replacement(world),
        relationship=tiers.relationship,
        takes_effect_on=TODAY,
        act=world.act(tiers.rita),
    )
    url = reverse("relationships:transfer", args=[transfer.public_id])

    page = sign_in(tiers.lena).get(url).content.decode()

    assert "Wingtip Distribution decides" in page
    assert "6 Dec 2026" in page  # from then on an operator
    assert "Approve the transfer" not in page


def test_an_accepted_request_leads_to_its_transfer(world: World, sign_in: SignIn) -> None:
    transfer = requested(world)
    url = reverse("relationships:invitation", args=[transfer.invitation.public_id])
    customer = reverse("home:customer", args=[world.northwind.public_id])
    browser = sign_in(world.nora)

    before = browser.get(url).content.decode()
    transfers.approve(transfer=transfer, act=world.act())
    carry_out(transfer=transfer, act=world.act(on=transfer.takes_effect_on))
    after = browser.get(url).content.decode()

    assert str(transfer.public_id) in before
    assert customer not in before  # it is not Nora's customer yet
    assert customer in after


def test_the_letter_says_what_accepting_does(
    world: World, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    invite(
        partner=world.tailspin,
        kind=Invitation.Kind.REPLACEMENT,
        has_delegated_admin=True,
        email="carl@northwind.example",
        is_mailed=True,
        act=world.act(world.nora),
    )

    (letter,) = mail.outbox
    assert letter.subject == "Tailspin Partners asks to replace your CSP partner"
    assert "All your CSP subscriptions move over" in letter.body
    assert "Nothing you have now changes" not in letter.body


def test_a_second_invitation_waits_for_the_first_move(world: World, sign_in: SignIn) -> None:
    requested(world)
    path = link(world, sign_in).removeprefix(link_of("x").removesuffix("i/x/"))

    page = sign_in(world.carl).get("/" + path, follow=True).content.decode()

    assert "You have asked to move already" in page
    assert "Accept and ask for the move" not in page


def test_a_late_approval_says_that_it_moves_now(world: World, sign_in: SignIn) -> None:
    transfer = requested(world, on=date(2026, 11, 12), day=date(2026, 11, 17))
    url = reverse("relationships:transfer", args=[transfer.public_id])
    browser = sign_in(world.ada)

    page = browser.get(url).content.decode()
    answer = browser.post(
        reverse("relationships:approve-transfer", args=[transfer.public_id]), follow=True
    ).content.decode()

    assert "until 21 Nov 2026" in page  # not the 16th: nothing has moved yet
    assert "The day has come" in page
    assert "moves within minutes" in answer


@pytest.mark.parametrize(
    ("day", "is_possible"),
    [
        (date(2026, 11, 21), False),
        (date(2026, 11, 22), True),
        (date(2026, 12, 22), True),
        (date(2026, 12, 23), False),
    ],
)
def test_the_day_is_today_or_inside_thirty_days(
    world: World, day: date, *, is_possible: bool
) -> None:
    if is_possible:
        assert requested(world, day=day).takes_effect_on == day
    else:
        with pytest.raises(transfers.DayOutOfRange, match="from 22 Nov 2026 to 22 Dec 2026"):
            requested(world, day=day)
        assert Invitation.objects.get().answer == ""


def test_an_invitation_of_another_kind_replaces_nobody(world: World, current: Relationship) -> None:
    invitation, _ = invite(
        partner=world.tailspin, has_delegated_admin=True, act=world.act(world.nora)
    )

    with pytest.raises(transfers.NotAReplacement, match="Ask for one that does"):
        transfers.request_transfer(
            invitation=invitation,
            relationship=current,
            takes_effect_on=TODAY,
            act=world.act(world.carl),
        )


def test_one_at_a_time(world: World) -> None:
    transfer = requested(world)

    with pytest.raises(ending.TransferIsOpen):
        requested(world)

    transfers.withdraw(transfer=transfer, act=world.act(world.carl))
    assert requested(world).state == "requested"


def test_the_old_partner_approves(world: World) -> None:
    transfer = approved(world)

    assert (transfer.state, transfer.decided_by, transfer.decided_as) == (
        "approved",
        world.ada,
        "partner",
    )
    with pytest.raises(transfers.NotUndecided, match="approved, waiting for its day"):
        transfers.decline(transfer=transfer, reason="late", act=world.act())


def test_or_declines_with_a_reason(world: World) -> None:
    transfer = requested(world)

    with pytest.raises(transfers.ReasonNeeded, match="Write a reason"):
        transfers.decline(transfer=transfer, reason=" ", act=world.act())
    transfers.decline(transfer=transfer, reason="An invoice is open.", act=world.act())

    transfer.refresh_from_db()
    assert (transfer.state, transfer.decline_reason) == ("declined", "An invoice is open.")


def test_an_operator_decides_after_fourteen_days_and_not_before(world: World) -> None:
    transfer = requested(world)

    with pytest.raises(transfers.TooEarlyForOperators, match="from 6 Dec 2026"):
        transfers.approve(transfer=transfer, act=world.act(on=date(2026, 12, 5)), as_operator=True)
    transfers.approve(transfer=transfer, act=world.act(on=date(2026, 12, 6)), as_operator=True)

    transfer.refresh_from_db()
    assert (transfer.state, transfer.decided_as) == ("approved", "operator")


def test_it_can_be_withdrawn_until_it_takes_effect(world: World) -> None:
    transfer = approved(world)

    transfers.withdraw(transfer=transfer, act=world.act(world.nora))

    transfer.refresh_from_db()
    assert (transfer.state, transfer.withdrawn_for) == ("withdrawn", world.tailspin.tenant)
    with pytest.raises(transfers.NotOpenAnyMore, match="withdrawn"):
        transfers.withdraw(transfer=transfer, act=world.act(world.carl))


def test_a_partner_that_invites_for_its_provider_has_approved_already(
    world: World, current: Relationship
) -> None:
    tiers = two_tier.two_tier(world)
    two_tier.link(world, tiers.wingtip, world.fabrikam, by=tiers.gwen, accepted_by=world.gita)
    invitation, _token = invite(
        partner=tiers.wingtip,
        reseller=world.fabrikam,
        sent_by=world.fabrikam,
        kind=Invitation.Kind.REPLACEMENT,
        has_delegated_admin=True,
        act=world.act(),
    )

    transfer = transfers.request_transfer(
        invitation=invitation,
        relationship=current,
        takes_effect_on=TODAY,
        act=world.act(world.carl),
    )

    assert (transfer.state, transfer.decided_as) == ("approved", "inviter")
    assert (transfer.old_seller, transfer.new_seller) == (world.fabrikam, world.fabrikam)


def order(world: World, seats: int = 10) -> Subscription:
    change = lifecycle.provision(
        partner=world.fabrikam,
        tenant=world.northwind,
        offer=world.premium,
        seats=seats,
        duration="P1Y",
        act=world.act(),
    )
    return change.term.subscription


def test_quantities_are_frozen_from_the_request_to_the_decision(world: World) -> None:
    sold = order(world)
    transfer = requested(world)
    frozen = "has asked to move to another CSP partner. Until Fabrikam Cloud has approved"

    with pytest.raises(QuantitiesFrozen, match=frozen):
        order(world)
    with pytest.raises(QuantitiesFrozen, match=frozen):
        lifecycle.change_seats(subscription=sold, seats=11, act=world.act())
    with pytest.raises(QuantitiesFrozen, match=frozen):
        lifecycle.cancel(subscription=sold, act=world.act())

    transfers.approve(transfer=transfer, act=world.act())
    lifecycle.change_seats(subscription=sold, seats=11, act=world.act())


def test_the_seat_page_says_that_they_are_frozen(world: World, sign_in: SignIn) -> None:
    make.price_list(date(2026, 11, 1), {world.premium: ("16.48", "20.60")})
    sold = place(world, "new", on=TODAY, offer=world.premium, seats=10).subscription
    requested(world)

    page = sign_in(world.ada).post(
        reverse("billing:change-seats", args=[sold.public_id]), {"seats": "12"}, follow=True
    )

    assert (
        "Northwind Traders asked on 22 Nov 2026 to move to Tailspin Partners."
        in page.content.decode()
    )


def test_a_decided_transfer_never_changes(world: World) -> None:
    transfer = requested(world)
    transfers.decline(transfer=transfer, reason="no", act=world.act())

    for change in ({"state": "approved"}, {"takes_effect_on": TODAY}):
        with (
            transaction.atomic(),
            pytest.raises(DatabaseError, match="relationships_keep_transfers"),
        ):
            Transfer.objects.filter(pk=transfer.pk).update(**change)


def test_the_database_keeps_one_open_transfer_per_relationship(
    world: World, current: Relationship
) -> None:
    requested(world)

    with pytest.raises(DatabaseError, match="relationships_one_open_transfer_per_relationship"):
        Transfer.objects.create(
            invitation=replacement(world),
            relationship=current,
            takes_effect_on=TODAY,
            requested_at=world.act().at,
            requested_on=TODAY,
            requested_by=world.carl,
        )


def test_a_used_invitation_asks_for_nothing(world: World, current: Relationship) -> None:
    transfer = requested(world)
    transfers.withdraw(transfer=transfer, act=world.act(world.carl))

    with pytest.raises(InvitationNotOpen):
        transfers.request_transfer(
            invitation=transfer.invitation,
            relationship=current,
            takes_effect_on=TODAY,
            act=world.act(world.carl),
        )


# ---------------------------------------------------------------------------- pages


def link(world: World, sign_in: SignIn) -> str:
    """Return the link of a replacement invitation that Nora makes on her page."""
    page = sign_in(world.nora).post(
        reverse("relationships:invite"),
        {"has_delegated_admin": "yes", "kind": "replacement", "language": "en"},
    )
    return str(page.context["link"])


def test_from_the_form_to_the_request(world: World, current: Relationship, sign_in: SignIn) -> None:
    path = link(world, sign_in).removeprefix(link_of("x").removesuffix("i/x/"))
    carl = sign_in(world.carl)
    offer = carl.get("/" + path, follow=True).content.decode()

    answer = carl.post(
        reverse("relationships:request-transfer"),
        {"relationship": str(current.pk), "takes_effect_on": "2026-11-30"},
        follow=True,
    )

    assert "Tailspin Partners asks to replace your CSP partner" in offer
    assert "Who bills and supports you" in offer
    page = answer.content.decode()
    assert "You are moving to Tailspin Partners" in page
    assert "Fabrikam Cloud decides" in page
    assert Transfer.objects.get().takes_effect_on == date(2026, 11, 30)


def test_a_day_out_of_range_is_said_on_the_invitations_page(
    world: World, current: Relationship, sign_in: SignIn
) -> None:
    path = link(world, sign_in).removeprefix(link_of("x").removesuffix("i/x/"))
    carl = sign_in(world.carl)
    carl.get("/" + path)

    page = carl.post(
        reverse("relationships:request-transfer"),
        {"relationship": str(current.pk), "takes_effect_on": "2027-11-30"},
    ).content.decode()

    assert "Choose a day from 22 Nov 2026 to 22 Dec 2026." in page
    assert not Transfer.objects.exists()


@pytest.mark.parametrize("who", ["ada", "nora"])
def test_both_partners_see_before_and_after(world: World, sign_in: SignIn, who: str) -> None:
    transfer = requested(world)
    browser = sign_in(getattr(world, who))

    listed = browser.get(reverse("relationships:transfers")).content.decode()
    start = browser.get(reverse("home:home")).content.decode()
    page = browser.get(reverse("relationships:transfer", args=[transfer.public_id]))

    assert "Northwind Traders" in listed
    assert ("Northwind Traders asks to move to Tailspin Partners" in start) == (who == "ada")
    words = page.content.decode()
    assert "Who bills" in words
    assert "Who supports" in words
    assert "26 Nov 2026" in words  # the old partner's last day
    assert ("Approve the transfer" in words) == (who == "ada")
    assert ("Withdraw the transfer" in words) == (who == "nora")


def test_the_old_partner_decides_on_its_page(world: World, sign_in: SignIn) -> None:
    transfer = requested(world)
    browser = sign_in(world.ada)

    without = browser.post(
        reverse("relationships:decline-transfer", args=[transfer.public_id]), {"reason": ""}
    ).content.decode()
    browser.post(reverse("relationships:approve-transfer", args=[transfer.public_id]))

    assert "Write a reason; the customer and the new partner read it." in without
    transfer.refresh_from_db()
    assert transfer.state == "approved"


def test_who_may_not_decide_does_not(world: World, sign_in: SignIn) -> None:
    transfer = requested(world)
    url = reverse("relationships:approve-transfer", args=[transfer.public_id])

    assert sign_in(world.sam).post(url).status_code == 403  # a sales agent
    assert sign_in(world.nora).post(url).status_code == 403  # the new partner
    assert sign_in(world.carl).post(url).status_code == 403  # the customer
    transfer.refresh_from_db()
    assert transfer.state == "requested"


def test_the_customer_withdraws_on_its_partner_page(world: World, sign_in: SignIn) -> None:
    transfer = requested(world)
    browser = sign_in(world.carl)

    page = browser.post(
        reverse("relationships:withdraw-transfer", args=[transfer.public_id]), follow=True
    ).content.decode()

    assert "Withdrawn. Fabrikam Cloud goes on serving Northwind Traders" in page
    assert "Earlier moves" in page


def test_the_operators_page_says_that_it_is_too_early(world: World, sign_in: SignIn) -> None:
    transfer = requested(world)
    olga = User.objects.create_superuser("olga@vendor.example", make.PASSWORD)

    page = sign_in(olga).post(
        reverse("admin:relationships_transfer_change", args=[transfer.pk]),
        {"decision": "approve", "reason": ""},
        follow=True,
    )

    assert "An operator can decide from 6 Dec 2026." in page.content.decode()


def test_operators_find_what_waits_for_them(world: World, sign_in: SignIn) -> None:
    requested(world, on=date(2026, 11, 8))
    make.relationship(world.fabrikam, world.contoso)
    fresh = transfers.request_transfer(
        invitation=replacement(world),
        relationship=Relationship.objects.active().get(customer=world.contoso),
        takes_effect_on=TODAY,
        act=world.act(world.tom),
    )
    olga = User.objects.create_superuser("olga@vendor.example", make.PASSWORD)
    listed = reverse("admin:relationships_transfer_changelist")

    page = sign_in(olga).get(listed, {"decidable": "now"}).content.decode()

    assert "Northwind Traders" in page
    assert reverse("admin:relationships_transfer_change", args=[fresh.pk]) not in page


def test_after_it_the_old_partner_has_the_customer_no_more(world: World, sign_in: SignIn) -> None:
    transfer = approved(world, day=TODAY)
    carry_out(transfer=transfer, act=world.act())

    customer = [world.northwind.public_id]
    ada, nora = sign_in(world.ada), sign_in(world.nora)
    assert ada.get(reverse("home:customer", args=customer)).status_code == 404
    assert nora.get(reverse("home:customer", args=customer)).status_code == 200
    url = reverse("relationships:transfer", args=[transfer.public_id])
    assert "Carried out" in ada.get(url).content.decode()
    mine = sign_in(world.carl).get(reverse("relationships:my-partner")).content.decode()
    assert "Tailspin Partners" in mine


def test_the_heading_comes_before_what_is_moving(world: World, sign_in: SignIn) -> None:
    requested(world)

    mine = sign_in(world.carl).get(reverse("relationships:my-partner")).content.decode()

    assert mine.count("<h1>") == 1
    assert mine.index("<h1>Fabrikam Cloud</h1>") < mine.index("You are moving to")


@pytest.mark.parametrize(
    ("who", "query", "found"),
    [
        ("ada", {}, ["Leaving you"]),
        ("nora", {}, ["Coming to you"]),
        ("ada", {"direction": "coming"}, []),
        ("ada", {"direction": "leaving", "state": "requested"}, ["Leaving you"]),
        ("ada", {"state": "done"}, []),
        ("ada", {"q": "northw"}, ["Leaving you"]),
        ("ada", {"q": "contoso"}, []),
    ],
)
def test_transfers_are_listed_filtered_and_found(
    world: World, sign_in: SignIn, who: str, query: dict[str, str], found: list[str]
) -> None:
    requested(world)

    page = sign_in(getattr(world, who)).get(reverse("relationships:transfers"), query)

    rows = table_rows(page)
    assert len(rows) == len(found)
    for words, row in zip(found, rows, strict=True):
        assert "Northwind Traders" in row
        assert words in row
        assert "27 Nov 2026" in row
        assert "Waiting for a decision" in row


def test_the_list_of_transfers_is_also_a_file(world: World, sign_in: SignIn) -> None:
    requested(world)

    (row,) = csv_rows(sign_in(world.ada).get(TRANSFERS, {"format": "csv"}))

    assert row == {
        "Company name": "Northwind Traders",
        "Direction": "Leaving you",
        "From": "Fabrikam Cloud",
        "To": "Tailspin Partners",
        "State": "Waiting for a decision",
        "Takes effect": "2026-11-27",
        "Asked": "2026-11-22",
    }


def test_a_list_of_fifty_transfers_takes_as_many_queries_as_one_of_one(
    world: World, sign_in: SignIn
) -> None:
    requested(world)
    browser = sign_in(world.ada)
    one = queries(browser, f"{TRANSFERS}?view=")
    for number in range(49):
        tenant = make.tenant(f"Company {number}", domain=f"c{number}.example")
        make.relationship(world.fabrikam, tenant)
        transfers.request_transfer(
            invitation=replacement(world),
            relationship=Relationship.objects.active().get(customer=tenant),
            takes_effect_on=TODAY,
            act=world.act(world.carl),
        )

    assert queries(browser, f"{TRANSFERS}?per_page=50") == one
    assert one <= 12
