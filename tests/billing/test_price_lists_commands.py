from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from billing.models import Price, PriceList
from billing.tasks.price_lists import publish_price_lists
from csp_portal.shared import clock
from tests import make
from tests.world import World

from .price_files import JANUARY, LICENCE_BASED_SAMPLE, SAMPLE, file_of, row


def run(name: str, *arguments: object) -> str:
    out = StringIO()
    call_command(name, *[str(each) for each in arguments], stdout=out, stderr=out)
    return out.getvalue()


def test_a_file_that_names_its_market_needs_only_the_month(world: World) -> None:
    said = run("import_price_list", SAMPLE, "--effective", "2027-01-01", "--create-offers")

    assert "Price list DE EUR of January 2027: 40 prices" in said
    assert "ADD 40, CHG 0, DEL 0, UNC 0" in said
    assert "10 offers are new" in said
    assert PriceList.objects.get().scheduled_at is None


def test_the_other_format_has_to_be_told(world: World) -> None:
    arguments = (LICENCE_BASED_SAMPLE, "--effective", "2016-02-01", "--create-offers")

    with pytest.raises(CommandError, match="give --market and --currency"):
        run("import_price_list", *arguments)
    run("import_price_list", *arguments, "--market", "US", "--currency", "usd")

    listed = PriceList.objects.get()
    assert (listed.market, listed.currency, listed.prices.count()) == ("US", "USD", 80)


def test_a_dry_run_keeps_nothing(world: World) -> None:
    said = run(
        "import_price_list", SAMPLE, "--effective", "2027-01-01", "--create-offers", "--dry-run"
    )

    assert "Dry run: nothing was kept." in said
    assert not PriceList.objects.exists()


def test_bad_rows_are_named_and_the_command_fails(world: World, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(file_of(row(), row(price="x"), row(sku="NEW:1")).getvalue())
    out = StringIO()

    with pytest.raises(CommandError, match="2 problems; nothing was imported"):
        call_command(
            "import_price_list", path, effective=JANUARY, market="DE", currency="EUR", stderr=out
        )

    assert [line.split(":")[0] for line in out.getvalue().splitlines()] == [
        "line 3, UnitPrice",
        "line 4, SkuId",
    ]


def test_scheduling_too_late_imports_nothing(world: World, tmp_path: Path) -> None:
    path = tmp_path / "late.csv"
    path.write_bytes(file_of(row()).getvalue())
    arguments = (path, "--market", "DE", "--currency", "EUR", "--schedule", "--effective")

    with pytest.raises(CommandError, match="January 2027"):
        run("import_price_list", *arguments, "2026-12-01")
    assert not PriceList.objects.exists()
    said = run("import_price_list", *arguments, "2027-01-01")

    assert "partners see it from 2026-12-02 00:00 UTC" in said
    assert PriceList.objects.get().scheduled_at == clock.now()


def test_a_missing_file_is_an_error(world: World) -> None:
    with pytest.raises(CommandError, match="No such file"):
        run("import_price_list", "/nowhere.csv", "--effective", "2027-01-01")


def test_publishing_says_what_it_would_do_and_does_it_once(
    world: World, django_capture_on_commit_callbacks: object
) -> None:
    make.price_list(JANUARY, {world.premium: ("17.30", "20.60")})

    assert run("publish_price_lists") == "Announced 0 price lists.\n"
    assert "Would announce 1 price lists" in run(
        "publish_price_lists", "--on", "2026-12-02", "--dry-run"
    )
    assert PriceList.objects.get().published_at is None
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        said = run("publish_price_lists", "--on", "2026-12-02")
        again = run("publish_price_lists", "--on", "2026-12-02")

    assert said.splitlines()[0] == "Announced: Price list DE EUR of January 2027"
    assert again == "Announced 0 price lists.\n"
    assert len(mail.outbox) == 3


def test_beats_task_announces_what_is_due(
    world: World, django_capture_on_commit_callbacks: object
) -> None:
    make.price_list(JANUARY, {world.premium: ("17.30", "20.60")})

    publish_price_lists()
    assert PriceList.objects.get().published_at is None
    with (
        clock.pinned_to(date(2026, 12, 2)),
        django_capture_on_commit_callbacks(execute=True),  # type: ignore[operator]
    ):
        publish_price_lists()
        publish_price_lists()

    assert PriceList.objects.get().published_at is not None
    assert len(mail.outbox) == 3
    assert Price.objects.count() == 3
