"""A price list file becomes a draft: all of it, or nothing and a list of what is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import BinaryIO
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from csp_portal.shared.csvfiles import CsvRefused
from csp_portal.shared.money import minor_units
from tenants.acts import Act
from tenants.models import Tenant
from tenants.services import activity

from ..domain.calendar import next_possible_effective_day, publication_day
from ..models import PriceList
from ..queries.price_changes import MARKS, PriceChange, PriceChanges
from ..queries.price_lists import list_before
from .price_list_errors import AlreadyScheduled, NotTheFirstOfAMonth, PriceListRefused
from .price_list_files import PriceFile, open_price_file
from .price_list_reading import Progress, Reading, read_into

# How many changes a preview shows, and how many problems a refusal names.
SHOWN_CHANGES = 200
NAMED_PROBLEMS = 1_000


@dataclass(frozen=True, slots=True)
class PriceListImport:
    """
    What an import did, or after a dry run: what it would do.

    `counts` compares with the list it `follows`, by mark; `changes` are, after a dry run, the
    first rows of that comparison that are not UNC.
    """

    price_list: PriceList
    follows: PriceList | None
    counts: dict[str, int]
    changes: list[PriceChange]
    prices: int
    new_offers: int
    notices: list[str]


def visible_from(effective_on: date) -> datetime:
    """Return the instant partners first see a list (R13): 00:00 business time, 30 days before."""
    zone = ZoneInfo(settings.BUSINESS_TIME_ZONE)
    return datetime.combine(publication_day(effective_on), time(), tzinfo=zone)


def import_price_list(
    *,
    file: BinaryIO,
    name: str,
    market: str,
    currency: str,
    effective_on: date,
    creates_offers: bool,
    act: Act,
    is_dry_run: bool = False,
    progress: Progress | None = None,
) -> PriceListImport:
    """
    Make the file the draft of its market and month, in place of an earlier draft.

    Both formats are taken, see `Files` in billing/README.md. Unknown products become offers
    in state draft with `creates_offers`; without it each is a problem of its row. A dry run
    does all of it and rolls back. `progress` hears how many lines were read.

    :raises PriceListRefused: with every bad row of the file; nothing is imported
    :raises NotTheFirstOfAMonth: if `effective_on` is another day
    :raises AlreadyScheduled: if the market's list for that month is not a draft any more
    """
    if effective_on.day != 1:
        raise NotTheFirstOfAMonth(f"{effective_on} is not the first of a month")
    with transaction.atomic():
        try:
            prices = open_price_file(
                file, market=market, currency=currency, minor_units=minor_units(currency)
            )
        except CsvRefused as refused:
            raise PriceListRefused(refused.problems) from refused
        draft = _empty_draft(market, currency, effective_on, name, act)
        read = read_into(prices, draft, creates_offers=creates_offers, progress=progress)
        if read.problems:
            raise PriceListRefused(sorted(read.problems)[:NAMED_PROBLEMS])
        result = _result(prices, draft, read, act, has_changes=is_dry_run)
        if is_dry_run:
            transaction.set_rollback(True)
        else:
            _record(result, act)
    return result


def _empty_draft(market: str, currency: str, effective_on: date, name: str, act: Act) -> PriceList:
    """Return the locked draft of the month, new or emptied."""
    draft, is_new = PriceList.objects.get_or_create(
        market=market,
        currency=currency,
        effective_on=effective_on,
        defaults={
            "visible_from": visible_from(effective_on),
            "created_at": act.at,
            "created_by": act.by,
            "source_name": name,
        },
    )
    draft = PriceList.objects.select_for_update().get(pk=draft.pk)
    if draft.scheduled_at is not None:
        raise AlreadyScheduled(draft)
    with connection.cursor() as cursor:
        # half a million rows take longer than a page may; this transaction only
        cursor.execute("SET LOCAL statement_timeout = '120s'")
        if not is_new:
            cursor.execute("DELETE FROM billing_price WHERE price_list_id = %s", [draft.pk])
    draft.source_name = name
    draft.save(update_fields=["source_name"])
    return draft


def _result(
    prices: PriceFile, draft: PriceList, read: Reading, act: Act, *, has_changes: bool
) -> PriceListImport:
    follows = list_before(draft)
    counts = PriceChanges(follows, draft).counts
    changed = PriceChanges(follows, draft, marks=tuple(mark for mark in MARKS if mark != "UNC"))
    return PriceListImport(
        price_list=draft,
        follows=follows,
        counts=counts,
        changes=changed[:SHOWN_CHANGES] if has_changes else [],
        prices=read.prices,
        new_offers=read.new_offers,
        notices=[*prices.rows.notices, *_notices(draft, read, act)],
    )


def _notices(draft: PriceList, read: Reading, act: Act) -> Iterator[str]:
    if draft.visible_from < act.at:
        yield _(
            "Too late for %(month)s: partners would have to see it since %(day)s. "
            "The next possible month is %(next)s."
        ) % {
            "month": f"{draft.effective_on:%B %Y}",
            "day": publication_day(draft.effective_on).isoformat(),
            "next": f"{next_possible_effective_day(act.on):%B %Y}",
        }
    if read.left_out:
        yield ngettext(
            "%(count)d price ends before the list takes effect and was left out.",
            "%(count)d prices end before the list takes effect and were left out.",
            read.left_out,
        ) % {"count": read.left_out}
    if read.below_cost:
        yield ngettext(
            "%(count)d price has an ERP below what the partner pays.",
            "%(count)d prices have an ERP below what the partner pays.",
            read.below_cost,
        ) % {"count": read.below_cost}


def _record(result: PriceListImport, act: Act) -> None:
    draft = result.price_list
    activity.record(
        tenant=Tenant.objects.vendor(),
        act=act,
        action="price_list.imported",
        about=draft.pk,
        summary=f"imported {draft} from {draft.source_name}: {result.prices} prices",
        after={**result.counts, "new_offers": result.new_offers},
    )
