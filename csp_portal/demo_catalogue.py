"""The demo's catalogue: offers, a price list a month, and what other channels sold."""

import io
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings

from billing.domain.calendar import publication_day
from billing.models import Price, PriceList
from csp_portal.demo_people import moment
from csp_portal.shared.dates import add_months
from subscriptions.models import Offer
from subscriptions.services import imports
from tenants.acts import Act

# title, SKU, family, partner price and ERP per seat and month, fields of the offer
OFFERS: list[tuple[str, str, str, str, str, dict[str, object]]] = [
    ("Business Basic", "CFQ7TTC0LH18:0001", "Business", "4.72", "5.60", {}),
    ("Business Standard", "CFQ7TTC0LDPB:0001", "Business", "9.83", "11.70", {}),
    ("Business Premium", "CFQ7TTC0LCHC:0002", "Business", "17.30", "20.60", {"seat_maximum": 300}),
    ("Office Suite E1", "CFQ7TTC0LF8Q:0001", "Enterprise", "7.90", "9.40", {}),
    ("Office Suite E3", "CFQ7TTC0LF8R:0001", "Enterprise", "18.70", "22.20", {}),
    ("Office Suite E5", "CFQ7TTC0LF8S:0002", "Enterprise", "29.50", "35.10", {}),
    ("Exchange Online Plan 1", "CFQ7TTC0LH16:0001", "Exchange", "3.11", "3.70", {}),
    ("Exchange Online Plan 2", "CFQ7TTC0LH1P:0001", "Exchange", "6.22", "7.40", {}),
    ("Mobility and Security E3", "CFQ7TTC0LHT4:0001", "Security", "6.80", "8.10", {}),
    ("Project Plan 3", "CFQ7TTC0HDB0:0002", "Project", "21.60", "25.70", {}),
    ("Visio Plan 2", "CFQ7TTC0HD32:0001", "Visio", "10.80", "12.80", {}),
    ("Power BI Pro", "CFQ7TTC0L3PB:0001", "Data", "7.90", "9.40", {}),
    ("Teams Phone Standard", "CFQ7TTC0LH0T:0001", "Teams", "6.30", "7.50", {"is_add_on": True}),
    ("Audio Conferencing", "CFQ7TTC0LHSL:0001", "Teams", "2.90", "3.40", {"is_add_on": True}),
    ("Archiving", "CFQ7TTC0LH0J:0001", "Exchange", "2.10", "2.50", {"is_add_on": True}),
]

OTHER_CHANNELS = """\
Subscription ID,Subscription,Quantity,Status,Reseller,Tenant domain,Channel,Assigned,Start,End,Auto renew,Trial,Partner of record,Note
DIR-20881,Office Suite E3,210,Active,,northwind.example,direct,187,{a},{a1},yes,no,,
DIR-20882,Power BI Pro,12,In grace period,,northwind.example,direct,12,{b},{b1},no,no,,Payment failed
ADV-77120,Exchange Online Plan 1,35,Active,,northwind.example,advisor,31,{c},{c1},yes,no,4711001,
ADV-77121,Project Plan 3,8,Active,,northwind.example,advisor,8,{d},{d1},yes,no,4711002,
71043982,Office Suite E1 Open licence,25,Active,,northwind.example,open,9,{e},{e1},no,no,,Agreement 71043982
EA-5500142,Windows Enterprise,120,Active,,northwind.example,ea,104,{d},{d3},no,no,,Enrolment 5500142
DIR-30417,Business Standard,16,Active,,contoso.example,direct,14,{d},{d1},yes,no,,
ADV-30418,Exchange Online Plan 2,5,Active,,contoso.example,advisor,5,{c},{c1},yes,no,4711001,
SYN-90011,Office Suite E3,60,Active,,woodgrove.example,syndication,58,{c},{c1},yes,no,,
"""  # noqa: E501 -- the lines of a file


def catalogue(first: date, today: date) -> None:
    """Make a list for every month, from before the first to two ahead; the last is a draft."""
    offers = {
        title: Offer.objects.create(
            **{"title": title, "sku": sku, "product_family": family, "state": "available", **fields}
        )
        for title, sku, family, _, _, fields in OFFERS
    }
    month = add_months(first.replace(day=1), -1)
    last = add_months(today.replace(day=1), 2)
    index = 0
    while month <= last:
        prices = {
            offers[title]: (_priced(cost, index, n), _priced(erp, index, n))
            for n, (title, _, _, cost, erp, _) in enumerate(OFFERS)
        }
        scheduled = publication_day(month) - timedelta(days=3)
        _price_list(month, prices, scheduled if scheduled <= today else None)
        month = add_months(month, 1)
        index += 1


def _priced(price: str, index: int, offer: int) -> Decimal:
    """Prices rise a little, a few at a time; Business Premium never moves in the first year."""
    amount = Decimal(price)
    if offer != 2 and index >= 6 and offer % 4 == index % 4:  # noqa: PLR2004 -- made up
        amount = (amount * Decimal("1.04")).quantize(Decimal("0.01"))
    if index >= 10:  # noqa: PLR2004 -- the two lists that are still ahead
        amount = (amount * Decimal("1.03")).quantize(Decimal("0.01"))
    return amount


def _price_list(
    month: date, prices: dict[Offer, tuple[Decimal, Decimal]], scheduled: date | None
) -> None:
    created = PriceList.objects.create(
        market="DE",
        currency="EUR",
        effective_on=month,
        visible_from=datetime.combine(
            publication_day(month), time(), tzinfo=ZoneInfo(settings.BUSINESS_TIME_ZONE)
        ),
        created_at=moment(scheduled or publication_day(month)),
        source_name=f"price-list-{month:%Y-%m}.csv",
    )
    Price.objects.bulk_create(
        Price(
            price_list=created,
            offer=offer,
            segment="commercial",
            duration=duration,
            plan=plan,
            unit_price=cost * times,
            erp=erp * times,
        )
        for offer, (cost, erp) in prices.items()
        for duration, plan, times in (
            ("P1Y", "monthly", 1),
            ("P1Y", "annual", 12),
            ("P1M", "monthly", 1),
        )
    )
    if scheduled:
        created.scheduled_at = moment(scheduled)
        created.save(update_fields=["scheduled_at"])


def import_other_channels(first: date, today: date) -> None:
    starts = {
        "a": add_months(today, -10) + timedelta(days=16),
        "b": add_months(today, -12) + timedelta(days=20),
        "c": add_months(today, -11) + timedelta(days=10),
        "d": add_months(today, -9),
        "e": add_months(today, -12) + timedelta(days=9),
    }
    values = {name: start.isoformat() for name, start in starts.items()}
    for years in (1, 3):  # a file names the last day that belongs
        ends = {name: add_months(start, 12 * years) for name, start in starts.items()}
        values |= {
            f"{name}{years}": (end - timedelta(days=1)).isoformat() for name, end in ends.items()
        }
    text = OTHER_CHANNELS.format(**values)
    imports.import_subscriptions(
        file=io.BytesIO(text.encode()),
        act=Act.of_the_portal(at=moment(first), on=first),
    )
