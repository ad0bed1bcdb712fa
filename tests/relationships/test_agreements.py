"""Programme agreements and attestations: the services, the pages, and who may."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from relationships.domain.agreements import Side, State
from relationships.models import AgreementEvent, CustomerAgreement
from relationships.queries.agreements import agreement_of
from relationships.services import agreements, invitations
from tenants.models import Activity, User
from tests import make
from tests.world import TODAY, World

SignIn = Callable[[User], Client]
AGREEMENT = "/agreement/"


def test_notice_and_withdrawal_are_kept_and_logged(world: World) -> None:
    gita = world.act(world.gita)

    agreements.give_notice(partner=world.fabrikam, note="We merge.", act=gita)
    agreements.withdraw_notice(partner=world.fabrikam, act=gita)

    assert list(AgreementEvent.objects.order_by("pk").values_list("kind", "side", "note"))[-2:] == [
        ("notice", "partner", "We merge."),
        ("withdrawn", "partner", ""),
    ]
    logged = Activity.objects.filter(tenant=world.fabrikam.tenant).order_by("seq")
    assert [(entry.action, entry.summary, entry.by) for entry in logged] == [
        (
            "agreement.notice",
            "gave notice of the programme agreement for the partner; it ends on 2027-08-31",
            world.gita,
        ),
        (
            "agreement.withdrawn",
            "withdrew the notice of the programme agreement for the partner",
            world.gita,
        ),
    ]


def test_each_side_withdraws_its_own_notice_only(world: World) -> None:
    agreements.give_notice(partner=world.fabrikam, side=Side.VENDOR, act=world.act())

    with pytest.raises(agreements.NoNoticeToWithdraw):
        agreements.withdraw_notice(partner=world.fabrikam, act=world.act(world.gita))


def test_notice_is_given_once_a_side(world: World) -> None:
    agreements.give_notice(partner=world.fabrikam, act=world.act(world.gita))

    with pytest.raises(agreements.NoticeStands, match="31 Aug 2027"):
        agreements.give_notice(partner=world.fabrikam, act=world.act(world.gita))


def test_an_ended_agreement_is_signed_anew_and_not_before(world: World) -> None:
    agreements.give_notice(partner=world.fabrikam, act=world.act(world.gita))
    with pytest.raises(agreements.AgreementRuns):
        agreements.sign(partner=world.fabrikam, act=world.act(world.gita, date(2027, 8, 31)))
    with pytest.raises(agreements.AgreementNotInForce):
        agreements.withdraw_notice(
            partner=world.fabrikam, act=world.act(world.gita, date(2027, 9, 1))
        )

    agreements.sign(partner=world.fabrikam, act=world.act(world.gita, date(2027, 9, 1)))

    assert agreement_of(world.fabrikam, on=date(2027, 9, 1)).state == State.IN_FORCE


def test_what_the_vendor_ended_the_vendor_signs_anew(world: World, sign_in: SignIn) -> None:
    long_ago, today = date(2026, 7, 1), TODAY  # it ended on 31 August
    agreements.give_notice(
        partner=world.fabrikam, side=Side.VENDOR, act=world.act(world.gita, long_ago)
    )
    gita = sign_in(world.gita)

    page = gita.get(AGREEMENT).text
    answer = gita.post(reverse("relationships:agreement-sign"), follow=True).text

    assert "Ended by the vendor" in page
    assert "Sign the agreement" not in page
    assert "you cannot sign it again by yourself" in answer
    with pytest.raises(agreements.EndedByVendor):
        agreements.sign(partner=world.fabrikam, act=world.act(world.gita, today))
    agreements.sign(partner=world.fabrikam, side=Side.VENDOR, act=world.act())
    assert agreement_of(world.fabrikam, on=today).state == State.IN_FORCE


def test_what_happened_to_an_agreement_is_only_appended_to(world: World) -> None:
    for sql in (
        "UPDATE relationships_agreementevent SET kind = 'withdrawn'",
        "DELETE FROM relationships_agreementevent",
    ):
        with pytest.raises(DatabaseError, match="only ever appended to"), transaction.atomic():
            connection.cursor().execute(sql)


def test_the_global_admin_gives_and_withdraws_notice_on_the_page(
    world: World, sign_in: SignIn
) -> None:
    gita = sign_in(world.gita)

    page = gita.get(AGREEMENT)
    assert "In force" in page.text
    assert "31 Aug 2027" in page.text  # runs until
    assert "1 Aug 2027" in page.text  # the last day for notice

    answer = gita.post(
        reverse("relationships:agreement-notice"), {"note": "We merge."}, follow=True
    )
    assert "Notice given. Until the agreement ends you can withdraw it." in answer.text
    assert "We merge." in answer.text

    again = gita.post(reverse("relationships:agreement-notice"), follow=True)
    assert "Notice was given already; the agreement ends on 31 Aug 2027." in again.text

    back = gita.post(reverse("relationships:agreement-withdraw"), follow=True)
    assert "Your notice is withdrawn." in back.text
    none = gita.post(reverse("relationships:agreement-withdraw"), follow=True)
    assert "so there is none to withdraw" in none.text
    signed = gita.post(reverse("relationships:agreement-sign"), follow=True)
    assert "there is nothing to sign" in signed.text


def test_notice_asks_for_the_password_again(world: World) -> None:
    browser = Client()
    browser.force_login(world.gita)
    membership = world.gita.memberships.get()

    answer = browser.post(
        reverse("relationships:agreement-notice"), {"workspace": str(membership.public_id)}
    )

    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    assert not AgreementEvent.objects.filter(kind="notice").exists()


@pytest.mark.parametrize("who", ["ada", "sam", "helen", "carl", "bea", "mia"])
def test_only_a_global_admin_sees_the_agreement(world: World, sign_in: SignIn, who: str) -> None:
    browser = sign_in(getattr(world, who))

    assert browser.get(AGREEMENT).status_code == 403
    for name in ("sign", "notice", "withdraw"):
        assert browser.post(reverse(f"relationships:agreement-{name}")).status_code == 403


def attest(world: World, **values: object) -> CustomerAgreement:
    return agreements.attest_customer_agreement(
        **{
            "partner": world.fabrikam,
            "customer": world.northwind,
            "name": "Carl Novak",
            "email": "carl@northwind.example",
            "agreed_on": TODAY,
            "template_version": "2026-09",
            "act": world.act(),
            **values,
        }
    )


def test_a_customer_does_not_agree_in_the_future(world: World) -> None:
    with pytest.raises(agreements.DayInTheFuture):
        attest(world, agreed_on=date(2026, 11, 23))


def test_an_unknown_version_is_refused(world: World) -> None:
    with pytest.raises(agreements.UnknownTemplate):
        attest(world, template_version="1999-09")


def test_an_attestation_is_in_both_logs_and_stays(world: World) -> None:
    attest(world)

    logged = Activity.objects.filter(action="customer.agreement_attested").order_by("id")
    assert [(entry.tenant, entry.by, entry.acting_for) for entry in logged] == [
        (world.fabrikam.tenant, world.ada, world.fabrikam.tenant),
        (world.northwind, world.ada, world.fabrikam.tenant),
    ]
    with pytest.raises(DatabaseError, match="only ever appended to"), transaction.atomic():
        CustomerAgreement.objects.update(name="Somebody else")


def taken_on(world: World) -> None:
    """Northwind has accepted an invitation; nobody attested its agreement yet."""
    invitation, _ = invitations.invite(
        partner=world.fabrikam, has_delegated_admin=True, act=world.act()
    )
    invitations.accept(invitation=invitation, tenant=world.northwind, act=world.act(world.carl))


def test_sales_attests_on_the_customers_page(world: World, sign_in: SignIn) -> None:
    taken_on(world)
    path = reverse("relationships:customer-agreement", args=[world.northwind.public_id])
    typed = {
        "name": "Carl Novak",
        "email": "carl@northwind.example",
        "agreed_on": "2026-11-20",
        "template_version": "2026-09",
        "is_attested": "on",
    }
    sam = sign_in(world.sam)
    assert "the first order waits for it" in sam.get(path).text

    future = sam.post(path, typed | {"agreed_on": "2026-11-23"})
    assert "This day is in the future." in future.text
    assert not CustomerAgreement.objects.exists()

    done = sam.post(path, typed, follow=True)
    assert "Recorded. You can order for Northwind Traders." in done.text
    assert CustomerAgreement.objects.get().attested_by == world.sam


@pytest.mark.parametrize(
    ("who", "code"),
    [("ada", 200), ("sam", 200), ("helen", 403), ("gita", 403), ("nora", 404), ("carl", 403)],
)
def test_who_may_attest(world: World, sign_in: SignIn, who: str, code: int) -> None:
    make.relationship(world.fabrikam, world.northwind)
    path = reverse("relationships:customer-agreement", args=[world.northwind.public_id])

    assert sign_in(getattr(world, who)).get(path).status_code == code
