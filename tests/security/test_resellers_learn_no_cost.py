"""
What the provider pays must reach its resellers and their customers nowhere.

The vendor's price here has digits that appear in no other number. Everything that a
reseller's and a customer's people can open is fetched by following every link from their
start page, exports and documents included, and read byte by byte.
"""

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from datetime import date
from html import unescape
from urllib.parse import parse_qs, urldefrag, urljoin, urlsplit

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from billing.models import Charge, Invoice
from billing.services import closing, orders, quotes
from billing.services.documents import invoice_pdf
from billing.services.mailing import mail_invoices
from subscriptions.models import Subscription
from tenants.models import Activity, Tenant, User
from tests import make
from tests.conftest import Browser
from tests.two_tier import TwoTier, two_tier
from tests.world import TODAY, World

pytestmark = pytest.mark.slow

FOUNDED = date(2026, 9, 14)
COST, ERP = "17.3719", "20.60"  # leg 1 and leg 3; leg 2 is 18.54
# Where a link would sign out or leave the portal.
OF_A_KIND, MOST_VALUES = 1, 2
OPENING = {"format", "panel"}
NOT_FOLLOWED = ("/accounts/", "/admin/", "/static/", "/demo/")


@pytest.fixture
def tier(world: World) -> TwoTier:
    """Sell, change and close, so that every kind of page has something to say."""
    cast = two_tier(world)
    make.price_list(date(2026, 9, 1), {world.premium: (COST, ERP), world.phone: ("6.3719", "8.00")})
    make.price_list(date(2026, 12, 1), {world.premium: ("17.8319", "21.00")})
    sold = place(cast, "new", on=FOUNDED, offer=world.premium, seats=37)
    place(cast, "new", on=FOUNDED, offer=world.phone, seats=11, base=sold)
    place(cast, "seats", on=date(2026, 10, 3), subscription=sold, seats=41)
    place(cast, "suspend", on=date(2026, 10, 20), subscription=sold)
    place(cast, "reactivate", on=date(2026, 10, 27), subscription=sold)
    make.other_channel(cast.relecloud, "direct", "Office Suite E3")
    for month in (9, 10):
        closing.close_month(month=date(2026, month, 1), act=world.act(cast.wes, TODAY))
    return cast


def place(tier: TwoTier, kind: str, *, on: date, **asked: object) -> Subscription:
    act = tier.world.act(tier.wes, on)
    quote = quotes.quote(kind=kind, partner=tier.wingtip, tenant=tier.relecloud, act=act, **asked)
    return orders.confirm(quote=quote, act=act).subscription


def secrets() -> set[str]:
    """Return the provider's unit prices, amounts and totals, as they could be written."""
    amounts = {charge.amount for charge in Charge.objects.filter(locked_price__leg=1)}
    amounts |= {i.total for i in Invoice.objects.filter(seller__is_vendor=True)}
    shared = {charge.amount for charge in Charge.objects.exclude(locked_price__leg=1)}
    shared |= {i.total for i in Invoice.objects.filter(seller__is_vendor=False)}
    written = {COST, "17.37", "6.3719", "17.8319"}
    for amount in amounts - shared:
        size = abs(amount)
        written |= {f"{size:.2f}", f"{size:,.2f}", f"{size:.2f}".replace(".", ",")}
    return {text for text in written if len(text) > 4}


def everything(browser: Client, *starts: str) -> Iterator[tuple[str, bytes]]:
    """
    Yield every page that can be reached by links, and its bytes.

    Filters, sorting and columns multiply without end: of the pages that differ only in the
    values of their query, a few are read; all of those that export or open something.
    """
    seen, waiting = set(starts), deque(starts)
    variants: Counter[tuple[str, frozenset[str]]] = Counter()
    while waiting:
        url = waiting.popleft()
        answer = browser.get(url)
        body = b"".join(answer) if answer.streaming else answer.content
        assert answer.status_code < 500, url
        yield url, body
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        if answer.status_code in {301, 302}:
            found = [answer.headers["Location"]]
        else:
            found = re.findall(rb'href="([^"]+)"', body)
            found = [unescape(link.decode()) for link in found]
        for link in found:
            target = urldefrag(urljoin(url, link)).url
            is_ours = not urlsplit(target).netloc and not target.startswith(NOT_FOLLOWED)
            if not is_ours or target.startswith("mailto:") or target in seen:
                continue
            seen.add(target)
            parts = urlsplit(target)
            asked = parse_qs(parts.query)
            variant = (parts.path, frozenset(asked))
            variants[variant] += 1
            is_wanted = variants[variant] <= OF_A_KIND or asked.keys() & OPENING
            if is_wanted and len(asked) <= MOST_VALUES:
                waiting.append(target)


def leaks(pages: Iterator[tuple[str, bytes]], words: set[str]) -> tuple[list[str], list[str]]:
    """Return what was read, and where one of the words was found."""
    read, found = [], []
    for url, body in pages:
        read.append(url)
        text = body.decode(errors="replace")
        found += [f"{word} on {url}" for word in words if word in text]
    return read, found


@pytest.mark.parametrize("who", ["lena", "rita"])
def test_nothing_they_can_open_says_what_the_provider_pays(
    tier: TwoTier, sign_in: Callable[[User], Browser], who: str
) -> None:
    browser = sign_in(getattr(tier, who))
    own = [reverse("home:home"), f"{reverse('billing:invoices')}?side=bought"]
    invoices = [
        reverse(f"billing:{page}", args=[invoice.public_id])
        for invoice in Invoice.objects.order_by("id")
        for page in ("invoice", "invoice-csv", "invoice-pdf")
    ]

    read, found = leaks(everything(browser, *own, *invoices), secrets())

    assert found == []
    least = {"lena": 40, "rita": 15}
    assert len(read) >= least[who], read


def test_the_crawl_finds_the_provider_own_costs(
    tier: TwoTier, sign_in: Callable[[User], Browser]
) -> None:
    """The twin: the same crawl by the provider does find them, so it looks where they are."""
    words = secrets()
    pages = everything(sign_in(tier.wes), reverse("home:home"))

    assert any(COST in body.decode(errors="replace") for _, body in pages)
    assert any(word in body.decode(errors="replace") for _, body in pages for word in words)


def test_no_activity_mail_or_document_says_it(tier: TwoTier) -> None:
    words = secrets()
    mail_invoices(act=tier.world.act(tier.wes, TODAY))

    outside = [tier.litware.tenant, tier.relecloud]
    said = [
        f"{entry.summary} {entry.before} {entry.after}"
        for entry in Activity.objects.filter(tenant__in=outside)
    ]
    readers = {"lena@litware-consulting.example", "rita@relecloud.example"}
    letters = [m for m in mail.outbox if readers & set(m.to)]
    said += [f"{letter.subject} {letter.body}" for letter in letters]
    said += list(map(_words_of, _their_invoices(outside)))

    assert len(letters) == 4
    assert [word for word in words for text in said if word in text] == []


def _their_invoices(tenants: list[Tenant]) -> list[Invoice]:
    return list(Invoice.objects.filter(buyer__in=tenants).order_by("id"))


def _words_of(invoice: Invoice) -> str:
    """Return the text of the document, as the typesetter was given it."""
    from billing.services import documents  # noqa: PLC0415 -- its data, unprinted

    assert invoice_pdf(invoice).startswith(b"%PDF")
    return str(documents._data(invoice))  # noqa: SLF001 -- what is printed is compressed
