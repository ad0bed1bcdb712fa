"""
Each party sees the prices it buys and sells at, and nobody else's, on every page there is.

The addresses come from the URL conf, so that a new page cannot be forgotten; of lists the
files are read too, XLSX unzipped, PDF as its text. What is hidden from somebody are the
amounts and prices of the chain in which it is neither seller nor buyer: the provider's cost
from the reseller and the customer, what the reseller asks of its customer from the
provider, what a customer pays the vendor from its CSP partner (R9).
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from html import unescape
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db.models import Q
from django.http import HttpResponseBase
from django.urls import reverse
from pypdf import PdfReader

from billing.models import LockedPrice, Price
from tenants.models import Membership, Tenant, User
from tenants.roles import Action
from tenants.services import calendar_feeds
from tests import make
from tests.billing.selling import place
from tests.conftest import Browser
from tests.world import World

from .test_matrix import PATTERNS, Places

pytestmark = pytest.mark.slow

SignIn = Callable[[User], Browser]
PERSONS_OWN = {"home:calendar-feed"}  # whoever has the address reads it: see the last test


@pytest.fixture
def places(world: World) -> Places:
    """Let Northwind have bought something from the vendor as well, at a price of its own."""
    made = Places(world)
    suite = make.offer("Office Suite E3", "CFQ7TTC0LF8R:0001")
    draft = make.price_list(date(2026, 5, 1), {suite: ("33.17", "41.93")})
    place(
        world,
        "new",
        on=draft.effective_on,
        by=world.carl,
        partner=None,
        tenant=world.northwind,
        offer=suite,
        seats=7,
    )
    return made


def numbers(prices: Q) -> set[Decimal]:
    """Return what is charged at these locked prices, and the prices themselves."""
    found = LockedPrice.objects.filter(prices).prefetch_related("charges")
    return {
        abs(number)
        for price in found
        for number in (price.unit_price, *(c.amount for c in price.charges.all()))
    }


def hidden_from(viewer: Tenant, customer: Tenant) -> set[str]:
    """Return, as they could be written, the numbers of the chain that are not the viewer's."""
    own = Q(seller=viewer) | Q(buyer=viewer)
    chain = Q(subscription__tenant=customer)
    listed = set(Price.objects.values_list("erp", flat=True))  # what anybody may read
    secret = numbers(chain & ~own) - numbers(own) - listed
    return {text for number in secret for text in (f"{number:.2f}", f"{number:,.2f}")}


def read(answer: HttpResponseBase) -> str:
    """Return the words of a page or file, unpacked."""
    body = b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined]
    kind = answer.headers.get("Content-Type", "")
    if "spreadsheet" in kind:
        with ZipFile(BytesIO(body)) as parts:
            return " ".join(parts.read(name).decode(errors="replace") for name in parts.namelist())
    if "pdf" in kind:
        return " ".join(page.extract_text() for page in PdfReader(BytesIO(body)).pages)
    return unescape(body.decode(errors="replace"))


def everything(browser: Browser, places: Places, variant: str) -> Iterator[tuple[str, str]]:
    """Yield the address and the words of every page, and of the files it offers."""
    for name in sorted(PATTERNS.keys() - PERSONS_OWN):
        url = places.url(name, variant)
        answer = browser.get(url)
        if answer.status_code != 200:
            continue
        words = read(answer)
        yield url, words
        panels = [link for link in re.findall(r'href="([^"]*panel=[^"]*)"', words) if link != "#"]
        files = re.findall(r'href="([^"]*(?:format=|/(?:csv|xlsx|pdf)/)[^"]*)"', words)
        for link in dict.fromkeys([*panels[:2], *files]):
            target = link if link.startswith("/") else f"{url.partition('?')[0]}{link}"
            yield target, read(browser.get(target))


@pytest.mark.parametrize(
    ("who", "variant", "least"),
    [
        ("lena", "resold", 30),
        ("lars", "resold", 5),
        ("rita", "resold", 15),
        ("wes", "resold", 30),
        ("ada", "own", 40),
        ("helen", "own", 10),
    ],
)
def test_nobody_sees_the_numbers_of_others(
    places: Places, sign_in: SignIn, who: str, variant: str, least: int
) -> None:
    person = getattr(places.two_tier, who, None) or getattr(places.world, who)
    viewer = Membership.objects.get(user=person).tenant
    secret = hidden_from(viewer, places.of[variant]["tenant"])

    pages = dict(everything(sign_in(person), places, variant))

    assert secret
    assert len(pages) >= least
    told = [f"{word} on {url}" for url, words in pages.items() for word in secret if word in words]
    assert told == []


def test_the_same_search_finds_what_is_theirs(places: Places, sign_in: SignIn) -> None:
    """The twin: what is hidden from the reseller is found on its provider's pages."""
    tier = places.two_tier
    secret = hidden_from(tier.litware.tenant, tier.relecloud)

    pages = dict(everything(sign_in(tier.wes), places, "resold"))

    assert {word for words in pages.values() for word in secret if word in words} == secret


def test_a_calendar_says_no_prices(places: Places, sign_in: SignIn) -> None:
    tier = places.two_tier
    lena = Membership.objects.get(user=tier.lena)
    feed = calendar_feeds.make_feed(
        membership=lena, needs=Action.SEE_CUSTOMERS, act=tier.world.act(tier.lena)
    )
    secret = hidden_from(tier.litware.tenant, tier.relecloud)

    words = read(Browser().get(reverse("home:calendar-feed", args=[feed])))

    assert "BEGIN:VCALENDAR" in words
    assert [word for word in secret if word in words] == []
