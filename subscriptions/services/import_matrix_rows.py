"""The rows of an offer matrix, read one by one."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from csp_portal.shared.csvfiles import Row

from ..models import OfferRule
from .import_cells import Cells

REQUIRED = ("ProductId", "SkuId", "MinLicenses", "MaxLicenses")
OPTIONAL = (
    "ProductTitle",
    "SkuTitle",
    "ProvisioningId",
    "ProvisioningString",
    "AssetOwnershipLimit",
    "AssetOwnershipLimitType",
    "ProductSkuPreRequisites",
    "ProductSkuConversion",
    "Description",
    "AllowedCountries",
)
MOST_SEATS = 1_000_000
LIMIT_KINDS = {
    "": OfferRule.LimitKind.NONE,
    "none": OfferRule.LimitKind.NONE,
    "concurrent": OfferRule.LimitKind.CONCURRENT,
    "lifetime": OfferRule.LimitKind.LIFETIME,
}
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class MatrixRow:
    line: int
    sku: str
    title: str
    seat_minimum: int
    seat_maximum: int
    customer_limit: int | None
    limit_kind: str
    requires: tuple[str, ...]
    converts_to: tuple[str, ...]
    countries: tuple[str, ...]


def parse_matrix_row(line: int, row: Row) -> MatrixRow:
    cells = Cells(row)
    product = cells.text("ProductId", longest=40, required=True)
    sku = cells.text("SkuId", longest=20, required=True)
    least = cells.number("MinLicenses", least=1, most=MOST_SEATS, default=1)
    most = cells.number("MaxLicenses", least=1, most=MOST_SEATS, default=MOST_SEATS)
    if cells.is_good("MinLicenses") and cells.is_good("MaxLicenses") and most < least:
        cells.fault("MaxLicenses", _("Less than the minimum."))
    kind = row["AssetOwnershipLimitType"].casefold()
    if kind not in LIMIT_KINDS:
        cells.fault("AssetOwnershipLimitType", _("Write None, Concurrent or Lifetime."))
    limit = cells.number("AssetOwnershipLimit", least=0, most=MOST_SEATS, default=0)
    limit_kind = LIMIT_KINDS.get(kind, OfferRule.LimitKind.NONE)
    if limit_kind and not limit:
        cells.fault("AssetOwnershipLimit", _("Missing: its type says that there is a limit."))
    countries = _several(row["AllowedCountries"].upper())
    if wrong := [country for country in countries if not _COUNTRY.fullmatch(country)]:
        cells.fault(
            "AllowedCountries", _("Not a country of two letters: %(code)s.") % {"code": wrong[0]}
        )
    cells.finish()
    return MatrixRow(
        line=line,
        sku=f"{product}:{sku}",
        title=row["SkuTitle"] or row["ProductTitle"],
        seat_minimum=least,
        seat_maximum=most,
        customer_limit=limit if limit_kind else None,
        limit_kind=limit_kind,
        requires=_several(row["ProductSkuPreRequisites"]),
        converts_to=_several(row["ProductSkuConversion"]),
        countries=countries,
    )


def _several(cell: str) -> tuple[str, ...]:
    """Return what stands in one cell, separated by commas, semicolons, bars or spaces."""
    return tuple(dict.fromkeys(part for part in re.split(r"[,;|\s]+", cell) if part))
