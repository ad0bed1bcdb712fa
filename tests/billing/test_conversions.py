"""R11: a Direct trial becomes a paid CSP subscription, with the customer's consent, at once."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from billing.models import Charge, Order, TrialConversion
from billing.services import conversions as service
from csp_portal.shared import clock
from relationships.models import Relationship
from relationships.services import ending
from subscriptions.models import LicenceAssignment, Subscription
from subscriptions.services import errors, licences, lifecycle, trials
from subscriptions.services.owners import owning_path
from tenants.models import Activity
from tests import make
from tests.subscriptions.test_other_channels import APP, as_role, refusal
from tests.two_tier import two_tier
from tests.world import TODAY, World

from .selling import charged, list_prices

LATER = date(2026, 12, 2)


def trial_of(world: World, number: int = 1) -> Subscription:
    offer = make.offer(f"Premium Trial {number}", f"T:{number}", is_trial=True)
    return trials.start_trial(tenant=world.northwind, offer=offer, act=world.act(world.carl))


def propose(world: World, trial: Subscription, *, seats: int = 25, **act: Any) -> TrialConversion:
    return service.propose(
        partner=world.fabrikam,
        trial=trial,
        offer=world.premium,
        seats=seats,
        segment="commercial",
        duration="P1Y",
        plan="monthly",
        act=world.act(world.sam, **act),
    )


def accept(world: World, conversion: TrialConversion, on: date = TODAY) -> TrialConversion:
    act = world.act(world.carl, on)
    shown = service.fingerprint(service.price_today(conversion=conversion, act=act))
    return service.accept(conversion=conversion, shown=shown, act=act)


@pytest.fixture
def selling(world: World) -> World:
    list_prices(world)
    make.relationship(world.fabrikam, world.northwind)
    return world


@pytest.fixture
def trial(selling: World) -> Subscription:
    return trial_of(selling)


def test_with_the_consent_csp_starts_and_the_trial_ends_on_the_same_day(
    selling: World, trial: Subscription
) -> None:
    with as_role(APP):
        done = accept(selling, propose(selling, trial), on=LATER)

    trial.refresh_from_db()
    assert done.order is not None
    bought = done.order.subscription
    assert (trial.state, trial.terms.get().changes.latest("id").effective_on) == (
        "cancelled",
        LATER,
    )
    assert (bought.channel, bought.partner, bought.seats, bought.starts_on) == (
        "csp",
        selling.fabrikam,
        25,
        LATER,
    )
    # 20.60 x 25 to the customer, 16.48 x 25 to the partner; the trial costs nothing
    assert charged(bought, selling.northwind) == [("new", 25, "515.00")]
    assert charged(bought, selling.fabrikam.tenant) == [("new", 25, "412.00")]
    assert Charge.objects.count() == 2


def test_proposing_changes_nothing_and_tells_the_customer(
    selling: World, trial: Subscription, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        propose(selling, trial)

    assert Subscription.objects.count() == 1
    assert not Order.objects.exists()
    assert mail.outbox[0].to == [selling.carl.email]
    assert "trial of Premium Trial 1" in mail.outbox[0].subject


def test_a_mail_server_that_is_down_does_not_take_the_proposal_back(
    selling: World,
    trial: Subscription,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    def down(*_: Any, **__: Any) -> None:
        raise OSError("down")

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", down)

    with django_capture_on_commit_callbacks(execute=True):
        made = propose(selling, trial)

    assert TrialConversion.objects.get() == made


@pytest.mark.parametrize(
    ("answer", "subject"),
    [
        ("accepted", "Northwind Traders consents: the trial of Premium Trial 1 is converted"),
        ("declined", "Northwind Traders declines to convert the trial of Premium Trial 1"),
    ],
)
def test_who_proposed_it_reads_the_answer(
    selling: World,
    trial: Subscription,
    answer: str,
    subject: str,
    django_capture_on_commit_callbacks: Any,
) -> None:
    made = propose(selling, trial)

    with django_capture_on_commit_callbacks(execute=True):
        if answer == "accepted":
            accept(selling, made)
        else:
            service.decline(conversion=made, act=selling.act(selling.carl))

    assert [(each.to, each.subject) for each in mail.outbox] == [([selling.sam.email], subject)]
    assert "Carl Novak" in mail.outbox[0].body


def test_letters_are_in_the_readers_language(
    selling: World, trial: Subscription, django_capture_on_commit_callbacks: Any
) -> None:
    for person in (selling.carl, selling.sam):
        person.language = "de"
        person.save(update_fields=["language"])

    with django_capture_on_commit_callbacks(execute=True):
        made = propose(selling, trial)
        service.decline(conversion=made, act=selling.act(selling.carl))

    assert [each.subject for each in mail.outbox] == [
        "Fabrikam Cloud schlägt vor, Ihre Testversion von Premium Trial 1 umzuwandeln",
        "Northwind Traders lehnt es ab, die Testversion von Premium Trial 1 umzuwandeln",
    ]
    assert "Sie sehen zuerst den Preis." in mail.outbox[0].body
    assert "Carl Novak hat abgelehnt." in mail.outbox[1].body


def test_licences_move_with_it(selling: World, trial: Subscription) -> None:
    mia = selling.mia.memberships.get()
    licences.assign(subscription=trial, membership=mia, act=selling.act(selling.carl))

    with as_role(APP):
        done = accept(selling, propose(selling, trial))

    assert done.order is not None
    trial.refresh_from_db()
    bought = Subscription.objects.get(pk=done.order.subscription_id)
    assert (trial.assigned_seats, bought.assigned_seats) == (0, 1)
    assert LicenceAssignment.objects.get().subscription == bought


def test_both_sides_read_it_in_their_activity(selling: World, trial: Subscription) -> None:
    accept(selling, propose(selling, trial))

    rows = Activity.objects.filter(action="trial-conversion.accepted")
    assert {row.tenant for row in rows} == {selling.northwind, selling.fabrikam.tenant}


@pytest.mark.parametrize("why", ["withdrawn", "declined", "accepted", "expired", "cancelled"])
def test_what_is_no_longer_open_says_why(selling: World, trial: Subscription, why: str) -> None:
    conversion = propose(selling, trial)
    carl, sam = selling.act(selling.carl), selling.act(selling.sam)
    on = TODAY
    match why:
        case "withdrawn":
            service.withdraw(conversion=conversion, act=sam)
        case "declined":
            service.decline(conversion=conversion, act=carl)
        case "accepted":
            accept(selling, conversion)
        case "cancelled":
            lifecycle.cancel(subscription=trial, act=carl)
        case _:
            on = TODAY + timedelta(days=30)
    words = {
        "withdrawn": "has withdrawn this proposal",
        "declined": "was declined",
        "accepted": "was converted already",
    }.get(why, "The trial is over")

    with pytest.raises(service.ConversionNotOpen, match=words):
        service.accept(conversion=conversion, shown="", act=selling.act(selling.carl, on))


def test_a_changed_price_is_shown_anew_and_not_taken(selling: World, trial: Subscription) -> None:
    conversion = propose(selling, trial)
    act = selling.act(selling.carl)
    shown = service.fingerprint(service.price_today(conversion=conversion, act=act))
    make.price_list(date(2026, 12, 1), {selling.premium: ("18.00", "22.50")})

    with pytest.raises(service.PriceHasChanged, match="look again"):
        service.accept(conversion=conversion, shown=shown, act=selling.act(selling.carl, LATER))

    trial.refresh_from_db()
    assert trial.state == "active"
    assert not Order.objects.exists()


def test_if_the_order_is_refused_the_trial_goes_on(selling: World, trial: Subscription) -> None:
    conversion = propose(selling, trial)
    act = selling.act(selling.carl)
    shown = service.fingerprint(service.price_today(conversion=conversion, act=act))
    selling.premium.state = "withdrawn"
    selling.premium.save()

    with pytest.raises(errors.NotForSale):
        service.accept(conversion=conversion, shown=shown, act=act)

    trial.refresh_from_db()
    conversion.refresh_from_db()
    assert (trial.state, conversion.answer) == ("active", "")


def test_what_cannot_be_proposed(selling: World, trial: Subscription) -> None:
    direct = make.other_channel(selling.northwind, "direct", "Windows")
    with owning_path(trial):
        Subscription.objects.filter(pk=trial.pk).update(assigned_seats=20)

    with pytest.raises(service.NotATrial):
        propose(selling, direct)
    with pytest.raises(errors.SeatsBelowAssigned, match="20 seats are assigned"):
        propose(selling, trial, seats=19)
    with pytest.raises(errors.NoActiveRelationship):
        service.propose(
            partner=selling.tailspin,
            trial=trial,
            offer=selling.premium,
            seats=25,
            segment="commercial",
            duration="P1Y",
            plan="monthly",
            act=selling.act(selling.nora),
        )
    propose(selling, trial)
    with pytest.raises(service.AlreadyProposed):
        propose(selling, trial)


def test_the_database_converts_a_trial_once(selling: World, trial: Subscription) -> None:
    accept(selling, propose(selling, trial))

    assert refusal("UPDATE billing_trialconversion SET answer = ''") == "tenants_append_only"
    assert refusal("DELETE FROM billing_trialconversion") == "tenants_append_only"


# ------------------------------------------------------------------------------ pages


def test_from_the_partners_panel_to_the_customers_consent(
    selling: World, trial: Subscription, sign_in: Any
) -> None:
    sam: Client = sign_in(selling.sam)
    carl: Client = sign_in(selling.carl)
    url = reverse("billing:convert-trial", args=[selling.northwind.public_id, trial.public_id])
    customers = reverse("home:customer-subscriptions", args=[selling.northwind.public_id])
    price = selling.premium.prices.get(duration="P1Y", plan="monthly")

    panel = sam.get(f"{customers}?panel={trial.public_id}").content.decode()
    sent = sam.post(url, {"price": price.pk, "seats": 25, "note": "As agreed"})
    conversion = TrialConversion.objects.get()
    theirs = sam.get(sent["Location"]).content.decode()
    ours = carl.get(sent["Location"]).content.decode()
    own_panel = carl.get(
        reverse("home:my-subscriptions") + f"?panel={trial.public_id}"
    ).content.decode()
    shown = ours.partition('name="shown" value="')[2].partition('"')[0]
    accepted = carl.post(
        reverse("billing:accept-conversion", args=[conversion.public_id]),
        {"shown": shown},
        follow=True,
    ).content.decode()

    assert url in panel
    assert "€412.00" in theirs
    assert "€515.00" in ours
    assert "412.00" not in ours  # never the partner's cost
    assert "Fabrikam Cloud proposes to convert this trial" in own_panel
    assert "Business Premium runs through Fabrikam Cloud from today" in accepted


def test_the_page_shows_todays_price_and_then_what_was_ordered(
    selling: World, trial: Subscription, sign_in: Any
) -> None:
    conversion = propose(selling, trial)
    page = reverse("billing:conversion", args=[conversion.public_id])
    with clock.pinned_to(LATER):
        waiting = sign_in(selling.sam).get(page).content.decode()
    accept(selling, conversion, on=LATER)
    with clock.pinned_to(LATER + timedelta(days=9)):
        theirs = sign_in(selling.sam).get(page).content.decode()
        own = sign_in(selling.carl).get(page).content.decode()

    for read in (waiting, theirs, own):
        assert "2 Dec 2026 – 1 Jan 2027" in read
        assert "22 Nov – 21 Dec" not in read


def test_in_two_tier_it_says_who_will_bill_and_tells_the_reseller(
    world: World, sign_in: Any
) -> None:
    cast = two_tier(world)
    list_prices(world)
    offer = make.offer("Premium Trial", "T:1", is_trial=True)
    tried = trials.start_trial(tenant=cast.relecloud, offer=offer, act=world.act(cast.rita))
    made = service.propose(
        partner=cast.wingtip,
        trial=tried,
        offer=world.premium,
        seats=25,
        segment="commercial",
        duration="P1Y",
        plan="monthly",
        act=world.act(cast.wes),
    )
    rita = sign_in(cast.rita)
    url = reverse("billing:accept-conversion", args=[made.public_id])

    page = rita.get(reverse("billing:conversion", args=[made.public_id])).content.decode()
    shown = page.partition('name="shown" value="')[2].partition('"')[0]
    said = rita.post(url, {"shown": shown}, follow=True).content.decode()

    words = "Litware Consulting bills and supports it, Wingtip Distribution orders and manages it."
    assert words in page
    assert "Business Premium runs through Litware Consulting from today" in said
    rows = Activity.objects.filter(action="trial-conversion.accepted")
    assert {row.tenant for row in rows} == {
        cast.wingtip.tenant,
        cast.litware.tenant,
        cast.relecloud,
    }


def test_a_stale_page_converts_nothing(selling: World, trial: Subscription, sign_in: Any) -> None:
    conversion = propose(selling, trial)

    said = sign_in(selling.carl).post(
        reverse("billing:accept-conversion", args=[conversion.public_id]),
        {"shown": "something else"},
        follow=True,
    )

    assert "The price is not what the page showed." in said.content.decode()
    assert not Order.objects.exists()


def test_either_side_can_end_it_and_nobody_else_sees_it(
    selling: World, trial: Subscription, sign_in: Any
) -> None:
    conversion = propose(selling, trial)
    page = reverse("billing:conversion", args=[conversion.public_id])
    no = reverse("billing:decline-conversion", args=[conversion.public_id])

    assert sign_in(selling.nora).get(page).status_code == 404
    assert sign_in(selling.tom).get(page).status_code == 404
    assert sign_in(selling.bea).get(page).status_code == 403
    sign_in(selling.carl).post(no)
    again = sign_in(selling.sam).post(no, follow=True).content.decode()

    conversion.refresh_from_db()
    assert conversion.answer == "declined"
    assert "Nothing was changed. This proposal was declined." in again


def test_what_is_refused_is_said_in_the_form(
    selling: World, trial: Subscription, sign_in: Any
) -> None:
    url = reverse("billing:convert-trial", args=[selling.northwind.public_id, trial.public_id])
    price = selling.premium.prices.get(duration="P1Y", plan="monthly")
    with owning_path(trial):
        Subscription.objects.filter(pk=trial.pk).update(assigned_seats=20)

    page = sign_in(selling.sam).post(url, {"price": price.pk, "seats": 19}).content.decode()

    assert "20 seats are assigned to users" in page
    assert 'value="19"' in page  # what was typed


def test_a_proposal_that_waits_is_found_again_and_can_be_withdrawn(
    selling: World, trial: Subscription, sign_in: Any
) -> None:
    sam = sign_in(selling.sam)
    url = reverse("billing:convert-trial", args=[selling.northwind.public_id, trial.public_id])
    customers = reverse("home:customer-subscriptions", args=[selling.northwind.public_id])
    page = reverse("billing:conversion", args=[propose(selling, trial).public_id])
    price = selling.premium.prices.get(duration="P1Y", plan="monthly")

    panel = sam.get(f"{customers}?panel={trial.public_id}").content.decode()
    again = sam.post(url, {"price": price.pk, "seats": 25}, follow=True)
    sam.post(reverse("billing:decline-conversion", args=[TrialConversion.objects.get().public_id]))
    withdrawn = sam.get(page).content.decode()

    assert page in panel
    assert url not in panel
    assert again.redirect_chain == [(page, 302)]
    assert "You have proposed this already; withdraw that proposal first." in again.content.decode()
    assert url in withdrawn  # to propose something else
    assert TrialConversion.objects.count() == 1


def test_a_proposal_of_a_former_partner_is_shown_no_more(
    selling: World, trial: Subscription, sign_in: Any
) -> None:
    propose(selling, trial)
    ending.end_relationship(
        relationship=Relationship.objects.get(customer=selling.northwind), act=selling.act()
    )
    carl = sign_in(selling.carl)

    start = carl.get(reverse("home:home")).text
    panel = carl.get(reverse("home:my-subscriptions"), {"panel": str(trial.public_id)}).text

    assert "proposes to convert" not in start
    assert "Fabrikam Cloud" not in panel


def test_the_customers_start_page_leads_to_a_proposal(
    selling: World, trial: Subscription, sign_in: Any
) -> None:
    page = reverse("billing:conversion", args=[propose(selling, trial).public_id])

    assert page in sign_in(selling.carl).get("/").content.decode()
    assert page not in sign_in(selling.bea).get("/").content.decode()  # only a Tenant admin buys
