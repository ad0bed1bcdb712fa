"""How long the pages take with very many rows, measured beside a bare page in the same run."""

import gzip
import math
import re
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.urls import reverse

from billing.models import Invoice
from csp_portal.shared import clock
from relationships.models import Relationship
from subscriptions.models import Subscription
from tenants.models import User

ROUNDS = 60
MOST_QUERIES = 12
MOST_RATIO = 4.0
SLOWEST_MS = 20.0
SEARCH_MS = 50.0
FIRST_PAGE_BYTES = 100_000
# Who asks, and in which workspace: the middleware's and allauth's own queries.
WHO_ASKS = re.compile(
    r'FROM "?(django_session|tenants_user|tenants_membership|usersessions_|mfa_|account_)'
    r'|(UPDATE|INSERT INTO) "?(usersessions_|django_session)|SAVEPOINT|^(BEGIN|COMMIT)'
)


@dataclass(frozen=True, slots=True)
class PageFigures:
    """Milliseconds; `slowest_ms` is the median of its slowest query, `ratio` that of p95s."""

    name: str
    path: str
    p50_ms: float
    p95_ms: float
    ratio: float
    queries: int
    slowest_ms: float
    html_bytes: int
    problems: list[str]


def measure(
    rounds: int = ROUNDS, say: Callable[[str], None] = lambda _line: None
) -> dict[str, Any]:
    """Ask for every page, each time beside the bare one, as Fabrikam's Ada, or its Gita."""
    browser, admin = _signed_in("ada@fabrikam.example"), _signed_in("gita@fabrikam.example")
    figures = []
    for name, path in _pages():
        say(name)
        who = admin if path.startswith(reverse("tenants:activity")) else browser
        figures.append(_measured(who, name, path, rounds))
    first = _first_page_bytes(browser)
    return {
        "customers": Relationship.objects.active().count(),
        "subscriptions": Subscription.objects.count(),
        "first_page_bytes": first,
        "pages": [asdict(page) for page in figures],
        "problems": [f"{page.name}: {problem}" for page in figures for problem in page.problems]
        + ([f"first page: {first:,} bytes"] if first > FIRST_PAGE_BYTES else []),
    }


def table(figures: dict[str, Any]) -> str:
    """Return the figures as lines of text."""
    head = f"{'page':<34}{'p50 ms':>9}{'p95 ms':>9}{'ratio':>7}{'queries':>9}{'slowest':>9}"
    lines = [
        f"{figures['customers']:,} relationships, {figures['subscriptions']:,} subscriptions",
        f"first page with all it loads: {figures['first_page_bytes']:,} bytes compressed",
        head,
    ]
    lines += [
        f"{page['name']:<34}{page['p50_ms']:>9}{page['p95_ms']:>9}{page['ratio']:>7}"
        f"{page['queries']:>9}{page['slowest_ms']:>9}  {', '.join(page['problems'])}"
        for page in figures["pages"]
    ]
    return "\n".join(lines)


def _pages() -> list[tuple[str, str]]:
    mine = Relationship.objects.active().filter(partner__tenant__domain="fabrikam.example")
    customer = [mine.order_by("-pk")[100].customer.public_id]
    panel = Subscription.objects.filter(tenant__public_id=customer[0], channel="csp").first()
    subscriptions, customers = reverse("home:subscriptions"), reverse("home:customers")
    detail = reverse("home:customer-subscriptions", args=customer)
    log, invoices = reverse("tenants:activity"), reverse("billing:invoices")
    number = Invoice.objects.filter(seller__domain="fabrikam.example").latest("pk").number
    return [
        ("customers", customers),
        ("customers by date", f"{customers}?sort=-since"),
        ("customers, page 40", f"{customers}?page=40"),
        ("customers, 50 rows", f"{customers}?per_page=50"),
        ("customers with Open", f"{customers}?channel=open"),
        ("customers, suspended", f"{customers}?only=suspended"),
        ("customers, tagged", f"{customers}?tag=School"),
        ("search: customers n", f"{customers}?q=n"),
        ("search: customers moller", f"{customers}?q=moller"),
        ("search: customers c1234", f"{customers}?q=c1234"),
        ("subscriptions", f"{subscriptions}?view="),
        ("subscriptions by customer", f"{subscriptions}?sort=customer"),
        ("subscriptions, page 40", f"{subscriptions}?page=40"),
        ("subscriptions, grace", f"{subscriptions}?state=grace&channel=csp"),
        ("subscriptions, Open suspended", f"{subscriptions}?state=suspended&channel=open"),
        ("subscriptions, no renewal", f"{subscriptions}?renewal=off&sort=-ends"),
        ("subscriptions, tagged", f"{subscriptions}?tag=School"),
        ("search: subscriptions n", f"{subscriptions}?q=n"),
        ("search: subscriptions nord", f"{subscriptions}?q=nord"),
        ("search: subscriptions SKU", f"{subscriptions}?q=CFQ7TTC0LCHC"),
        ("renewals", f"{reverse('home:renewals')}?view="),
        ("renewals in 30 days, off", f"{reverse('home:renewals')}?within=30&renewal=off"),
        ("orders", reverse("home:orders")),
        ("orders, cancelled", f"{reverse('home:orders')}?kind=cancel"),
        ("search: orders nord", f"{reverse('home:orders')}?q=nord"),
        ("invitations", reverse("relationships:invitations")),
        ("search: invitations nord", f"{reverse('relationships:invitations')}?q=nord"),
        ("search: everything", f"{reverse('home:search')}?q=nord"),
        ("activity", log),
        ("activity, invitations", f"{log}?topic=invitation"),
        ("activity, of no one", f"{log}?who=portal"),
        ("activity, until a day", f"{log}?until={clock.today() - timedelta(days=60)}"),
        ("search: activity gasthof", f"{log}?q=gasthof"),
        ("transitions", reverse("home:transitions")),
        ("transfers", reverse("relationships:transfers")),
        ("customer", reverse("home:customer", args=customer)),
        ("customer: subscriptions", detail),
        ("customer: panel", f"{detail}?panel={panel.public_id if panel else ''}"),
        ("customer: orders", reverse("billing:customer-orders", args=customer)),
        ("customer: activity", reverse("home:customer-activity", args=customer)),
        ("customer: relationship", reverse("relationships:customer-relationship", args=customer)),
        ("invoices to customers", f"{invoices}?side=sold"),
        ("invoices, page 3", f"{invoices}?side=sold&page=3"),
        ("search: invoice number", f"{reverse('home:search')}?q={number}"),
        ("search: invoices 2026-01", f"{invoices}?side=sold&q=2026-01"),
        ("search: invoices nord", f"{invoices}?side=sold&q=nord"),
        ("start page", reverse("home:home")),
    ]


