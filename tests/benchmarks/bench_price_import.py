"""
Import and check of many prices against a bare COPY of the same rows; diff of two such lists.

    python -m pytest tests/benchmarks/bench_price_import.py -s
    PRICES=500000 (the default) chooses the size. Prints one line of JSON.
"""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from time import perf_counter

import pytest
from django.db import connection, transaction

from billing.models import Price, PriceList
from billing.queries.price_changes import PriceChanges
from billing.services import price_lists
from tests.world import World

PRICES = int(os.environ.get("PRICES", "500000"))
ROOT = Path(__file__).resolve().parents[2]
HEADER = (
    "ProductTitle,ProductId,SkuId,SkuTitle,Publisher,SkuDescription,UnitOfMeasure,TermDuration,"
    "BillingPlan,Market,Currency,UnitPrice,PricingTierRangeMin,PricingTierRangeMax,"
    "EffectiveStartDate,EffectiveEndDate,Tags,ERP Price,Segment\n"
)
CONDITIONS = [
    (duration, plan, segment)
    for segment in ("Commercial", "Education", "Government", "Charity")
    for duration, plan in (("P1M", "Monthly"), ("P1Y", "Monthly"), ("P1Y", "Annual"))
]


def lines(*, raised: int) -> Iterator[str]:
    """Yield a list of `PRICES` rows; every tenth price is `raised` by that many cents."""
    yield HEADER
    for number in range(PRICES):
        offer, condition = divmod(number, len(CONDITIONS))
        duration, plan, segment = CONDITIONS[condition]
        cents = 1200 + number % 30_000 + (raised if number % 10 == 0 else 0)
        price, erp = f"{cents / 100:.2f}", f"{cents * 1.2 / 100:.2f}"
        yield (
            f"Product {offer},CFQ{offer:09},0001,Offer {offer},Cirrus,"
            f"One seat,1 seat,{duration},{plan},DE,EUR,{price},1,,2026-01-01,9999-12-31,,{erp},"
            f"{segment}\n"
        )


def import_(path: Path, world: World, month: date, *, creates_offers: bool = True) -> float:
    started = perf_counter()
    with path.open("rb") as file:
        price_lists.import_price_list(
            file=file,
            name=path.name,
            market="DE",
            currency="EUR",
            effective_on=month,
            creates_offers=creates_offers,
            act=world.act(),
        )
    return perf_counter() - started


def bare_copy(of: PriceList) -> float:
    """Return the seconds that a COPY of the same rows into the same table takes."""
    rows = io.BytesIO()
    columns = "price_list_id,offer_id,segment,duration,plan,unit_price,erp,valid_from,valid_until"
    empty = PriceList.objects.create(
        market="DE",
        currency="EUR",
        effective_on=date(2028, 1, 1),
        visible_from=price_lists.visible_from(date(2028, 1, 1)),
        created_at=of.created_at,
    )
    with connection.cursor() as cursor:
        select = columns.replace("price_list_id", str(empty.pk))
        query = f"SELECT {select} FROM billing_price WHERE price_list_id = {of.pk}"  # noqa: S608 -- ours
        with cursor.copy(f"COPY ({query}) TO STDOUT") as copy:
            for block in copy:
                rows.write(block)
        started = perf_counter()
        with (
            transaction.atomic(),
            cursor.copy(f"COPY billing_price ({columns}) FROM STDIN") as copy,
        ):
            copy.write(rows.getvalue())
    return perf_counter() - started


RUN = """
import sys
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
print(open("/proc/self/status").read())
"""


def peak_of_a_process(path: Path, month: date) -> int:
    """
    Return the peak memory, in MB, of `manage.py import_price_list` in a process of its own.

    From /proc: getrusage would count what this process, which starts it, takes.
    """
    settings = connection.settings_dict
    url = f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST']}"
    command = ["import_price_list", str(path), "--effective", month.isoformat(), "--create-offers"]
    done = subprocess.run(  # noqa: S603 -- our own command
        [sys.executable, "-c", RUN, *command],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "DATABASE_OWNER_URL": url},
        check=True,
        capture_output=True,
        text=True,
    )
    return int(done.stdout.split("VmHWM:")[1].split()[0]) // 1024


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_import_against_a_bare_copy(world: World, tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("".join(lines(raised=0)))
    second.write_text("".join(lines(raised=5)))

    seconds_with_offers = import_(first, world, date(2027, 2, 1))
    old = PriceList.objects.get()
    price_lists.schedule(price_list=old, act=world.act())
    seconds = import_(second, world, date(2027, 3, 1), creates_offers=False)
    new = PriceList.objects.get(effective_on=date(2027, 3, 1))
    bare = bare_copy(new)

    started = perf_counter()
    counts = PriceChanges(old, new).counts
    diff_seconds = perf_counter() - started
    assert Price.objects.filter(price_list=new).count() == PRICES
    # a twelfth of five cents vanishes for a monthly plan, now and then
    assert counts["ADD"] == counts["DEL"] == 0
    figures = {
        "prices": PRICES,
        "import_seconds": round(seconds, 2),
        "import_with_new_offers_seconds": round(seconds_with_offers, 2),
        "bare_copy_seconds": round(bare, 2),
        "ratio": round(seconds / bare, 2),
        "diff_seconds": round(diff_seconds, 2),
    }
    figures["peak_mb"] = peak_of_a_process(first, date(2027, 4, 1))
    print("\n" + json.dumps(figures))  # noqa: T201 -- the result
    if PRICES >= 500_000:
        assert figures["ratio"] <= 3
        assert figures["diff_seconds"] <= 2
        assert figures["peak_mb"] <= 200
