"""
A price list as a file that partners' tools read, and the portal takes back.

The columns are those of the current format, `UnitPrice` and `ERP Price` for the whole term,
with `Segment` and then our own: the same prices per seat and billing period.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from tempfile import TemporaryFile
from typing import BinaryIO

import xlsxwriter

from csp_portal.shared.csvfiles import csv_lines, csv_text
from subscriptions.models import Term
from tenants.models import Tenant

from ..models import Price, PriceList
from ..models.price_lists import Plan, Segment
from ..queries.price_lists import PriceFilter, prices_of

HEADER = (
    *("ProductTitle", "ProductId", "SkuId", "SkuTitle", "Publisher", "SkuDescription"),
    *("UnitOfMeasure", "TermDuration", "BillingPlan", "Market", "Currency", "UnitPrice"),
    *("PricingTierRangeMin", "PricingTierRangeMax", "EffectiveStartDate", "EffectiveEndDate"),
    *("Tags", "ERP Price", "Segment"),
    *("Price per seat and period", "ERP per seat and period", "Add-on"),
)
BATCH = 2_000

Cell = str | int | Decimal | None


def csv_of(price_list: PriceList) -> Iterator[bytes]:
    """Yield the file line by line."""
    return csv_lines(header=HEADER, rows=_rows(price_list))


def xlsx_of(price_list: PriceList) -> BinaryIO:
    """Return a workbook with one sheet, prices as numbers, open at its beginning."""
    file = TemporaryFile()  # noqa: SIM115 -- the response closes it
    workbook = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False})
    sheet = workbook.add_worksheet(f"{price_list.effective_on:%Y-%m} {price_list.market}")
    sheet.write_row(0, 0, HEADER, workbook.add_format({"bold": True}))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, 0, len(HEADER) - 1)
    for number, cells in enumerate(_rows(price_list), start=1):
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(number, column, csv_text(cell))
            elif cell is not None:
                sheet.write_number(number, column, cell)
    workbook.close()
    file.seek(0)
    return file


def _rows(price_list: PriceList) -> Iterator[list[Cell]]:
    publisher = Tenant.objects.vendor().name
    prices: Iterable[Price] = prices_of(price_list, PriceFilter()).iterator(chunk_size=BATCH)
    for price in prices:
        offer = price.offer
        product_id, _colon, sku_id = offer.sku.partition(":")
        months = 12 if (price.duration, price.plan) == (Term.Duration.YEAR, Plan.MONTHLY) else 1
        yield [
            *(offer.product_family, product_id, sku_id, offer.title, publisher, offer.description),
            *("1 seat", price.duration, str(Plan(price.plan).name.title())),
            *(price_list.market, price_list.currency, price.unit_price * months, 1, None),
            price.valid_from.isoformat() if price.valid_from else None,
            _last_day(price),
            *("", price.erp * months, str(Segment(price.segment).label)),
            *(price.unit_price, price.erp, "yes" if offer.is_add_on else "no"),
        ]


def _last_day(price: Price) -> str | None:
    """Return the end as the format writes it: the midnight after the last day."""
    return f"{price.valid_until.isoformat()}T00:00:00Z" if price.valid_until else None
