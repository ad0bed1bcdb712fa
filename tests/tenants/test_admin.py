from collections.abc import Callable
from datetime import date

import pytest
from django.contrib import admin
from django.urls import reverse

from relationships.services import invitations
from tenants.admin import PartnerAdmin
from tenants.models import Activity, Membership, Partner, Tenant, User
from tenants.roles import Kind
from tenants.services import tenants
from tenants.services.errors import PartnerIdTaken
from tests import make
from tests.conftest import Browser
from tests.world import World

SignIn = Callable[[User], Browser]


@pytest.fixture
def olga(world: World, sign_in: SignIn) -> Browser:
    return sign_in(User.objects.create_superuser("olga@vendor.example", make.PASSWORD))


def summaries(tenant: Tenant) -> list[str]:
    return [a.summary for a in Activity.objects.filter(tenant=tenant).order_by("seq")]


OURS = [
    model
    for model in admin.site._registry  # noqa: SLF001 -- the only list of what is registered
    if model.__module__.startswith(("tenants.", "relationships."))
]


@pytest.mark.parametrize("model", OURS)
def test_every_list_and_form_opens(world: World, olga: Browser, model: type) -> None:
    invitation, _ = invitations.invite(
        partner=world.fabrikam, has_delegated_admin=True, act=world.act()
    )
    invitations.accept(invitation=invitation, tenant=world.northwind, act=world.act(world.carl))
    meta = model._meta  # noqa: SLF001 -- Django documents it  # type: ignore[attr-defined]
    name = f"admin:{meta.app_label}_{meta.model_name}"
    first = model.objects.order_by("pk").first()  # type: ignore[attr-defined]

    assert olga.get(reverse(f"{name}_changelist"), {"q": "x"}).status_code == 200
    if first is not None:
        assert olga.get(reverse(f"{name}_change", args=[first.pk])).status_code == 200


def test_a_tenant_is_made_by_the_service(world: World, olga: Browser) -> None:
    values = {"name": "Litware Labs", "domain": "Litware.example"}
    values |= {"country": "DE", "currency": "EUR"}

    olga.post(reverse("admin:tenants_tenant_add"), values)

    tenant = Tenant.objects.get(domain="litware.example")
    assert [domain.name for domain in tenant.domains.all()] == ["litware.example"]
    assert summaries(tenant) == ["created Litware Labs (litware.example)"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": "GmbH"}, "This is a legal form."),
        ({"domain": "northwind.example"}, "The domain belongs to a tenant."),
    ],
)
def test_the_rules_hold_for_operators_too(
    world: World, olga: Browser, values: dict[str, str], words: str
) -> None:
    typed = {"name": "Litware", "domain": "litware.example", "country": "DE", "currency": "EUR"}

    page = olga.post(reverse("admin:tenants_tenant_add"), {**typed, **values})

    assert words in page.text
    assert not Tenant.objects.filter(domain="litware.example").exists()


def test_company_data_is_corrected_and_what_it_was_is_kept(world: World, olga: Browser) -> None:
    url = reverse("admin:tenants_tenant_change", args=[world.northwind.pk])

    olga.post(url, {"name": "Northwind Traders GmbH", "city": "Berlin"} | EMPTY_DOMAINS)

    world.northwind.refresh_from_db()
    assert world.northwind.name == "Northwind Traders GmbH"
    entry = Activity.objects.get(tenant=world.northwind)
    assert entry.before == {"name": "Northwind Traders"}
    assert entry.after == {"name": "Northwind Traders GmbH"}


EMPTY_DOMAINS = {"domains-TOTAL_FORMS": "0", "domains-INITIAL_FORMS": "0"}


def test_a_tenant_is_enrolled_as_a_partner(world: World, olga: Browser) -> None:
    values = {
        "tenant": world.contoso.pk,
        "mpn_id": "4711003",
        "kind": "direct_partner",
        "joined_on": "2026-11-22",
    }

    olga.post(reverse("admin:tenants_partner_add"), values)

    assert Partner.objects.get(tenant=world.contoso).mpn_id == "4711003"
    assert summaries(world.contoso) == ["enrolled as direct partner, partner ID 4711003"]


def test_two_who_take_the_same_partner_id_at_once_are_told_so(world: World) -> None:
    values = {"mpn_id": "4711001", "kind": Kind.DIRECT_PARTNER, "joined_on": date(2026, 11, 22)}

    with pytest.raises(PartnerIdTaken):  # the form's own check came before the other's commit
        tenants.enrol_partner(tenant=world.contoso, act=world.act(), **values)
    assert PartnerAdmin.refusals[PartnerIdTaken] == (
        "The partner ID or the tenant is enrolled already."
    )


def test_a_person_gets_roles_and_loses_them(world: World, olga: Browser) -> None:
    olga.post(
        reverse("admin:tenants_membership_add"),
        {
            "tenant": world.contoso.pk,
            "email": "Tina@contoso.example",
            "name": "Tina Roth",
            "roles": ["billing_reader"],
        },
    )
    tina = Membership.objects.get(user__email="tina@contoso.example")
    olga.post(reverse("admin:tenants_membership_change", args=[tina.pk]), {"roles": ["member"]})
    olga.post(reverse("admin:tenants_membership_delete", args=[tina.pk]), {"post": "yes"})

    assert summaries(world.contoso) == [
        "added Tina Roth as Billing reader",
        "changed the roles of Tina Roth to Member",
        "removed Tina Roth",
    ]


def test_the_last_admin_stays(world: World, olga: Browser) -> None:
    membership = world.tom.memberships.get()
    urls = {
        reverse("admin:tenants_membership_change", args=[membership.pk]): {"roles": ["member"]},
        reverse("admin:tenants_membership_delete", args=[membership.pk]): {"post": "yes"},
    }

    for url, values in urls.items():
        assert (
            "The last admin of a tenant cannot be removed."
            in olga.post(url, values, follow=True).text
        )
    membership.refresh_from_db()
    assert membership.roles == ["tenant_admin"]


def test_consent_is_read_only(world: World, olga: Browser) -> None:
    invitation, _ = invitations.invite(
        partner=world.fabrikam, has_delegated_admin=True, act=world.act()
    )
    url = reverse("admin:relationships_invitation_change", args=[invitation.pk])

    assert "Token hash" not in olga.get(url).text
    assert olga.post(url, {"note": "x"}).status_code == 403
    olga.post(
        reverse("admin:relationships_invitation_changelist"),
        {"action": "withdraw", "_selected_action": [invitation.pk]},
    )
    invitation.refresh_from_db()
    assert invitation.withdrawn_at is not None
