"""The vendor's offer matrix: what a file says, and what it lets a customer have."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from billing.services import next_terms
from subscriptions.models import Offer, OfferRule, Subscription
from subscriptions.services import errors, lifecycle
from subscriptions.services.imports import ImportRefused, ImportReport, import_offer_matrix
from tenants.models import User
from tests import make
from tests.billing.selling import list_prices, sell
from tests.conftest import Browser
from tests.world import TODAY, World

from .conftest import House

HEADER = (
    "ProductTitle,ProductId,SkuId,SkuTitle,ProvisioningId,ProvisioningString,MinLicenses,"
    "MaxLicenses,AssetOwnershipLimit,AssetOwnershipLimitType,ProductSkuPreRequisites,"
    "ProductSkuConversion,Description,AllowedCountries\n"
)
PREMIUM = (
    "Business Premium,CFQ7TTC0LCHC,0002,Business Premium,,,1,300,{limit},{kind},,,,{countries}\n"
)
PHONE = "Phone,CFQ7TTC0LH0T,0001,Teams Phone Standard,,,1,,,None,{requires},,,\n"


def premium(limit: str = "", kind: str = "", countries: str = "") -> str:
    return PREMIUM.format(limit=limit, kind=kind, countries=countries)


def phone(requires: str = "") -> str:
    return PHONE.format(requires=requires)


def load(world: World, *rows: str, is_dry_run: bool = False) -> ImportReport:
    text = HEADER + "".join(rows)
    return import_offer_matrix(
        file=io.BytesIO(text.encode()), act=world.act(), is_dry_run=is_dry_run
    )


def problems(world: World, *rows: str) -> list[str]:
    with pytest.raises(ImportRefused) as refused:
        load(world, *rows)
    assert not OfferRule.objects.exists()
    return [str(problem) for problem in refused.value.problems]


def test_it_sets_seat_limits_and_says_what_it_did(house: House) -> None:
    report = load(house.world, premium(), "Other,XX,0001,Other,,,1,5,,,,,,\n")

    house.world.premium.refresh_from_db()
    assert (house.world.premium.seat_minimum, house.world.premium.seat_maximum) == (1, 300)
    assert report.counts == {
        "Offers with a row": 1,
        "Rows of offers that are not in the catalogue": 1,
        "Offers that cannot be ordered, having no row": 1,
    }
    assert report.notices == [
        "Left out, not in the catalogue: XX:0001.",
        "Without a row, so not to be ordered: Teams Phone Standard.",
    ]


def test_a_dry_run_writes_nothing(house: House) -> None:
    load(house.world, premium(), is_dry_run=True)

    assert not OfferRule.objects.exists()
    house.world.premium.refresh_from_db()
    assert house.world.premium.seat_maximum == 10_000


def test_a_new_matrix_takes_the_place_of_the_whole_one_before(house: House) -> None:
    load(house.world, premium(), phone("CFQ7TTC0LCHC:0002"))
    load(house.world, phone())

    assert [rule.offer for rule in OfferRule.objects.all()] == [house.world.phone]
    assert not OfferRule.objects.get().requires.exists()


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("A,P,0001,A,,,0,5,,,,,,\n", "line 2, MinLicenses: Not between 1 and 1000000."),
        ("A,P,0001,A,,,9,5,,,,,,\n", "line 2, MaxLicenses: Less than the minimum."),
        ("A,P,0001,A,,,1,five,,,,,,\n", "line 2, MaxLicenses: Not a whole number in plain digits."),
        (
            "A,P,0001,A,,,1,5,3,Often,,,,\n",
            "line 2, AssetOwnershipLimitType: Write None, Concurrent or Lifetime.",
        ),
        (
            "A,P,0001,A,,,1,5,,Lifetime,,,,\n",
            "line 2, AssetOwnershipLimit: Missing: its type says that there is a limit.",
        ),
        (
            "A,P,0001,A,,,1,5,,,,,,GER\n",
            "line 2, AllowedCountries: Not a country of two letters: GER.",
        ),
        ("A,,0001,A,,,1,5,,,,,,\n", "line 2, ProductId: Missing."),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_imported(house: House, row: str, problem: str) -> None:
    assert [text.lower() for text in problems(house.world, row, premium())] == [problem.lower()]


def test_a_sku_twice_and_an_unknown_prerequisite_are_refused(house: House) -> None:
    assert [
        text.lower() for text in problems(house.world, premium(), premium(), phone("NO:1"))
    ] == [
        "line 3, skuid: cfq7ttc0lchc:0002 is on line 2 already.",
        "line 4, productskuprerequisites: no:1 is not known here.",
    ]


def test_without_a_matrix_everything_listed_can_be_ordered(house: House) -> None:
    assert house.order().state == "active"


def test_a_listed_offer_that_is_not_in_the_matrix_cannot_be_ordered_yet(house: House) -> None:
    load(house.world, phone())

    with pytest.raises(errors.NotInMatrix, match="not in the offer matrix yet") as refused:
        house.order()

    assert "try again when the next matrix is imported" in str(refused.value)


@pytest.mark.parametrize(("seats", "is_refused"), [(300, False), (301, True)])
def test_seats_of_the_matrix_count(house: House, seats: int, is_refused: bool) -> None:
    load(house.world, premium())
    subscription = house.order(seats=10)

    house.world.premium.refresh_from_db()
    if is_refused:
        with pytest.raises(errors.SeatsOutOfRange, match="between 1 and 300"):
            house.order(seats=seats)
        with pytest.raises(errors.SeatsOutOfRange):
            lifecycle.change_seats(subscription=subscription, seats=seats, act=house.world.act())
    else:
        house.order(seats=seats)


@pytest.mark.parametrize("channel", ["csp", "direct"])
def test_a_prerequisite_is_held_from_any_channel(house: House, channel: str) -> None:
    world = house.world
    suite = make.offer("Suite", "CFQ7TTC0SUIT:0001")
    load(world, premium(), "S,CFQ7TTC0SUIT,0001,Suite,,,1,9,,,CFQ7TTC0LCHC:0002,,,\n")

    with pytest.raises(errors.MissingPrerequisite, match="active: Business Premium"):
        house.order(seats=2, offer=suite)
    if channel == "csp":
        house.order()
    else:
        make.other_channel(world.northwind, "direct", "Business Premium", offer=world.premium)
    suites = house.order(seats=2, offer=suite)

    Subscription.objects.csp().filter(offer=world.premium).update(state="cancelled")
    if channel == "csp":
        with pytest.raises(errors.MissingPrerequisite):
            lifecycle.change_seats(subscription=suites, seats=3, act=world.act())
    assert lifecycle.change_seats(subscription=suites, seats=1, act=world.act()).seats_after == 1


def test_the_limit_of_subscriptions_at_a_time(house: House) -> None:
    load(house.world, premium(limit="1", kind="Concurrent"))
    first = house.order()

    with pytest.raises(errors.CustomerLimitReached, match="Change the seats of one of them"):
        house.order()
    lifecycle.cancel(subscription=first, act=house.world.act())
    assert house.order(on=TODAY).state == "active"


def test_the_limit_of_subscriptions_ever(house: House) -> None:
    load(house.world, premium(limit="1", kind="Lifetime"))
    first = house.order()
    lifecycle.cancel(subscription=first, act=house.world.act())

    with pytest.raises(errors.CustomerLimitReached, match="only 1 times ever"):
        house.order(on=TODAY)


@pytest.mark.parametrize(
    ("countries", "is_sold"), [("AT;DE", True), ("at de", True), ("AT", False)]
)
def test_countries(house: House, countries: str, is_sold: bool) -> None:
    load(house.world, premium(countries=countries))

    if is_sold:
        house.order()
    else:
        with pytest.raises(errors.NotSoldInCountry, match="not sold in Germany"):
            house.order()


def test_what_exists_goes_on_and_is_renewed(world: World) -> None:
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    subscription = sell(world, seats=10)
    load(world, phone())

    (term,) = lifecycle.renew(subscription=subscription, act=world.act(on=subscription.ends_on))

    assert term.opening_seats == 10


def test_a_scheduled_offer_must_be_in_the_matrix_too(world: World) -> None:
    make.relationship(world.fabrikam, world.northwind)
    basic = make.offer("Business Basic", "CFQ7TTC0LH18:0001")
    list_prices(world)
    subscription = sell(world, seats=10)
    load(world, premium())

    with pytest.raises(errors.NotInMatrix):
        next_terms.schedule(subscription=subscription, offer=basic, act=world.act())


def test_the_order_page_shows_the_refusal(world: World, sign_in: Callable[[User], Browser]) -> None:
    make.relationship(world.fabrikam, world.northwind)
    prices = list_prices(world)
    load(world, phone())
    price = prices.prices.get(offer=world.premium, duration="P1Y", plan="monthly")

    page = sign_in(world.ada).post(
        reverse("billing:order", args=[world.northwind.public_id]),
        {"price": price.pk, "seats": 5},
    )

    assert "is on the price list but not in the offer matrix yet" in page.content.decode()


def test_the_command_imports_or_names_the_rows(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(HEADER + premium(), encoding="utf-8")
    bad.write_text(HEADER + "A,P,0001,A,,,9,5,,,,,,\n", encoding="utf-8")

    call_command("import_offer_matrix", str(good), dry_run=True)
    assert not OfferRule.objects.exists()
    call_command("import_offer_matrix", str(good))
    assert OfferRule.objects.count() == 1
    with pytest.raises(CommandError):
        call_command("import_offer_matrix", str(bad))
    assert OfferRule.objects.count() == 1


def test_an_operator_imports_it_in_the_admin(
    house: House, sign_in: Callable[[User], Browser], settings: Any
) -> None:
    olga = User.objects.create_superuser("olga@vendor.example", make.PASSWORD)
    browser = sign_in(olga)
    upload = reverse("admin:subscriptions_fileimport_upload", args=["offer_matrix"])
    file = SimpleUploadedFile("matrix.csv", (HEADER + premium()).encode())

    shown = browser.get(upload).content.decode()
    confirm = browser.post(upload, {"file": file})
    preview = browser.get(confirm["Location"]).content.decode()
    browser.post(confirm["Location"])

    assert "takes the place of the whole matrix before it" in shown
    assert "Offers that cannot be ordered, having no row" in preview
    assert OfferRule.objects.get().offer == house.world.premium
    assert Offer.objects.get(pk=house.world.premium.pk).seat_maximum == 300
