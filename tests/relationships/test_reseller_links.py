"""A provider and a reseller link once, by invitation; either ends it; customers stay."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.urls import reverse

from relationships.models import Invitation, Relationship, ResellerLink
from relationships.services import invitations, links, reseller_invitations
from tenants.models import Activity, User
from tenants.roles import Kind, Role
from tests import make
from tests.conftest import Browser
from tests.two_tier import TwoTier, link, two_tier
from tests.world import TODAY, World

SignIn = Callable[[User], Browser]
ANSWER = reverse("relationships:answer-invitation")


@pytest.fixture
def tier(world: World) -> TwoTier:
    return two_tier(world)


def summaries(tenant: object, action: str) -> list[str]:
    found = Activity.objects.filter(tenant=tenant, action=action).order_by("seq")
    return list(found.values_list("summary", flat=True))


def offer_to(tier: TwoTier, browser: Browser) -> Invitation:
    """Make an invitation to resell and open its link in the browser."""
    invitation, token = reseller_invitations.invite_reseller(
        provider=tier.wingtip, discount_percent=Decimal("7.5"), act=tier.world.act(tier.gwen)
    )
    browser.get(reverse("relationships:open-invitation", args=[token]))
    return invitation


def test_a_reseller_reads_who_its_provider_is_and_how_it_ends(
    world: World, sign_in: SignIn
) -> None:
    tiers = two_tier(world)
    url = reverse("relationships:customer-relationship", args=[tiers.relecloud.public_id])

    page = sign_in(tiers.lena).get(url).content.decode()

    assert "Provider: Wingtip Distribution" in page
    assert "Write to Wingtip Distribution." in page
    assert "End the relationship</a>" not in page


def test_accepting_links_the_two(tier: TwoTier) -> None:
    agreed = tier.link

    assert (agreed.provider, agreed.reseller) == (tier.wingtip, tier.litware)
    assert agreed.discount_percent == Decimal(10)
    assert agreed.is_active
    assert agreed.invitation.answered_by == tier.lars
    words = "linked Wingtip Distribution and Litware Consulting: 2-tier from now on"
    assert summaries(tier.wingtip.tenant, "link.accepted") == [words]
    assert summaries(tier.litware.tenant, "link.accepted") == [words]


def test_a_pair_is_linked_once_at_a_time(tier: TwoTier) -> None:
    with pytest.raises(reseller_invitations.AlreadyLinked):
        link(tier.world, tier.wingtip, tier.litware, by=tier.gwen, accepted_by=tier.lars)

    assert ResellerLink.objects.count() == 1


def test_only_a_provider_invites_resellers(world: World) -> None:
    with pytest.raises(reseller_invitations.NotAProvider):
        reseller_invitations.invite_reseller(
            provider=world.fabrikam, discount_percent=Decimal(5), act=world.act(world.gita)
        )


def test_a_customer_cannot_become_a_reseller(tier: TwoTier) -> None:
    invitation, _ = reseller_invitations.invite_reseller(
        provider=tier.wingtip, discount_percent=Decimal(5), act=tier.world.act(tier.gwen)
    )

    with pytest.raises(reseller_invitations.NotAReseller):
        reseller_invitations.accept_link(
            invitation=invitation, tenant=tier.world.contoso, act=tier.world.act(tier.world.tom)
        )
    with pytest.raises(reseller_invitations.NotAReseller):
        invitations.accept(
            invitation=invitation, tenant=tier.world.contoso, act=tier.world.act(tier.world.tom)
        )


def test_a_direct_partner_can_go_indirect_and_stays_direct_for_its_own(tier: TwoTier) -> None:
    world = tier.world
    make.relationship(world.fabrikam, world.northwind)

    agreed = link(world, tier.wingtip, world.fabrikam, by=tier.gwen, accepted_by=world.gita)

    assert agreed.reseller == world.fabrikam
    kept = Relationship.objects.get(customer=world.northwind)
    assert (kept.partner, kept.reseller) == (world.fabrikam, None)


def test_ending_keeps_the_customers_and_tells_the_other_side(
    tier: TwoTier, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        links.end_link(link=tier.link, reason="New strategy", act=tier.world.act(tier.lars))

    tier.link.refresh_from_db()
    assert (tier.link.ended_on, tier.link.ended_by) == (TODAY, tier.lars)
    assert tier.link.ended_for == tier.litware.tenant
    assert Relationship.objects.active().filter(reseller=tier.litware).count() == 1
    assert [(m.to, m.subject) for m in mail.outbox] == [
        (["gwen@wingtip.example"], "Litware Consulting has ended the link with you")
    ]
    with pytest.raises(links.LinkEnded):
        links.end_link(link=tier.link, reason="Again", act=tier.world.act(tier.gwen))


def test_after_the_end_nobody_is_taken_on_together(tier: TwoTier) -> None:
    world = tier.world
    sent, _ = invitations.invite(
        partner=tier.wingtip,
        reseller=tier.litware,
        has_delegated_admin=True,
        act=world.act(tier.wes),
    )
    links.end_link(link=tier.link, reason="New strategy", act=world.act(tier.gwen))

    with pytest.raises(invitations.NotLinked):
        invitations.accept(invitation=sent, tenant=world.contoso, act=world.act(world.tom))
    with pytest.raises(invitations.NotLinked):
        invitations.invite(
            partner=tier.wingtip,
            reseller=tier.litware,
            has_delegated_admin=True,
            act=world.act(tier.wes),
        )
    sent.refresh_from_db()
    assert sent.answer == ""


def test_the_two_can_link_again_after_an_end(tier: TwoTier) -> None:
    links.end_link(link=tier.link, reason="Break", act=tier.world.act(tier.gwen))

    anew = link(
        tier.world,
        tier.wingtip,
        tier.litware,
        by=tier.gwen,
        accepted_by=tier.lars,
        discount="12.5",
        on=TODAY,
    )

    found = ResellerLink.objects.between(provider=tier.wingtip, reseller=tier.litware)
    assert list(found) == [anew, tier.link]


def test_the_database_wants_consent_for_a_link_and_its_price(tier: TwoTier) -> None:
    invitation = tier.link.invitation
    for reseller, discount in ((tier.litware, 20), (tier.world.fabrikam, 10), (tier.wingtip, 10)):
        with pytest.raises(DatabaseError, match="accepted its invitation"), transaction.atomic():
            ResellerLink.objects.create(
                provider=tier.wingtip,
                reseller=reseller,
                invitation=invitation,
                discount_percent=Decimal(discount),
                started_on=TODAY,
            )


def test_the_database_keeps_links(tier: TwoTier) -> None:
    with pytest.raises(DatabaseError, match="keeps its sides"), transaction.atomic():
        ResellerLink.objects.update(discount_percent=Decimal(50))
    with pytest.raises(DatabaseError, match="keeps its sides"), transaction.atomic():
        ResellerLink.objects.all().delete()


def test_the_database_refuses_a_reseller_without_a_link(tier: TwoTier) -> None:
    links.end_link(link=tier.link, reason="Over", act=tier.world.act(tier.gwen))
    Relationship.objects.filter(pk=tier.relationship.pk).update(ended_on=TODAY)

    with pytest.raises(DatabaseError, match="no active link"), transaction.atomic():
        Relationship.objects.create(
            partner=tier.wingtip,
            reseller=tier.litware,
            customer=tier.relecloud,
            has_delegated_admin=True,
            started_on=TODAY,
            attested_by=tier.wes,
            attested_on=TODAY,
        )


# ---------------------------------------------------------------- pages


def test_a_global_admin_accepts_on_the_page(tier: TwoTier, sign_in: SignIn) -> None:
    world = tier.world
    browser = sign_in(world.gita)
    offer_to(tier, browser)

    shown = browser.get(ANSWER)
    done = browser.post(reverse("relationships:accept-link"), follow=True)

    assert "Wingtip Distribution invites you to resell" in shown.content.decode()
    assert "7.50 %" in shown.content.decode()
    text = "You now resell for Wingtip Distribution."
    assert text in done.content.decode()
    assert ResellerLink.objects.active().filter(reseller=world.fabrikam).count() == 1


def test_a_global_admin_declines_on_the_page(tier: TwoTier, sign_in: SignIn) -> None:
    browser = sign_in(tier.world.gita)
    invitation = offer_to(tier, browser)

    browser.post(reverse("relationships:decline-link"), {"reason": "Too little"})

    invitation.refresh_from_db()
    assert (invitation.answer, invitation.decline_reason) == ("declined", "Too little")


@pytest.mark.parametrize(
    ("who", "status", "text"),
    [
        ("ada", 403, "Only a Global admin can answer this"),
        ("carl", 403, "This invitation is for a partner that resells"),
        ("gwen", 403, "This is your own invitation"),
        ("lars", 409, "You resell for Wingtip Distribution already"),
    ],
)
def test_who_cannot_accept_reads_why(
    tier: TwoTier, sign_in: SignIn, who: str, status: int, text: str
) -> None:
    browser = sign_in(getattr(tier, who, None) or getattr(tier.world, who))
    offer_to(tier, browser)

    page = browser.get(ANSWER)

    assert page.status_code == status
    assert text in page.content.decode()


def test_a_withdrawn_offer_says_so(tier: TwoTier, sign_in: SignIn) -> None:
    browser = sign_in(tier.world.gita)
    invitation = offer_to(tier, browser)
    invitations.withdraw(invitation=invitation, act=tier.world.act(tier.gwen))

    answer = browser.post(reverse("relationships:accept-link"))

    assert answer.status_code == 410
    assert "This invitation was withdrawn" in answer.content.decode()


def test_the_customer_cannot_accept_once_the_two_have_parted(
    tier: TwoTier, sign_in: SignIn
) -> None:
    world, browser = tier.world, sign_in(tier.world.tom)
    _, token = invitations.invite(
        partner=tier.wingtip,
        reseller=tier.litware,
        sent_by=tier.litware,
        has_delegated_admin=True,
        act=world.act(tier.lena),
    )
    browser.get(reverse("relationships:open-invitation", args=[token]))
    browser.get(ANSWER)
    links.end_link(link=tier.link, reason="Over", act=world.act(tier.gwen))

    answer = browser.post(reverse("relationships:accept-invitation"))

    assert answer.status_code == 410
    text = "Litware Consulting and Wingtip Distribution no longer work together"
    assert text in answer.content.decode()
    assert not world.contoso.relationships.exists()


def test_the_customer_reads_both_names_and_who_bills(tier: TwoTier, sign_in: SignIn) -> None:
    browser = sign_in(tier.world.tom)
    _, token = invitations.invite(
        partner=tier.wingtip,
        reseller=tier.litware,
        sent_by=tier.wingtip,
        has_delegated_admin=True,
        act=tier.world.act(tier.wes),
    )
    browser.get(reverse("relationships:open-invitation", args=[token]))

    page = browser.get(ANSWER).content.decode()
    browser.post(reverse("relationships:accept-invitation"))

    title = "Litware Consulting and its provider Wingtip Distribution ask to be your CSP partners"
    assert title in page
    assert "<b>Litware Consulting</b> bills you and supports you." in page
    made = Relationship.objects.get(customer=tier.world.contoso)
    assert (made.partner, made.reseller) == (tier.wingtip, tier.litware)
    mine = browser.get(reverse("relationships:my-partner")).content.decode()
    assert "<b>Litware Consulting</b> bills you and supports you." in mine
    assert "lena@litware-consulting.example" in mine


def test_a_provider_chooses_a_reseller_or_none(tier: TwoTier, sign_in: SignIn) -> None:
    browser = sign_in(tier.wes)
    choices = {"has_delegated_admin": "no", "language": "en"}
    url = reverse("relationships:invite")

    browser.post(url, {**choices, "chain": str(tier.link.public_id)})
    browser.post(url, {**choices, "chain": ""})

    made = Invitation.objects.filter(created_by=tier.wes).order_by("id")
    assert [(i.partner, i.reseller, i.sent_by) for i in made] == [
        (tier.wingtip, tier.litware, tier.wingtip),
        (tier.wingtip, None, tier.wingtip),
    ]


def test_a_reseller_chooses_its_provider_and_both_see_the_invitation(
    tier: TwoTier, sign_in: SignIn
) -> None:
    browser, url = sign_in(tier.sol), reverse("relationships:invite")
    form = {"has_delegated_admin": "yes", "language": "en", "customer_name": "VanArsdel"}

    missing = browser.post(url, form)
    browser.post(url, {**form, "chain": str(tier.link.public_id)})

    assert "This field is required." in missing.content.decode()
    made = Invitation.objects.get(customer_name="VanArsdel")
    assert (made.partner, made.reseller, made.sent_by) == (
        tier.wingtip,
        tier.litware,
        tier.litware,
    )
    detail = reverse("relationships:invitation", args=[made.public_id])
    theirs = sign_in(tier.wes)
    assert "VanArsdel" in theirs.get(reverse("relationships:invitations")).content.decode()
    page = theirs.get(detail).content.decode()
    assert "Made by your 2-tier side" in page
    again = reverse("relationships:invitation-renew-link", args=[made.public_id])
    assert theirs.post(again).status_code == 403
    assert browser.post(again).status_code == 200
    assert sign_in(tier.world.nora).get(detail).status_code == 404


def test_a_reseller_without_a_provider_reads_what_to_do(tier: TwoTier, sign_in: SignIn) -> None:
    links.end_link(link=tier.link, reason="Over", act=tier.world.act(tier.gwen))
    browser = sign_in(tier.sol)

    for name in ("relationships:invite", "relationships:new-customer"):
        page = browser.get(reverse(name))
        assert page.status_code == 403
        assert "You have no provider" in page.content.decode()


def test_a_reseller_creates_a_customer_for_both(tier: TwoTier, sign_in: SignIn) -> None:
    form = {
        "chain": str(tier.link.public_id),
        "name": "VanArsdel",
        "domain": "vanarsdel.example",
        "street": "Markt 1",
        "postal_code": "10115",
        "city": "Berlin",
        "country": "DE",
        "currency": "EUR",
        "admin_name": "Vera Ars",
        "admin_email": "vera@vanarsdel.example",
        "language": "en",
        "attested_on": "2026-11-20",
        "is_attested": "on",
    }

    sign_in(tier.lena).post(reverse("relationships:new-customer"), form)

    made = Relationship.objects.get(customer__domain="vanarsdel.example")
    assert (made.partner, made.reseller) == (tier.wingtip, tier.litware)
    words = "became the CSP partner, Wingtip Distribution, through Litware Consulting; agreement"
    assert words in summaries(made.customer, "customer.created")[0]


def test_both_sides_list_their_links(tier: TwoTier, sign_in: SignIn) -> None:
    url = reverse("relationships:resellers")

    theirs = sign_in(tier.wes).get(url).content.decode()
    ours = sign_in(tier.sol).get(url).content.decode()

    assert "Litware Consulting" in theirs
    assert "Wingtip Distribution" in ours
    assert "10 %" in ours
    assert sign_in(tier.world.nora).get(url).status_code == 200
    assert "Litware" not in sign_in(tier.world.nora).get(url).content.decode()


def test_the_link_page_ends_it_with_a_reason(tier: TwoTier, sign_in: SignIn) -> None:
    url = reverse("relationships:reseller-link", args=[tier.link.public_id])
    boss, agent = sign_in(tier.lars), sign_in(tier.lena)

    refused = agent.post(url, {"reason": "No"})
    empty = boss.post(url, {"reason": ""})
    boss.post(url, {"reason": "New strategy"})
    late = sign_in(tier.gwen).post(url, {"reason": "Me too"}, follow=True)

    assert refused.status_code == 403
    assert "This field is required." in empty.content.decode()
    assert "“New strategy”" in agent.get(url).content.decode()
    assert "Nothing changed: the link had ended already." in late.content.decode()
    assert sign_in(tier.world.gita).get(url).status_code == 404


def test_the_provider_invites_a_reseller_on_the_page(tier: TwoTier, sign_in: SignIn) -> None:
    browser = sign_in(tier.gwen)

    page = browser.post(
        reverse("relationships:invite-reseller"),
        {"customer_name": "Tailspin", "discount_percent": "8.25", "language": "en"},
    ).content.decode()

    made = Invitation.objects.get(customer_name="Tailspin")
    assert (made.kind, made.discount_percent) == ("reseller", Decimal("8.25"))
    assert "8.25 %" in page
    assert re.search(r"/i/[\w-]{43}/", page)
    assert "Tailspin" in browser.get(reverse("relationships:resellers")).content.decode()
    detail = reverse("relationships:invitation", args=[made.public_id])
    assert browser.get(detail).status_code == 200
    assert sign_in(tier.wes).get(detail).status_code == 404
    assert sign_in(tier.world.gita).get(reverse("relationships:invite-reseller")).status_code == 403


def test_a_reseller_has_several_providers(tier: TwoTier) -> None:
    other = make.partner(
        "Adventure Distribution",
        domain="adventure.example",
        mpn_id="4711009",
        kind=Kind.INDIRECT_PROVIDER,
    )
    boss = make.member("olaf", other.tenant, Role.GLOBAL_ADMIN)

    second = link(
        tier.world, other, tier.litware, by=boss, accepted_by=tier.lars, on=date(2026, 2, 1)
    )

    assert set(ResellerLink.objects.active().of(tier.litware)) == {tier.link, second}
