"""Operators work in groups: what each may open in the admin, and who appoints them."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse

from csp_portal.operators import GROUPS, make_groups
from relationships.models import PartnerSuspension
from tenants.models import User
from tenants.services import operators
from tests import make
from tests.world import World

# Who may open which list, and the page that makes something new in it.
PAGES = {
    "subscriptions_offer_changelist": {"Catalogue", "Finance", "Support"},
    "subscriptions_offer_add": {"Catalogue"},
    "subscriptions_offerequivalence_add": {"Catalogue"},
    "subscriptions_openkey_issue": {"Catalogue"},
    "billing_pricelist_import": {"Catalogue"},
    "billing_pricelist_changelist": {"Catalogue", "Finance"},
    "billing_invoice_changelist": {"Finance"},
    "billing_monthclose_changelist": {"Finance"},
    "relationships_partnersuspension_add": {"Finance", "Support"},
    "subscriptions_cancellationrequest_changelist": {"Support"},
    "relationships_transfer_changelist": {"Support"},
    "tenants_activity_changelist": {"Support"},
    "relationships_partnerpolicy_add": set(),
    "tenants_partner_add": set(),
    "tenants_user_changelist": set(),
    "auth_group_changelist": set(),
}


@pytest.fixture(autouse=True)
def _groups(db: None) -> None:
    make_groups()


def operator(group: str) -> User:
    made = User.objects.create_user(
        f"{group.lower()}@vendor.example", make.PASSWORD, is_staff=True, first_name=group
    )
    made.groups.add(Group.objects.get(name=group))
    return made


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_opens_its_pages_and_no_others(world: World, sign_in: Any, group: str) -> None:
    browser = sign_in(operator(group))

    opened = {name for name in PAGES if browser.get(reverse(f"admin:{name}")).status_code == 200}

    assert opened == {name for name, groups in PAGES.items() if group in groups}


def test_a_suspension_is_made_by_finance_and_not_by_the_catalogue(
    world: World, sign_in: Any
) -> None:
    page = reverse("admin:relationships_partnersuspension_add")
    asked = {"partner": world.tailspin.pk, "reason": "overdue", "starts_on": "2026-11-22"}

    refused = sign_in(operator("Catalogue")).post(page, asked)
    assert (refused.status_code, PartnerSuspension.objects.count()) == (403, 0)
    sign_in(operator("Finance")).post(page, asked)

    assert PartnerSuspension.objects.get().partner == world.tailspin


def test_making_the_groups_again_brings_back_what_the_table_says(capsys: Any) -> None:
    support = Group.objects.get(name="Support")
    before = set(support.permissions.values_list("codename", flat=True))
    support.permissions.clear()

    call_command("operator_groups", "--dry-run")
    assert not support.permissions.exists()
    call_command("operator_groups")

    assert set(support.permissions.values_list("codename", flat=True)) == before
    assert "Support: tenants.view_tenant" in capsys.readouterr().out


def test_a_superuser_appoints_and_dismisses_operators(world: World, sign_in: Any) -> None:
    boss = User.objects.create_superuser("olga@vendor.example", make.PASSWORD)
    new = User.objects.create_user("kim@vendor.example", make.PASSWORD, first_name="Kim")
    page = reverse("admin:tenants_user_change", args=[new.pk])
    olga = sign_in(boss)

    olga.post(page, {"is_staff": "on", "groups": [Group.objects.get(name="Finance").pk]})
    new.refresh_from_db()
    assert (new.is_staff, [each.name for each in new.groups.all()]) == (True, ["Finance"])
    olga.post(page, {"groups": [Group.objects.get(name="Finance").pk]})

    new.refresh_from_db()
    assert (new.is_staff, new.groups.count()) == (False, 0)
    told = world.cirrus.activities.filter(action="operator.appointed").order_by("seq")
    assert [entry.summary for entry in told] == [
        "Kim is an operator: Finance",
        "Kim is no operator any more",
    ]


def test_nobody_changes_their_own_rights(world: World, sign_in: Any) -> None:
    boss = User.objects.create_superuser("olga@vendor.example", make.PASSWORD)
    page = reverse("admin:tenants_user_change", args=[boss.pk])

    said = sign_in(boss).post(page, {}, follow=True).content.decode()

    boss.refresh_from_db()
    assert boss.is_staff
    assert "Another superuser changes your own rights. Nothing was changed." in said
    with pytest.raises(operators.OwnRights):
        operators.appoint(user=boss, is_operator=False, groups=[], act=world.act(boss))
