"""Every page, light and dark, wide and narrow: no axe violation, nothing sideways, no error."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from billing.services import quotes
from csp_portal import demo_world
from relationships.services import invitations
from subscriptions.models import Subscription
from tenants.acts import Act
from tenants.models import Partner, Tenant, User
from tests.world import TODAY

from .bulk_runs import make_runs
from .conftest import sign_in
from .pages import Stop, tour

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A panel that still slides in is half transparent; what goes round for ever is not waited for.
SETTLED = """Promise.allSettled(document.getAnimations()
  .filter(each => isFinite(each.effect.getComputedTiming().endTime))
  .map(each => each.finished)).then(() => null)"""
# Where to keep the pictures; nothing is kept unless somebody wants to look at them.
PICTURES = os.environ.get("PICTURES", "")
# Beginnings of the names of the stops to visit, for somebody at work on a page; all without it.
STOPS = tuple(os.environ.get("STOPS", "").split(","))
SIZES = {"wide": {"width": 1440, "height": 900}, "narrow": {"width": 390, "height": 844}}


@pytest.fixture
def _demo(transactional_db: None) -> None:
    demo_world.seed(today=TODAY)
    make_runs()
    ada = User.objects.get(email="ada@fabrikam.example")
    quotes.quote(
        kind="seats",
        partner=Partner.objects.get(mpn_id="4711001"),
        tenant=Tenant.objects.get(domain="northwind.example"),
        subscription=Subscription.objects.get(
            tenant__domain="northwind.example", title="Business Premium"
        ),
        seats=66,
        act=Act(
            by=ada,
            organisation=Partner.objects.get(mpn_id="4711001").tenant,
            at=datetime.combine(TODAY, time(12), tzinfo=UTC),
            on=TODAY,
        ),
    )


@pytest.mark.usefixtures("_demo")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_fits(visit: Callable[..., Page], scheme: str) -> None:
    stops = [stop for stop in tour() if stop.name.startswith(STOPS)]
    problems: list[str] = []
    for size in sizes_for(scheme):
        pages: dict[str, Page] = {}
        for stop in stops:
            if stop.who not in pages:
                pages[stop.who] = visit(
                    stop.who,
                    color_scheme=scheme,
                    viewport=SIZES[size],
                    has_touch=size == "narrow",
                    bypass_csp=False,
                )
            problems += _look(pages[stop.who], stop, f"{scheme}-{size}")
    assert problems == []


def sizes_for(scheme: str) -> list[str]:
    """
    Return the sizes to visit: one per scheme, all when pictures are wanted.

    So each page is seen light and dark, and wide and narrow.
    """
    return list(SIZES) if PICTURES else ["wide" if scheme == "light" else "narrow"]


def _look(page: Page, stop: Stop, variant: str) -> list[str]:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    response = page.goto(stop.path)
    page.wait_for_load_state("load")
    where = f"{stop.name} ({variant})"
    status = response.status if response else 0
    problems = [f"{where}: answered {status}"] if status != stop.status else []
    problems += examine(page, stop.name, variant)
    return problems + [f"{where}: {error}" for error in errors]


def examine(page: Page, name: str, variant: str) -> list[str]:
    """Return what is wrong with the page as it is now; keep its picture if wanted."""
    where, problems = f"{name} ({variant})", []
    page.wait_for_load_state("load")
    page.evaluate(SETTLED)
    sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if sideways > 0:
        problems.append(f"{where}: {sideways} px too wide")
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{PICTURES}/{name}-{variant}.png", full_page=True)
    page.evaluate(AXE)
    result = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
    )
    problems += [
        f"{where}: {v['id']} at {n['target']}: {n.get('failureSummary', '')[:200]}"
        for v in result["violations"]
        for n in v["nodes"][:2]
    ]
    return problems


def _closed_links(partner: Partner, act: Act) -> dict[str, str]:
    """Return the links of a withdrawn, an expired and a declined invitation."""
    tom = User.objects.get(email="tom@contoso.example")
    contoso = Tenant.objects.get(domain="contoso.example")
    long_ago = replace(act, at=act.at - timedelta(days=40), on=act.on - timedelta(days=40))
    made = {
        state: invitations.invite(
            partner=partner,
            has_delegated_admin=True,
            act=long_ago if state == "expired" else act,
        )
        for state in ("withdrawn", "expired", "declined")
    }
    invitations.withdraw(invitation=made["withdrawn"][0], act=act)
    invitations.decline(
        invitation=made["declined"][0],
        tenant=contoso,
        reason="We have one already.",
        act=replace(act, by=tom, organisation=contoso),
    )
    return {
        state: reverse("relationships:open-invitation", args=[token])
        for state, (_invitation, token) in made.items()
    }


@pytest.mark.usefixtures("_demo")
def test_the_invitation_page_is_accessible_in_every_state(visit: Callable[..., Page]) -> None:
    ada = User.objects.get(email="ada@fabrikam.example")
    fabrikam = Partner.objects.get(mpn_id="4711001")
    act = Act(
        by=ada,
        organisation=fabrikam.tenant,
        at=datetime.combine(TODAY, time(12), tzinfo=UTC),
        on=TODAY,
    )
    problems: list[str] = []

    def link() -> str:
        _, token = invitations.invite(partner=fabrikam, has_delegated_admin=True, act=act)
        return reverse("relationships:open-invitation", args=[token])

    for scheme in ("light", "dark"):
        for size in sizes_for(scheme):
            variant = f"{scheme}-{size}"
            options = {"color_scheme": scheme, "viewport": SIZES[size]}
            anonymous = visit(**options)
            problems += _look(anonymous, Stop("invitation-anonymous", "", link()), variant)
            problems += _look(
                anonymous, Stop("invitation-sign-up", "", reverse("account_signup")), variant
            )
            for name, who, status in (
                ("open", "tom@contoso.example", 200),
                ("already-partner", "carl@northwind.example", 409),
                ("syndication", "wanda@woodgrove.example", 409),
                ("not-admin", "mia@northwind.example", 403),
                ("own-tenant", "gita@fabrikam.example", 403),
            ):
                page = visit(**options)
                page.goto(link())
                sign_in(page, who)
                answer = reverse("relationships:answer-invitation")
                problems += _look(page, Stop(f"invitation-{name}", who, answer, status), variant)
            for state, path in _closed_links(fabrikam, act).items():
                stop = Stop(f"invitation-{state}", "", path, 410)
                problems += _look(visit(**options), stop, variant)
            unknown = reverse("relationships:open-invitation", args=["A" * 43])
            problems += _look(
                visit(**options), Stop("invitation-unknown", "", unknown, 404), variant
            )
    assert problems == []
