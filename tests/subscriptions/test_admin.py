"""Imports in the admin: upload, preview, confirm."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from subscriptions.models import FileImport, Subscription
from subscriptions.services import uploads
from tenants.models import Tenant, User

from ..world import World

TENANTS = "Company name,Primary domain name,Colour\nLitware,litware.example,red\n"
SUBSCRIPTIONS = (
    "Subscription ID,Subscription,Quantity,Status,Reseller,Tenant domain,Channel,Start\n"
    "d-1,Business Premium,10,Active,,contoso.example,Direct,2026-01-31\n"
)


@pytest.fixture(autouse=True)
def _without_second_factor(settings: object) -> None:
    settings.MFA_REQUIRED = False  # type: ignore[attr-defined]  # pytest-django's


@pytest.fixture
def operator(db: None) -> User:
    user = User.objects.create_user("olga@vendor.example", "x", is_staff=True)
    allowed = ("add_tenant", "add_subscription", "view_fileimport")
    user.user_permissions.set(Permission.objects.filter(codename__in=allowed))
    return user


@pytest.fixture
def browser(operator: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(operator)


def upload(browser: Client, kind: str, text: str) -> object:
    url = reverse("admin:subscriptions_fileimport_upload", args=[kind])
    file = SimpleUploadedFile("list.csv", text.encode())
    return browser.post(url, {"file": file}, follow=True)


def test_tenants_are_checked_shown_and_imported_on_a_second_click(
    world: World, browser: Client, operator: User
) -> None:
    preview = upload(browser, "tenants", TENANTS)

    kept = FileImport.objects.get()
    confirm = reverse("admin:subscriptions_fileimport_confirm", args=[kept.public_id])
    assert preview.redirect_chain == [(confirm, 302)]  # type: ignore[attr-defined]
    page = preview.content.decode()  # type: ignore[attr-defined]
    assert "list.csv would add" in page
    assert "Column “Colour” is not known and was left out." in page
    assert not Tenant.objects.filter(domain="litware.example").exists()

    done = browser.post(confirm, follow=True)

    assert "Rows imported: 1." in done.content.decode()
    assert Tenant.objects.get(domain="litware.example").name == "Litware"
    kept.refresh_from_db()
    assert (bytes(kept.content), kept.rows, kept.imported_by) == (b"", 1, operator)


def test_subscriptions_go_the_same_way(world: World, browser: Client) -> None:
    upload(browser, "subscriptions", SUBSCRIPTIONS)
    confirm = reverse(
        "admin:subscriptions_fileimport_confirm", args=[FileImport.objects.get().public_id]
    )

    browser.post(confirm)

    assert Subscription.objects.get().reference == "d-1"


def test_a_second_confirmation_does_nothing(world: World, browser: Client) -> None:
    upload(browser, "tenants", TENANTS)
    confirm = reverse(
        "admin:subscriptions_fileimport_confirm", args=[FileImport.objects.get().public_id]
    )
    browser.post(confirm)

    again = browser.post(confirm, follow=True)

    assert "nothing was done now" in again.content.decode()
    assert Tenant.objects.filter(domain="litware.example").count() == 1


def test_a_bad_file_is_shown_with_every_line_and_not_kept(world: World, browser: Client) -> None:
    page = upload(browser, "subscriptions", SUBSCRIPTIONS + "d-2,,x\n" + "d-1,A,1,B,C,D,E,F\n")

    text = page.content.decode()  # type: ignore[attr-defined]
    assert page.status_code == 400  # type: ignore[attr-defined]
    assert "Nothing was imported: 4 problems." in text
    assert "Number of cells: 3; the header has 8." in text
    assert not FileImport.objects.exists()
    assert not Subscription.objects.exists()


def test_a_file_that_became_wrong_after_the_preview_is_refused(
    world: World, browser: Client
) -> None:
    upload(browser, "tenants", TENANTS)
    upload(browser, "tenants", TENANTS)
    first, second = [
        reverse("admin:subscriptions_fileimport_confirm", args=[kept.public_id])
        for kept in FileImport.objects.order_by("pk")
    ]
    browser.post(first)

    page = browser.post(second)

    assert page.status_code == 400
    assert "litware.example belongs to a tenant already." in page.content.decode()


def test_a_page_takes_twenty_thousand_rows_and_no_more(
    world: World, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_ROWS_ON_A_PAGE", 1)

    page = upload(browser, "tenants", TENANTS + "Trey,trey.example,blue\n")

    assert "More than 1 rows." in page.content.decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize("codename", ["add_tenant", "add_subscription"])
def test_each_import_needs_its_own_permission(
    world: World, operator: User, browser: Client, codename: str
) -> None:
    operator.user_permissions.set(Permission.objects.filter(codename=codename))

    answers = {
        kind: browser.get(reverse("admin:subscriptions_fileimport_upload", args=[kind])).status_code
        for kind in ("tenants", "subscriptions", "nonsense")
    }

    allowed = "tenants" if codename == "add_tenant" else "subscriptions"
    assert answers == {"tenants": 403, "subscriptions": 403, "nonsense": 404} | {allowed: 200}


def test_nobody_but_operators_comes_near(world: World, sign_in: Callable[[User], Client]) -> None:
    url = reverse("admin:subscriptions_fileimport_upload", args=["tenants"])

    for user in (world.ada, world.carl):
        assert sign_in(user).get(url).status_code in {302, 403}


def test_the_lists_of_the_admin_open(world: World, operator: User, browser: Client) -> None:
    operator.is_superuser = True
    operator.save(update_fields=["is_superuser"])
    upload(browser, "subscriptions", SUBSCRIPTIONS)

    for model in ("offer", "subscription", "seatchange", "fileimport"):
        assert browser.get(reverse(f"admin:subscriptions_{model}_changelist")).status_code == 200
    pages = [
        reverse("admin:subscriptions_offer_change", args=[world.premium.pk]),
        reverse("admin:subscriptions_fileimport_change", args=[FileImport.objects.get().pk]),
    ]
    assert [browser.get(page).status_code for page in pages] == [200, 200]
