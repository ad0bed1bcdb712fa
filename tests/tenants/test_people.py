"""People and roles: the services, a partner's own page, and what being disabled means."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from tenants.models import Activity, Membership, User
from tenants.roles import Role
from tenants.services import people
from tenants.services.errors import (
    AlreadyAMember,
    IsDisabled,
    LastAdmin,
    NotDisabled,
    RestoreTooLate,
    RolesDoNotFit,
)
from tests import make
from tests.world import TODAY, World

SignIn = Callable[[User], Client]


def member(world: World, name: str) -> Membership:
    return Membership.objects.get(user=getattr(world, name))


def test_the_last_admin_is_neither_disabled_nor_demoted(world: World) -> None:
    for name in ("gita", "carl"):
        with pytest.raises(LastAdmin):
            people.disable_member(membership=member(world, name), act=world.act())
    with pytest.raises(LastAdmin):
        people.change_roles(
            membership=member(world, "gita"), roles=[Role.SALES_AGENT], act=world.act()
        )


def test_a_disabled_admin_does_not_count(world: World) -> None:
    make.member("greta", world.fabrikam.tenant, Role.GLOBAL_ADMIN)
    greta = Membership.objects.get(user__email="greta@fabrikam.example")
    people.disable_member(membership=greta, act=world.act(world.gita))

    with pytest.raises(LastAdmin):
        people.disable_member(membership=member(world, "gita"), act=world.act(world.gita))


@pytest.mark.parametrize(("name", "role"), [("sam", Role.TENANT_ADMIN), ("mia", Role.GLOBAL_ADMIN)])
def test_roles_fit_the_organisation_whoever_writes(world: World, name: str, role: Role) -> None:
    with pytest.raises(RolesDoNotFit):
        people.change_roles(membership=member(world, name), roles=[role], act=world.act())
    with pytest.raises(RolesDoNotFit):
        people.add_member(
            tenant=member(world, name).tenant,
            email="new@example.com",
            name="New",
            roles=[role],
            act=world.act(),
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(pk=member(world, name).pk).update(roles=[role.value])


def test_somebody_disabled_is_restored_within_30_days_and_not_later(world: World) -> None:
    gita = world.act(world.gita)
    sam = member(world, "sam")
    people.disable_member(membership=sam, act=gita)
    with pytest.raises(IsDisabled):
        people.disable_member(membership=sam, act=gita)
    with pytest.raises(IsDisabled):
        people.reset_password(membership=sam, act=gita)

    people.restore_member(membership=sam, act=world.act(world.gita, TODAY + timedelta(days=30)))
    assert not member(world, "sam").is_disabled
    with pytest.raises(NotDisabled):
        people.restore_member(membership=sam, act=gita)

    people.disable_member(membership=sam, act=gita)
    with pytest.raises(RestoreTooLate, match="more than 30 days ago"):
        people.restore_member(membership=sam, act=world.act(world.gita, TODAY + timedelta(days=31)))


def test_who_left_long_ago_can_be_added_anew(world: World) -> None:
    values = {"tenant": world.fabrikam.tenant, "email": "sam@fabrikam.example", "name": "Sam"}
    people.disable_member(membership=member(world, "sam"), act=world.act(world.gita))
    with pytest.raises(AlreadyAMember):
        people.add_member(roles=[Role.SALES_AGENT], act=world.act(world.gita), **values)

    later = world.act(world.gita, TODAY + timedelta(days=31))
    back = people.add_member(roles=[Role.BILLING_ADMIN], act=later, **values)

    assert (back.pk, back.is_disabled, back.role_names) == (
        member(world, "sam").pk,
        False,
        "Billing admin",
    )


def test_acts_at_home_are_logged_once(world: World) -> None:
    people.disable_member(membership=member(world, "sam"), act=world.act(world.gita))

    entry = Activity.objects.get()
    assert (entry.tenant, entry.action, entry.summary) == (
        world.fabrikam.tenant,
        "member.disabled",
        "disabled Sam Okafor",
    )


def test_a_disabled_person_is_signed_out_with_the_next_click(world: World, sign_in: SignIn) -> None:
    sam = sign_in(world.sam)
    assert sam.get("/customers/").status_code == 200

    people.disable_member(membership=member(world, "sam"), act=world.act(world.gita))

    answer = sam.get("/customers/")
    assert (answer.status_code, answer["Location"]) == (302, reverse("account_inactive"))
    assert "sessionid" not in sam.session or not sam.session.get("_auth_user_id")
    assert sam.get("/customers/")["Location"].startswith(reverse("account_login"))


def test_somebody_disabled_in_one_organisation_goes_on_in_another(
    world: World, sign_in: SignIn
) -> None:
    Membership.objects.create(user=world.sam, tenant=world.tailspin.tenant, roles=["sales_agent"])
    people.disable_member(
        membership=Membership.objects.get(user=world.sam, tenant=world.fabrikam.tenant),
        act=world.act(world.gita),
    )

    page = sign_in(world.sam).get("/")

    assert page.status_code == 200
    assert "Tailspin Partners" in page.text
    assert "Fabrikam Cloud" not in page.text


PEOPLE = "/people/"


def test_the_global_admin_keeps_people_and_roles(world: World, sign_in: SignIn) -> None:
    gita = sign_in(world.gita)
    typed = {
        "name": "Petra Lang",
        "email": "petra@fabrikam.example",
        "roles": ["sales_agent", "billing_admin"],
        "language": "en",
    }
    made = gita.post(reverse("tenants:new-person"), typed, follow=True)
    assert "Petra Lang was added and gets a letter with a link to sign in." in made.text
    assert mail.outbox[-1].to == ["petra@fabrikam.example"]
    assert "Fabrikam Cloud" in mail.outbox[-1].subject
    petra = Membership.objects.get(user__email="petra@fabrikam.example")
    assert petra.role_names == "Billing admin, Sales agent"

    again = gita.post(reverse("tenants:new-person"), typed)
    assert "is in the organisation already" in again.text
    customers = gita.post(reverse("tenants:new-person"), typed | {"roles": ["tenant_admin"]})
    assert "tenant_admin is not one of the available choices" in customers.text

    at = reverse("tenants:person", args=[petra.public_id])
    assert "Roles changed." in gita.post(at, {"roles": ["helpdesk_agent"]}, follow=True).text
    off = gita.post(reverse("tenants:person-disable", args=[petra.public_id]), follow=True)
    assert "Petra Lang is disabled, from their next click on." in off.text
    on = gita.post(reverse("tenants:person-restore", args=[petra.public_id]), follow=True)
    assert "Petra Lang is back, with the roles they had." in on.text
    link = gita.post(reverse("tenants:person-password", args=[petra.public_id]), follow=True)
    assert "Petra Lang gets a letter with a link to set a new password." in link.text

    last = reverse("tenants:person-disable", args=[member(world, "gita").public_id])
    assert "Name another admin first." in gita.post(last, follow=True).text


@pytest.mark.parametrize("who", ["ada", "sam", "helen", "carl", "bea", "mia"])
def test_nobody_else_keeps_the_partners_people(world: World, sign_in: SignIn, who: str) -> None:
    browser = sign_in(getattr(world, who))  # R1: an Admin agent has nothing on the own tenant

    assert browser.get(PEOPLE).status_code == 403
    assert browser.get(reverse("tenants:new-person")).status_code == 403
    sam = member(world, "sam").public_id
    assert browser.get(reverse("tenants:person", args=[sam])).status_code == 403
    assert browser.post(reverse("tenants:person-disable", args=[sam])).status_code == 403


def test_people_of_others_are_not_found(world: World, sign_in: SignIn) -> None:
    gita = sign_in(world.gita)
    for name in ("nora", "carl"):
        path = reverse("tenants:person", args=[member(world, name).public_id])
        assert gita.get(path).status_code == 404
        assert gita.post(path, {"roles": ["sales_agent"]}).status_code == 404


def test_a_letter_that_is_not_taken_makes_nobody(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise OSError

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    typed = {"name": "P", "email": "p@fabrikam.example", "roles": ["sales_agent"], "language": "en"}

    answer = sign_in(world.gita).post(reverse("tenants:new-person"), typed)

    assert "The mail server did not take the letter. Nothing was changed." in answer.text
    assert not User.objects.filter(email="p@fabrikam.example").exists()
