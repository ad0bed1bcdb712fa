"""Price list files for tests, in the current format and the licence-based one."""

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from billing.services import price_lists
from tests.world import TODAY, World

DATA = Path(__file__).parents[1] / "data"
SAMPLE = DATA / "price-list-sample.csv"
LICENCE_BASED_SAMPLE = DATA / "price-list-sample-licence-based.csv"

JANUARY, FEBRUARY = date(2027, 1, 1), date(2027, 2, 1)
CURRENT = (
    "ProductId,SkuId,SkuTitle,TermDuration,BillingPlan,UnitPrice,ERP Price,Segment,"
    "EffectiveStartDate,EffectiveEndDate"
)
LICENCE_BASED = (
    "Flag (ADD|CHG|DEL|UNC|DEPR),Offer Display Name,Offer ID,License Agreement Type,Purchase Unit,"
    "Secondary License Type,List Price,ERP Price"
)


def row(
    sku: str = "CFQ7TTC0LCHC:0002",
    term: str = "P1Y,Monthly",
    price: str = "207.60",
    erp: str = "247.20",
    segment: str = "Commercial",
    days: str = ",",
) -> str:
    return f"{sku.replace(':', ',')},An offer,{term},{price},{erp},{segment},{days}"


def file_of(*rows: str, header: str = CURRENT) -> BytesIO:
    return BytesIO("\n".join([header, *rows, ""]).encode())


def import_rows(
    world: World, *rows: str, header: str = CURRENT, **asked: Any
) -> price_lists.PriceListImport:
    return import_file(world, file_of(*rows, header=header), **asked)


def import_file(world: World, file: Any, **asked: Any) -> price_lists.PriceListImport:
    return price_lists.import_price_list(
        file=file,
        **{
            "name": "list.csv",
            "market": "DE",
            "currency": "EUR",
            "effective_on": JANUARY,
            "creates_offers": False,
            "act": world.act(on=TODAY),
            **asked,
        },
    )
