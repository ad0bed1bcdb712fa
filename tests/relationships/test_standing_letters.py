"""The letters about an agreement's notice and about a suspension, as people read them."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.test import Client

from relationships.domain.agreements import Side
from relationships.services import agreements, suspensions
from tenants.models import User
from tenants.roles import Role
from tests import make
from tests.world import World

Commit = Callable[..., Any]


@pytest.fixture
def commit(django_capture_on_commit_callbacks: Commit) -> Commit:
    return lambda: django_capture_on_commit_callbacks(execute=True)


def letters() -> dict[str, EmailMultiAlternatives]:
    return {each.to[0]: each for each in mail.outbox}  # type: ignore[misc]  # locmem's list


def words(letter: EmailMultiAlternatives) -> str:
    return " ".join(str(letter.body).split())


def speaks_german(user: User) -> None:
    user.language = "de"
    user.save(update_fields=["language"])


def test_notice_is_told_to_the_global_admins(world: World, commit: Commit) -> None:
    make.member("greta", world.fabrikam.tenant, Role.GLOBAL_ADMIN)
    with commit():
        agreements.give_notice(
            partner=world.fabrikam, note="We merge.", act=world.act(world.gita, date(2026, 7, 1))
        )

    assert sorted(letters()) == ["gita@fabrikam.example", "greta@fabrikam.example"]
    letter = letters()["gita@fabrikam.example"]
    assert letter.subject == (
        "Notice given: the programme agreement of Fabrikam Cloud ends on 31 August 2026"
    )
    assert words(letter).startswith(
        "Notice of the programme agreement On 1 July 2026 Gita Rao gave notice of the programme "
        "agreement of Fabrikam Cloud. Its last day is 31 August 2026. The note with it: We merge. "
        "Until then nothing changes. From 1 September 2026 on nothing new can be ordered and no "
        "customer invited; what runs goes on, with its renewals and invoices. A Global admin can "
        "withdraw this notice until the last day"
    )
    assert "http://localhost:8000/agreement/" in letter.body
    html = str(letter.alternatives[0].content)
    assert "Its last day is 31 August 2026." in html
    assert 'href="http://localhost:8000/agreement/"' in html


def test_the_vendors_notice_says_that_only_the_vendor_takes_it_back(
    world: World, commit: Commit
) -> None:
    with commit():
        agreements.give_notice(partner=world.fabrikam, side=Side.VENDOR, act=world.act())

    (letter,) = letters().values()
    assert letter.to == ["gita@fabrikam.example"]
    assert (
        "On 22 November 2026 the vendor gave notice of the programme agreement with Fabrikam "
        "Cloud. Its last day is 31 August 2027." in words(letter)
    )
    assert "Only the vendor can take this notice back" in words(letter)


def test_a_withdrawn_notice_says_when_it_renews(world: World, commit: Commit) -> None:
    agreements.give_notice(partner=world.fabrikam, act=world.act(world.gita))
    with commit():
        agreements.withdraw_notice(partner=world.fabrikam, act=world.act(world.gita))

    (letter,) = letters().values()
    assert letter.subject == "Notice withdrawn: programme agreement of Fabrikam Cloud"
    assert (
        "On 22 November 2026 Gita Rao took back the notice of the programme agreement of Fabrikam "
        "Cloud. The agreement goes on and renews on 1 September 2027." in words(letter)
    )


def test_one_withdrawn_notice_leaves_the_other_sides(world: World, commit: Commit) -> None:
    agreements.give_notice(partner=world.fabrikam, act=world.act(world.gita))
    agreements.give_notice(partner=world.fabrikam, side=Side.VENDOR, act=world.act())
    with commit():
        agreements.withdraw_notice(partner=world.fabrikam, side=Side.VENDOR, act=world.act())

    (letter,) = letters().values()
    assert (
        "the vendor took back its notice of the programme agreement with Fabrikam Cloud. The other "
        "side's notice stands: the last day is still 31 August 2027." in words(letter)
    )


def test_a_suspension_is_told_to_who_runs_the_house_and_who_sells(
    world: World, commit: Commit
) -> None:
    with commit():
        suspensions.suspend_partner(
            partner=world.fabrikam,
            reason="overdue",
            note="Two reminders.",
            starts_on=date(2026, 12, 1),
            act=world.act(),
        )

    # neither Helen of the help desk, nor Nora of another partner, nor a customer
    assert sorted(letters()) == [
        "ada@fabrikam.example",
        "gita@fabrikam.example",
        "sam@fabrikam.example",
    ]
    ada = letters()["ada@fabrikam.example"]
    assert ada.subject == "Fabrikam Cloud is suspended from 1 December 2026"
    assert words(ada).startswith(
        "Your organisation is suspended The vendor suspends Fabrikam Cloud from 1 December 2026, "
        "because invoices are overdue. What stops: new subscriptions, more seats, another offer "
        "at a renewal, invitations, new customers. What goes on: everything that runs. "
        "Subscriptions renew, users keep their access and you their support; you can remove "
        "seats, suspend and cancel, and invoices are issued as before. What to do: pay the overdue "
        "invoices; the vendor then lifts the suspension."
    )
    assert "Two reminders." not in words(ada)  # the note is for operators
    assert "http://localhost:8000/agreement/" not in ada.body  # she may not open it
    assert "http://localhost:8000/agreement/" in letters()["gita@fabrikam.example"].body


def test_lifting_is_told_to_the_same_people(world: World, commit: Commit) -> None:
    made = suspensions.suspend_partner(
        partner=world.fabrikam, reason="abuse", starts_on=date(2026, 11, 20), act=world.act()
    )
    with commit():
        suspensions.lift(suspension=made, act=world.act())

    assert sorted(letters()) == [
        "ada@fabrikam.example",
        "gita@fabrikam.example",
        "sam@fabrikam.example",
    ]
    sam = letters()["sam@fabrikam.example"]
    assert sam.subject == "The suspension of Fabrikam Cloud is lifted"
    assert (
        "The vendor lifted the suspension of Fabrikam Cloud of 20 November 2026. From 22 November "
        "2026 on you can order, add seats, invite and take on customers again." in words(sam)
    )


def test_each_reads_it_in_their_own_language(world: World, commit: Commit) -> None:
    speaks_german(world.gita)
    with commit():
        made = suspensions.suspend_partner(
            partner=world.fabrikam, reason="abuse", starts_on=date(2026, 11, 22), act=world.act()
        )
        agreements.give_notice(partner=world.fabrikam, act=world.act(world.gita))
        agreements.withdraw_notice(partner=world.fabrikam, act=world.act(world.gita))
        suspensions.lift(suspension=made, act=world.act())

    german = [m for m in mail.outbox if m.to == ["gita@fabrikam.example"]]
    english = [m.subject for m in mail.outbox if m.to == ["ada@fabrikam.example"]]
    assert [m.subject for m in german] == [
        "Fabrikam Cloud ist ab 22. November 2026 gesperrt",
        "Kündigung: Die Programmvereinbarung von Fabrikam Cloud endet am 31. August 2027",
        "Kündigung zurückgenommen: Programmvereinbarung von Fabrikam Cloud",
        "Die Sperre von Fabrikam Cloud ist aufgehoben",
    ]
    assert english == [
        "Fabrikam Cloud is suspended from 22 November 2026",
        "The suspension of Fabrikam Cloud is lifted",
    ]
    assert "Was zu tun ist: Schreiben Sie der Partnerbetreuung des Herstellers." in str(
        german[0].body
    )
    for letter in german:
        for english_word in (" the ", "What ", "How it stands"):
            assert english_word not in str(letter.body)


def test_what_is_not_committed_is_not_told(world: World, commit: Commit) -> None:
    with commit(), transaction.atomic():
        agreements.give_notice(partner=world.fabrikam, act=world.act(world.gita))
        transaction.set_rollback(True)

    assert mail.outbox == []


def test_a_mail_server_that_refuses_stops_nothing(
    world: World, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise OSError

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse)
    with commit():
        agreements.give_notice(partner=world.fabrikam, act=world.act(world.gita))

    assert world.fabrikam.agreement_events.filter(kind="notice").count() == 1


def test_signing_in_says_which_language_a_person_reads(world: World) -> None:
    for spoken, kept in (("de-AT,de;q=0.9", "de"), ("fr,en;q=0.5", "en")):
        Client().post(
            "/accounts/login/",
            {"login": "gita@fabrikam.example", "password": make.PASSWORD},
            headers={"accept-language": spoken},
        )
        world.gita.refresh_from_db()
        assert world.gita.language == kept