def _measured(browser: Client, name: str, path: str, rounds: int) -> PageFigures:
    taken: list[float] = []
    bare: list[float] = []
    queries: list[list[float]] = []
    size = 0
    for number in range(rounds + 3):
        page_ms, page_queries, size, status = _asked(browser, path)
        bare_ms, _queries, _size, _status = _asked(browser, "/bare/")
        if status != 200:  # noqa: PLR2004 -- HTTP
            return PageFigures(name, path, 0, 0, 0, 0, 0, size, [f"answered {status}"])
        if number >= 3:  # noqa: PLR2004 -- the first ones warm up
            taken.append(page_ms)
            bare.append(bare_ms)
            queries.append(page_queries)
    # the same queries every time: the median of each is free of what else the machine did
    usual = [statistics.median(times) for times in zip(*queries, strict=False)]
    ratio = _p95(taken) / _p95(bare)
    return PageFigures(
        name=name,
        path=path,
        p50_ms=round(statistics.median(taken), 1),
        p95_ms=round(_p95(taken), 1),
        ratio=round(ratio, 2),
        queries=len(usual),
        slowest_ms=round(max(usual, default=0.0), 1),
        html_bytes=size,
        problems=_problems(name, ratio, len(usual), max(usual, default=0.0)),
    )


def _problems(name: str, ratio: float, queries: int, slowest: float) -> list[str]:
    limit = SEARCH_MS if name.startswith("search") else SLOWEST_MS
    problems = [f"{ratio:.1f} times a bare page"] if ratio > MOST_RATIO else []
    problems += [f"{queries} queries"] if queries > MOST_QUERIES else []
    return problems + ([f"a query of {slowest:.0f} ms"] if slowest > limit else [])


def _asked(browser: Client, path: str) -> tuple[float, list[float], int, int]:
    """Return the milliseconds of the page and of each of its own queries, bytes and status."""
    queries: list[float] = []

    def timed(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 -- Django's signature
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            if not WHO_ASKS.search(sql):
                queries.append((time.perf_counter() - started) * 1000)

    with connection.execute_wrapper(timed):
        started = time.perf_counter()
        try:
            answer = browser.get(path)
        except Exception:  # noqa: BLE001 -- whatever it is, the page does not answer
            return 0.0, [], 0, 500
        taken = (time.perf_counter() - started) * 1000
    return taken, queries, len(answer.content), answer.status_code


def _p95(values: list[float]) -> float:
    """Return the value that 95 % are not above."""
    return sorted(values)[math.ceil(len(values) * 0.95) - 1]


def _first_page_bytes(browser: Client) -> int:
    """Return what the list of customers takes over the line, with all it loads, compressed."""
    html = browser.get(reverse("home:customers")).content
    total = len(gzip.compress(html))
    prefix = settings.STATIC_URL
    for name in set(re.findall(rf'(?:href|src)="{prefix}([^"#?]+)', html.decode())):
        path = finders.find(name)
        if path is None:
            continue
        with open(path, "rb") as file:  # noqa: PTH123 -- a path from Django
            data = file.read()
        total += len(data) if name.endswith(".woff2") else len(gzip.compress(data))
    return total


def _signed_in(email: str) -> Client:
    user = User.objects.get(email=email)
    browser = Client()
    browser.force_login(user)
    session = browser.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": clock.real_now().timestamp(), "email": email}
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return browser
