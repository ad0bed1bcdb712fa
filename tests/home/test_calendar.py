"""The calendar of renewals: an address without a sign-in that shows what its person may see."""

import re
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from csp_portal.shared import clock
from relationships.models import Relationship
from relationships.services import ending
from subscriptions.models import Subscription
from subscriptions.services import lifecycle
from tenants.models import Activity, CalendarFeed, Membership, User
from tenants.roles import Role
from tenants.services import people
from tests import make
from tests.billing.selling import list_prices, place, sell
from tests.conftest import Browser
from tests.two_tier import two_tier
from tests.world import TODAY, World

from .reading import SignIn, main_words, text, words

PAGE, MAKE, STOP = "/renewals/calendar/", "/renewals/calendar/make/", "/renewals/calendar/stop/"


@pytest.fixture(autouse=True)
def _nothing_tried_before(db: None) -> None:
    cache.clear()


def address_in(answer: Any) -> str:
    """Return the path of the address that the page shows once."""
    (path,) = re.findall(r"http://localhost:8000(/calendar/[\w-]{43}/renewals\.ics)", text(answer))
    return str(path)


def made_by(browser: Browser) -> str:
    return address_in(browser.post(MAKE))


def read(path: str) -> str:
    """Read it as a calendar programme does: without a session."""
    answer = Client().get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode().replace("\r\n ", "")


def field(text: str, name: str) -> list[str]:
    return re.findall(rf"(?m)^{name}[;:](.*?)\r$", text)


@pytest.fixture
def premium(sold: World) -> Subscription:
    """60 seats of Northwind at Fabrikam, whose term ends before 14 Mar 2027."""
    return sell(sold, seats=60)


