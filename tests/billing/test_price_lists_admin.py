from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from billing.models import Price, PriceList
from subscriptions.models import Offer
from tenants.models import User
from tests import make
from tests.conftest import Browser
from tests.world import World

from .price_files import JANUARY, file_of, import_rows, row

SignIn = Callable[[User], Browser]


@pytest.fixture
def operator(world: World, sign_in: SignIn) -> Browser:
    person = User.objects.create_superuser("olga@vendor.example", make.PASSWORD)
    return sign_in(person)


def upload(operator: Browser, *rows: str, **typed: Any) -> Any:
    file = SimpleUploadedFile("january.csv", file_of(*rows).getvalue(), "text/csv")
    return operator.post(
        reverse("admin:billing_pricelist_import"),
        {
            "file": file,
            "market": "de",
            "currency": "EUR",
            "effective_on": "2027-01-01",
            **typed,
        },
    )


def test_an_operator_uploads_previews_imports_and_schedules(
    world: World, operator: Browser
) -> None:
    make.price_list(JANUARY.replace(year=2026, month=11), {world.premium: ("17.30", "20.60")})

    preview = upload(operator, row(price="216.00"))

    assert preview.context["preview"].counts == {"ADD": 0, "CHG": 1, "DEL": 2, "UNC": 0}
    assert PriceList.objects.count() == 1
    token = preview.context["token"]
    confirmed = operator.post(reverse("admin:billing_pricelist_confirm", args=[token]))
    draft = PriceList.objects.get(effective_on=JANUARY)
    schedule = reverse("admin:billing_pricelist_schedule", args=[draft.pk])
    assert confirmed["Location"] == schedule
    assert "Schedule for publication" in operator.get(schedule).text
    operator.post(schedule)
    draft.refresh_from_db()
    assert draft.scheduled_at is not None
    assert draft.scheduled_by == User.objects.get(email="olga@vendor.example")
    assert "Schedule for publication" not in operator.get(schedule).text


def test_a_checked_file_is_imported_once_and_by_nobody_else(
    world: World, operator: Browser, sign_in: SignIn
) -> None:
    token = upload(operator, row()).context["token"]
    confirm = reverse("admin:billing_pricelist_confirm", args=[token])
    other = sign_in(User.objects.create_superuser("otto@vendor.example", make.PASSWORD))

    stolen = other.post(confirm)
    assert not PriceList.objects.exists()
    operator.post(confirm)
    again = operator.post(confirm)

    upload_page = reverse("admin:billing_pricelist_import")
    assert stolen["Location"] == again["Location"] == upload_page
    assert "This file is not waiting any more; upload it again." in operator.get(upload_page).text
    assert Price.objects.count() == 1


def test_bad_rows_are_shown_with_their_lines(world: World, operator: Browser) -> None:
    response = upload(operator, row(), row(price="x"), row(sku="NEW:1"))

    assert response.status_code == 400
    assert [(p.line, p.column) for p in response.context["problems"]] == [
        (3, "UnitPrice"),
        (4, "SkuId"),
    ]
    assert not PriceList.objects.exists()


def test_unknown_products_need_a_tick(world: World, operator: Browser) -> None:
    token = upload(operator, row(sku="NEW:1"), creates_offers="on").context["token"]
    assert not Offer.objects.filter(sku="NEW:1").exists()

    operator.post(reverse("admin:billing_pricelist_confirm", args=[token]))

    assert Offer.objects.get(sku="NEW:1").state == "draft"


def test_what_was_typed_wrong_is_said_at_its_field(world: World, operator: Browser) -> None:
    response = upload(operator, row(), market="Germany", effective_on="2027-01-02")

    assert set(response.context["form"].errors) == {"market", "effective_on"}


def test_a_month_that_is_too_late_cannot_be_scheduled(world: World, operator: Browser) -> None:
    late = import_rows(world, row(), effective_on=JANUARY.replace(year=2026, month=12)).price_list
    schedule = reverse("admin:billing_pricelist_schedule", args=[late.pk])

    assert "January 2027" in operator.get(schedule).text
    answer = operator.post(schedule, follow=True)

    assert "Too late for that month: partners would see it less than 30 days ahead." in answer.text
    late.refresh_from_db()
    assert late.scheduled_at is None


def test_a_draft_can_be_discarded(world: World, operator: Browser) -> None:
    draft = import_rows(world, row()).price_list

    operator.post(reverse("admin:billing_pricelist_discard", args=[draft.pk]))

    assert not PriceList.objects.exists()


def test_lists_and_prices_are_read_only_in_the_admin(world: World, operator: Browser) -> None:
    listed = make.price_list(JANUARY, {world.premium: ("17.30", "20.60")})
    price = listed.prices.order_by("pk")[0]

    for model, pk in (("pricelist", listed.pk), ("price", price.pk)):
        change = reverse(f"admin:billing_{model}_change", args=[pk])
        assert operator.get(change).status_code == 200
        assert operator.get(reverse(f"admin:billing_{model}_changelist")).status_code == 200
        assert operator.post(change, {"unit_price": "1"}).status_code == 403
        assert operator.get(reverse(f"admin:billing_{model}_add")).status_code == 403


def test_partners_do_not_get_in(world: World, sign_in: SignIn) -> None:
    response = sign_in(world.ada).get(reverse("admin:billing_pricelist_import"))

    assert response.status_code in {302, 403}


def test_operators_without_the_right_are_refused(world: World, sign_in: SignIn) -> None:
    support = User.objects.create_user("sue@vendor.example", make.PASSWORD, is_staff=True)

    assert sign_in(support).get(reverse("admin:billing_pricelist_import")).status_code == 403
