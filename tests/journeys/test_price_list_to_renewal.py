"""
A price list from a file with mistakes to the renewal that takes its price.

Through the services that operators' pages and commands call, the views that partners see,
and the task that beat sends.
"""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.core import mail
from django.db import DatabaseError, transaction
from django.urls import reverse

from billing.models import LockedPrice, Price, PriceList
from billing.services import closing, price_lists, renewals
from csp_portal.celery import app
from csp_portal.shared import clock
from subscriptions.models import Offer
from tenants.models import Activity, User
from tests import make
from tests.billing.selling import FOUNDED, charged, sell
from tests.conftest import Browser
from tests.world import World

MARCH = date(2027, 3, 1)
# 00:00 business time, 30 days before 1 March 2027
INSTANT = datetime(2027, 1, 30, tzinfo=UTC)
RENEWAL = date(2027, 3, 14)
HEADER = (
    "ProductTitle,ProductId,SkuId,SkuTitle,Publisher,SkuDescription,UnitOfMeasure,TermDuration,"
    "BillingPlan,Market,Currency,UnitPrice,PricingTierRangeMin,PricingTierRangeMax,"
    "EffectiveStartDate,EffectiveEndDate,Tags,ERP Price,Segment"
)
ROWS = 5_000
# line in the file -> what somebody typed there, in place of what
BAD = {
    17: ("207.60", "207,60"),
    2_500: (",P1Y,", ",P2W,"),
    5_001: (",EUR,", ",USD,"),
}


def row(sku: str, *, price: str = "207.60", erp: str = "259.56") -> str:
    """Return a line: a year's prices, billed monthly."""
    product, _, number = sku.partition(":")
    return (
        f"Suite,{product},{number},Offer {product},Cirrus,One seat,1 seat,P1Y,Monthly,DE,EUR,"
        f'"{price}",1,,2027-03-01,9999-12-31,,{erp},Commercial'
    )


def price_file(world: World, *, bad: bool = False) -> io.BytesIO:
    """Return 5,000 rows, the first of Business Premium: 207.60 / 12 = 17.30, ERP 21.63 a month."""
    rows = [row(world.premium.sku), *(row(f"CFQ{n:09}:0001") for n in range(1, ROWS))]
    if bad:
        for line, (right, wrong) in BAD.items():
            assert right in rows[line - 2]  # line 1 is the header
            rows[line - 2] = rows[line - 2].replace(right, wrong)
    return io.BytesIO("\n".join([HEADER, *rows, ""]).encode())


def import_(world: World, file: io.BytesIO, *, on: date) -> price_lists.PriceListImport:
    return price_lists.import_price_list(
        file=file,
        name="march.csv",
        market="DE",
        currency="EUR",
        effective_on=MARCH,
        creates_offers=True,
        act=world.act(on=on),
    )


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Return a function that stops the portal's clock at an instant."""
    return lambda moment: monkeypatch.setattr(clock, "now", lambda: moment)


def beat_publishes() -> None:
    """Run what beat sends every night, as a worker does."""
    (entry,) = [
        entry
        for entry in settings.CELERY_BEAT_SCHEDULE.values()
        if entry["task"] == "billing.publish_price_lists"
    ]
    app.loader.import_default_modules()  # as a worker does when it starts
    app.tasks[entry["task"]].apply(throw=True)


def test_a_file_with_three_bad_rows_is_refused_whole(world: World) -> None:
    offers = Offer.objects.count()

    with pytest.raises(price_lists.PriceListRefused) as refused:
        import_(world, price_file(world, bad=True), on=FOUNDED)

    assert [(problem.line, problem.column) for problem in refused.value.problems] == [
        (17, "UnitPrice"),
        (2_500, "TermDuration"),
        (5_001, "Currency"),
    ]
    assert [str(problem).split(":")[0] for problem in refused.value.problems] == [
        "line 17, UnitPrice",
        "line 2500, TermDuration",
        "line 5001, Currency",
    ]
    assert not PriceList.objects.exists()
    assert Offer.objects.count() == offers
    assert not Activity.objects.filter(action="price_list.imported").exists()