def test_a_calendar_programme_reads_it_without_signing_in(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    text = read(made_by(sign_in(sold.ada)))

    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert text.endswith("END:VCALENDAR\r\n")
    assert field(text, "X-WR-CALNAME") == ["Renewals of Fabrikam Cloud"]
    assert field(text, "SUMMARY") == [r"Renews: Business Premium\, Northwind Traders\, 60 seats"]
    assert field(text, "DTSTART") == ["VALUE=DATE:20270314"]
    assert field(text, "DTEND") == ["VALUE=DATE:20270315"]
    page = f"http://localhost:8000/customers/{sold.northwind.public_id}/subscriptions/"
    assert field(text, "URL") == [f"{page}?panel={premium.public_id}"]


def test_an_event_keeps_its_uid_until_the_term_is_over(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    path = made_by(sign_in(sold.ada))
    uid = [f"{premium.public_id}-20270314@csp-portal"]
    assert field(read(path), "UID") == uid

    lifecycle.set_auto_renew(subscription=premium, is_on=False, act=sold.act())
    with clock.pinned_to(date(2027, 1, 5)):
        ending_now = read(path)

    assert field(ending_now, "UID") == uid
    assert field(ending_now, "SUMMARY")[0].startswith("Ends: ")
    assert field(ending_now, "DTSTART") == ["VALUE=DATE:20270313"]  # the last day


def test_there_are_no_prices_in_it(sold: World, premium: Subscription, sign_in: SignIn) -> None:
    text = read(made_by(sign_in(sold.ada)))

    for amount in ("20.60", "16.48", "1236", "1,236", "988.80", "€", "EUR"):
        assert amount not in text


def test_the_link_is_shown_once_and_only_its_hash_is_kept(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    ada = sign_in(sold.ada)
    assert "Make the address" in main_words(ada.get(PAGE))

    answer = ada.post(MAKE)
    token = address_in(answer).split("/")[2]
    later = ada.get(PAGE)

    assert "no-store" in answer["Cache-Control"]
    assert "Shown this once" in main_words(answer)
    feed = CalendarFeed.objects.get()
    assert len(bytes(feed.token_hash)) == 32
    assert token.encode() not in bytes(feed.token_hash)
    assert token not in later.content.decode()
    assert "Last read not yet" in main_words(later)
    read(address_in(answer))
    assert "Last read 22 Nov 2026" in main_words(ada.get(PAGE))


def test_a_new_address_and_a_stopped_one_kill_the_old(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    ada = sign_in(sold.ada)
    first = made_by(ada)
    second = made_by(ada)
    assert Client().get(first).status_code == 404
    read(second)

    stopped = ada.post(STOP, follow=True)
    again = ada.post(STOP, follow=True)

    assert "Stopped: the address shows nothing any more." in words(stopped)
    assert "it was stopped before. Make a new one." in words(again)
    assert Client().get(second).status_code == 404
    logged = Activity.objects.filter(tenant=sold.fabrikam.tenant, action__startswith="calendar.")
    assert [(entry.action, entry.by) for entry in logged.order_by("seq")] == [
        ("calendar.made", sold.ada),
        ("calendar.renewed", sold.ada),
        ("calendar.stopped", sold.ada),
    ]


def test_wrong_dead_and_forbidden_are_the_same_404(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    renewed, stopped, forbidden = (sign_in(person) for person in (sold.ada, sold.sam, sold.helen))
    dead = [made_by(renewed), made_by(stopped), made_by(forbidden)]
    renewed.post(MAKE)
    stopped.post(STOP)
    Membership.objects.filter(user=sold.helen).update(roles=[Role.BILLING_ADMIN])

    pages = set()
    for path in [*dead, reverse("home:calendar-feed", args=["A" * 43])]:
        answer = Client().get(path)
        assert answer.status_code == 404
        pages.add(re.sub(r"[A-Za-z0-9]{64}", "TOKEN", answer.content.decode()).replace(path, ""))
    assert len(pages) == 1


def test_it_dies_with_the_membership_at_once(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    path = made_by(sign_in(sold.sam))
    sams = Membership.objects.get(user=sold.sam)
    gita = sold.act(sold.gita)

    people.disable_member(membership=sams, act=gita)
    assert Client().get(path).status_code == 404
    people.restore_member(membership=sams, act=gita)
    assert Client().get(path).status_code == 404  # restored, the person makes a new one

    path = made_by(sign_in(sold.sam))
    people.change_roles(membership=sams, roles=[Role.BILLING_ADMIN], act=gita)
    assert Client().get(path).status_code == 404
    people.change_roles(membership=sams, roles=[Role.SALES_AGENT], act=gita)
    assert Client().get(path).status_code == 404

    path = made_by(sign_in(sold.sam))
    people.change_roles(membership=sams, roles=[Role.HELPDESK_AGENT], act=gita)
    read(path)  # a role that sees customers too
    people.remove_member(membership=sams, act=gita)
    assert Client().get(path).status_code == 404
    assert not CalendarFeed.objects.exists()


def test_whoever_may_not_sign_in_any_more_is_not_read_for(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    path = made_by(sign_in(sold.sam))

    User.objects.filter(pk=sold.sam.pk).update(is_active=False)

    assert Client().get(path).status_code == 404


def test_another_partners_customers_are_never_in_it(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    """The leak test: what belongs to others is in no byte of it, before and after an end."""
    tiers = two_tier(sold)
    make.relationship(sold.tailspin, sold.contoso)
    for by, partner, tenant in (
        (sold.nora, sold.tailspin, sold.contoso),
        (tiers.wes, tiers.wingtip, tiers.relecloud),
    ):
        place(
            sold,
            "new",
            on=TODAY,
            by=by,
            partner=partner,
            tenant=tenant,
            offer=sold.premium,
            seats=7,
        )
    make.other_channel(sold.northwind, "ea", "Windows Enterprise")
    paths = {
        name: made_by(sign_in(person))
        for name, person in (
            ("fabrikam", sold.ada),
            ("helen", sold.helen),
            ("tailspin", sold.nora),
            ("wingtip", tiers.wes),
            ("litware", tiers.lena),
        )
    }

    customers = {"Northwind Traders", "Contoso", "Relecloud"}
    for name, own in (
        ("fabrikam", "Northwind Traders"),
        ("helen", "Northwind Traders"),
        ("tailspin", "Contoso"),
        ("wingtip", "Relecloud"),
        ("litware", "Relecloud"),
    ):
        text = read(paths[name])
        assert [own in text, *(other in text for other in sorted(customers - {own}))] == [
            True,
            False,
            False,
        ], name
        assert len(field(text, "UID")) == 1
        assert "Windows Enterprise" not in text  # another channel's

    contosos = Relationship.objects.get(customer=sold.contoso)
    lifecycle.cancel(
        subscription=Subscription.objects.get(tenant=sold.contoso), act=sold.act(sold.nora)
    )
    ending.end_relationship(relationship=contosos, reason="Moved away", act=sold.act(sold.nora))
    assert "Contoso" not in read(paths["tailspin"])


def test_it_speaks_the_persons_language(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    sold.ada.language = "de"
    sold.ada.save(update_fields=["language"])

    text = read(made_by(sign_in(sold.ada)))

    assert field(text, "X-WR-CALNAME") == ["Verlängerungen von Fabrikam Cloud"]
    assert field(text, "SUMMARY") == [
        r"Verlängert sich: Business Premium\, Northwind Traders\, 60 Plätze"
    ]


def test_nothing_may_keep_a_copy_of_it(sold: World, premium: Subscription, sign_in: SignIn) -> None:
    answer = Client().get(made_by(sign_in(sold.ada)))

    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert not answer.cookies


def test_who_tries_many_addresses_is_stopped_and_a_good_one_goes_on(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    good = made_by(sign_in(sold.ada))
    tries = [
        Client().get(reverse("home:calendar-feed", args=[f"{n:043d}"])).status_code
        for n in range(31)
    ]

    assert tries == [404] * 30 + [429]
    read(good)


def test_one_address_is_read_sixty_times_an_hour_at_most(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    path, other = made_by(sign_in(sold.ada)), made_by(sign_in(sold.sam))

    assert [Client().get(path).status_code for _ in range(61)] == [200] * 60 + [429]
    read(other)


def test_making_an_address_asks_for_the_password_again(sold: World) -> None:
    browser = Client()
    browser.force_login(sold.ada)
    workspace = str(sold.ada.memberships.get().public_id)

    answer = browser.post(MAKE, {"workspace": workspace})

    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    assert not CalendarFeed.objects.exists()


@pytest.mark.parametrize("who", ["gita", "carl", "bea", "mia"])
def test_only_who_sees_customers_has_a_calendar_of_them(
    sold: World, sign_in: SignIn, who: str
) -> None:
    browser = sign_in(getattr(sold, who))

    assert browser.get(PAGE).status_code == 403
    assert browser.post(MAKE).status_code == 403
    assert browser.post(STOP).status_code == 403


def test_two_workspaces_have_two_addresses(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    list_prices(sold, date(2026, 11, 1))
    make.relationship(sold.tailspin, sold.contoso)
    place(
        sold,
        "new",
        on=TODAY,
        by=sold.nora,
        partner=sold.tailspin,
        tenant=sold.contoso,
        offer=sold.premium,
        seats=7,
    )
    second = Membership.objects.create(
        user=sold.ada, tenant=sold.tailspin.tenant, roles=[Role.SALES_AGENT]
    )
    browser = sign_in(sold.ada)
    own = made_by(browser)
    session = browser.session
    session["workspace"] = browser.workspace = str(second.public_id)
    session.save()
    theirs = made_by(browser)

    assert "Northwind Traders" in read(own)
    assert "Contoso" not in read(own)
    assert "Contoso" in read(theirs)
    assert "Northwind Traders" not in read(theirs)