def test_from_the_corrected_file_to_the_next_renewal(
    world: World,
    sign_in: Callable[[User], Browser],
    at: Callable[[datetime], None],
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    make.relationship(world.fabrikam, world.northwind)
    make.price_list(date(2026, 3, 1), {world.premium: ("16.48", "20.60")})
    subscription = sell(world, seats=60)

    # an operator imports in November and schedules
    imported = import_(world, price_file(world), on=date(2026, 11, 22))
    assert (imported.prices, imported.new_offers) == (5_000, 4_999)
    assert imported.counts["CHG"] == 1
    march = price_lists.schedule(
        price_list=imported.price_list, act=world.act(on=date(2026, 11, 22))
    )
    assert march.visible_from == INSTANT

    # one second before its instant it is not there, for anybody
    partners = [sign_in(world.ada), sign_in(world.nora)]
    at(INSTANT - timedelta(seconds=1))
    beat_publishes()
    assert [statuses(partner, march) for partner in partners] == [[404] * 4, [404] * 4]
    assert [is_listed(partner, march) for partner in partners] == [False, False]
    march.refresh_from_db()
    assert march.published_at is None

    # at it, it is; no task has to run for that
    at(INSTANT)
    assert [statuses(partner, march) for partner in partners] == [[200] * 4, [200] * 4]
    assert [is_listed(partner, march) for partner in partners] == [True, True]

    # the task announces it, once
    mail.outbox.clear()
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            beat_publishes()
    march.refresh_from_db()
    assert march.published_at == INSTANT
    addresses = [address for letter in mail.outbox for address in letter.to]
    assert sorted(addresses) == sorted(set(addresses))
    assert {world.ada.email, world.nora.email} <= set(addresses)
    published = Activity.objects.filter(action="price_list.published", about=str(march.pk))
    assert sorted(published.values_list("tenant__name", flat=True)) == [
        "Cirrus",
        "Fabrikam Cloud",
        "Tailspin Partners",
    ]

    it_is_frozen(world, march)

    # the term that began under the old list keeps its price to its end
    renewals.renew_due(act=world.act(on=RENEWAL - timedelta(days=1)))
    assert terms(subscription.pk) == [(1, Decimal("16.48"), Decimal("20.60"))]
    report = renewals.renew_due(act=world.act(on=RENEWAL))
    assert (report.renewed, report.failures) == (1, [])
    assert terms(subscription.pk) == [
        (1, Decimal("16.48"), Decimal("20.60")),
        (2, Decimal("17.30"), Decimal("21.63")),
    ]
    renewed = LockedPrice.objects.filter(subscription=subscription, term__number=2)
    assert {locked.price.price_list for locked in renewed if locked.price} == {march}

    # 21.63 x 60 = 1,297.80 and 17.30 x 60 = 1,038.00 on the invoices of March
    closing.close_due(act=world.act(on=date(2027, 4, 1)))
    assert charged(subscription, world.northwind)[-1] == ("renew", 60, "1297.80")
    assert charged(subscription, world.fabrikam.tenant)[-1] == ("renew", 60, "1038.00")


def statuses(partner: Browser, price_list: PriceList) -> list[int]:
    """Return what the list's pages and files answer."""
    number = price_list.pk
    answers = [
        partner.get(url)
        for url in (
            reverse("billing:price-list", args=[number]),
            reverse("billing:price-list-diff", args=[number]),
            reverse("billing:price-list-download", args=[number, "csv"]),
            reverse("billing:price-list-download", args=[number, "xlsx"]),
        )
    ]
    for answer in answers:
        answer.getvalue()  # all of a file, so that it is closed
    return [answer.status_code for answer in answers]


def is_listed(partner: Browser, price_list: PriceList) -> bool:
    page = partner.get(reverse("billing:price-lists"))
    assert page.status_code == 200
    return reverse("billing:price-list", args=[price_list.pk]) in page.text


def it_is_frozen(world: World, march: PriceList) -> None:
    """Neither the services nor a statement of somebody's own change a scheduled list."""
    with pytest.raises(price_lists.AlreadyScheduled):
        import_(world, price_file(world), on=date(2027, 1, 30))
    with pytest.raises(price_lists.AlreadyScheduled):
        price_lists.discard(price_list=march, act=world.act(on=date(2027, 1, 30)))
    prices = Price.objects.filter(price_list=march)
    for statement in (
        lambda: prices.update(erp=Decimal(1)),
        lambda: prices.filter(offer=world.premium).delete(),
        lambda: PriceList.objects.filter(pk=march.pk).update(effective_on=date(2027, 4, 1)),
    ):
        with pytest.raises(DatabaseError, match="R14"), transaction.atomic():
            statement()
    assert prices.count() == ROWS


def terms(subscription: int) -> list[tuple[int, Decimal, Decimal]]:
    """Return (term, what the partner pays, what the customer pays), per seat and month."""
    locked = LockedPrice.objects.filter(subscription=subscription).order_by("term__number", "leg")
    prices = list(locked.values_list("term__number", "unit_price"))
    return [
        (number, cost, sale)
        for (number, cost), (_, sale) in zip(prices[::2], prices[1::2], strict=True)
    ]
