"""
Who gets which page: one row per URL, method and object, one column per person.

`matrix.csv` is the policy as it is enforced, to be read in review; a URL without rows
fails. 404 means that a person must not learn that the object exists, and is the same page
byte for byte as for an object that does not; 403 that they may see it but not do this; 302
that they must sign in first. `own` is Fabrikam's, of its customer Northwind; `sibling`
another customer of Fabrikam; `foreign` Tailspin's, of its customer Litware; `resold` that
of Relecloud, which Lena's Litware Consulting resells and Wes's Wingtip provides.
"""

import csv
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from billing.models import Invoice, Price, PriceList
from billing.services import (
    closing,
    conversions,
    order_requests,
    orders,
    quotes,
    recommendations,
)
from csp_portal.home.bulk import runs as bulk
from csp_portal.home.bulk.sources import SOURCES
from csp_portal.home.models import BulkRun
from relationships.models import Invitation, Relationship, Transfer
from relationships.services import invitations, transfers
from subscriptions.models import Subscription
from subscriptions.services import trials
from tenants.models import Membership, Partner, SavedView, Tenant, User
from tenants.roles import Action, Kind, Role
from tenants.services import calendar_feeds
from tests import make
from tests.conftest import Browser
from tests.two_tier import link, two_tier
from tests.world import TODAY, World

MATRIX = Path(__file__).with_name("matrix.csv")
PEOPLE = "nobody ada sam helen gita nora carl bea mia tom olga lena wes".split()
OBJECTS = ("own", "sibling", "resold", "foreign", "missing")
MISSING = UUID("00000000-0000-4000-8000-000000000000")
# Allauth's and Django's own pages: their URL names, tested by prefix below.
ELSEWHERE = ("account_", "mfa_", "usersessions_", "admin:")


def rows() -> list[dict[str, str]]:
    with MATRIX.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Places:
    """The URL of each name for each kind of object, in one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        litware = make.tenant("Litware", domain="litware.example")
        adatum = make.tenant("Adatum", domain="adatum.example")
        on = date(2026, 3, 14)
        make.price_list(
            date(2026, 3, 1), {world.premium: ("17.30", "20.60"), world.phone: ("6.30", "7.50")}
        )
        make.price_list(date(2026, 4, 1), {world.premium: ("17.50", "20.80")})
        self.foreign_list = make.price_list(
            date(2026, 3, 1), {world.premium: ("19.00", "23.00")}, currency="USD", market="US"
        )
        self.two_tier = two_tier(world)
        self.of: dict[str, dict[str, Any]] = {o: {} for o in OBJECTS if o != "missing"}
        for variant, partner, tenant, by in (
            ("own", world.fabrikam, world.northwind, world.ada),
            ("sibling", world.fabrikam, adatum, world.ada),
            ("foreign", world.tailspin, litware, world.nora),
            ("resold", self.two_tier.wingtip, self.two_tier.relecloud, self.two_tier.wes),
        ):
            if variant != "resold":
                make.relationship(partner, tenant, on=on)
            quote = quotes.quote(
                kind="new",
                partner=partner,
                tenant=tenant,
                offer=world.premium,
                seats=10,
                act=world.act(by, on),
            )
            orders.confirm(quote=quote, act=world.act(by, on))
            invitation, token = invitations.invite(
                partner=partner, has_delegated_admin=True, act=world.act(by)
            )
            subscription = Subscription.objects.get(tenant=tenant, channel="csp")
            self.of[variant] |= {
                "customer_id": tenant.public_id,
                "subscription_id": subscription.public_id,
                "invitation_id": invitation.public_id,
                "token": token,
                "tenant": tenant,
                "user_id": Membership.objects.get(user=self._user_of(tenant)).public_id,
                "person_id": by.memberships.get().public_id,
            }
        closing.close_month(month=date(2026, 3, 1), act=world.act(on=date(2026, 4, 1)))
        for values in self.of.values():
            tenant = values["tenant"]
            invoice = Invoice.objects.filter(buyer=tenant).get()
            values["invoice_id"] = invoice.public_id
            values["price_list_id"] = PriceList.objects.order_by("id")[1].pk
        for variant, values in self.of.items():
            partner, by = self._seller(variant)
            values["quote_id"] = quotes.quote(
                kind="seats",
                partner=partner,
                tenant=values["tenant"],
                subscription=Subscription.objects.get(public_id=values["subscription_id"]),
                seats=16,
                act=world.act(by),
            ).public_id
            values.update(bought_from_the_vendor(world, values["tenant"], partner, by))
        for variant in self.of:
            view = SavedView.objects.create(
                membership=self._seller(variant)[1].memberships.get(),
                list_name="customers",
                name=variant,
            )
            feed = calendar_feeds.make_feed(
                membership=view.membership,
                needs=Action.SEE_CUSTOMERS,
                act=world.act(view.membership.user),
            )
            self.of[variant] |= {
                "list_name": "customers",
                "view_id": view.pk,
                "home:calendar-feed token": feed,
            }
        for variant, values in self.of.items():
            values["run_id"] = self._command(variant, values).public_id
        for values in self.of.values():
            relationship = Relationship.objects.active().get(customer=values["tenant"])
            values["relationship_id"] = relationship.public_id
            values["transfer_id"] = self._transfer(relationship).public_id
        self._resell(world)
        self.of["foreign"]["price_list_id"] = self.foreign_list.pk
        self.of["missing"] = {
            "price_list_id": 10**9,
            "list_name": "customers",
            "view_id": 10**9,
            "token": "A" * 43,
        }

    def _resell(self, world: World) -> None:
        """Link the partners with providers, and let each ask one for an order."""
        price = Price.objects.filter(offer=world.premium, plan="monthly").order_by("id")[0]
        for number, (variant, partner, by, boss) in enumerate(
            (
                ("own", world.fabrikam, world.ada, world.gita),
                ("sibling", world.fabrikam, world.ada, world.gita),
                ("foreign", world.tailspin, world.nora, world.nora),
            )
        ):
            provider = make.partner(
                f"Provider {number}",
                domain=f"provider{number}.example",
                mpn_id=f"481100{number}",
                kind=Kind.INDIRECT_PROVIDER,
            )
            gwen = make.member("gwen", provider.tenant, Role.GLOBAL_ADMIN)
            agreed = link(world, provider, partner, by=gwen, accepted_by=boss)
            customer = make.tenant(f"Resold {number}", domain=f"resold{number}.example")
            asked = order_requests.ask_for_offer(
                relationship=make.relationship(provider, customer, reseller=partner),
                price=price,
                seats=5,
                act=world.act(by),
            )
            self.of[variant] |= {"link_id": agreed.public_id, "request_id": asked.public_id}
        asked = order_requests.ask_for_offer(
            relationship=self.two_tier.relationship,
            price=price,
            seats=5,
            act=world.act(self.two_tier.lena),
        )
        self.of["resold"] |= {
            "link_id": self.two_tier.link.public_id,
            "request_id": asked.public_id,
        }

    def _seller(self, variant: str) -> tuple[Partner, User]:
        """Return who sells the objects of a variant, and the person who does it."""
        return {
            "foreign": (self.world.tailspin, self.world.nora),
            "resold": (self.two_tier.wingtip, self.two_tier.wes),
        }.get(variant, (self.world.fabrikam, self.world.ada))

    def _command(self, variant: str, values: dict[str, Any]) -> BulkRun:
        """Return what the seller's person asked for many rows: to tag the customer."""
        source = SOURCES["customers"]
        command = source.command("tag")
        assert command is not None
        by = self._seller(variant)[1]
        return bulk.ask(
            membership=by.memberships.select_related("tenant__partner").get(),
            source=source,
            command=command,
            ticked=[values["customer_id"]],
            query="",
            form=UUID(int=len(variant)),
            language="en",
            act=self.world.act(by),
        )

    def _transfer(self, relationship: Relationship) -> Transfer:
        """Return a customer's approved move to Adatum Cloud, a partner that is nobody else's."""
        adatum = Partner.objects.filter(mpn_id="4711009").first() or make.partner(
            "Adatum Cloud", domain="adatum-cloud.example", mpn_id="4711009"
        )
        by = self.world.carl
        invitation, _token = invitations.invite(
            partner=adatum,
            kind=Invitation.Kind.REPLACEMENT,
            has_delegated_admin=False,
            act=self.world.act(by),
        )
        transfer = transfers.request_transfer(
            invitation=invitation,
            relationship=relationship,
            takes_effect_on=TODAY,
            act=self.world.act(by),
        )
        # approved, so that quantities are not frozen for the other rows
        return transfers.approve(transfer=transfer, act=self.world.act())

    @staticmethod
    def _user_of(tenant: Tenant) -> User:
        """Return a Member of the customer, made if it has none."""
        found = User.objects.filter(memberships__tenant=tenant, email__startswith="mia@").first()
        return found or make.member("mia", tenant, Role.MEMBER)

    def url(self, name: str, variant: str) -> str:
        pattern = PATTERNS[name]
        kwargs: dict[str, Any] = {}
        for argument in pattern:
            if argument == "file_format":
                kwargs[argument] = "csv"
            elif special := self.of.get(variant, {}).get(f"{name} {argument}"):
                kwargs[argument] = special
            else:
                kwargs[argument] = self.of.get(variant, self.of["own"]).get(argument, MISSING)
        return reverse(name, kwargs=kwargs)


def bought_from_the_vendor(
    world: World, tenant: Tenant, partner: Partner, by: User
) -> dict[str, Any]:
    """Return what a customer has to do with the vendor: advice, a trial and its conversion."""
    made, token = recommendations.recommend(
        partner=partner,
        items=[recommendations.Advice(offer=world.premium, seats=5)],
        act=world.act(by),
    )
    tried = make.offer(f"Trial of {tenant}", f"T:{tenant.pk}", is_trial=True)
    theirs = replace(world.act(world.carl), organisation=tenant)
    trial = trials.start_trial(tenant=tenant, offer=tried, act=theirs)
    proposed = conversions.propose(
        partner=partner,
        trial=trial,
        offer=world.premium,
        seats=5,
        segment="commercial",
        duration="P1Y",
        plan="monthly",
        act=world.act(by),
    )
    held = make.other_channel(tenant, "ea", "Windows Enterprise")
    return {
        "recommendation_id": made.public_id,
        "home:transition subscription_id": held.public_id,
        "conversion_id": proposed.public_id,
        "billing:open-recommendation token": token,
        "billing:convert-trial subscription_id": trial.public_id,
    }


def portal_urls(resolver: URLResolver | None = None) -> Iterator[tuple[str, list[str]]]:
    """Every URL of the portal's own views: its name and its arguments."""
    resolver = resolver or get_resolver()
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            if entry.namespace != "admin":
                yield from portal_urls(entry)
        elif isinstance(entry, URLPattern) and entry.name:
            namespace = getattr(resolver, "namespace", None)
            name = f"{namespace}:{entry.name}" if namespace else entry.name
            if not name.startswith(ELSEWHERE) and "allauth" not in entry.callback.__module__:
                yield (
                    name,
                    list(entry.pattern.converters) or re.findall(r"\?P<(\w+)>", str(entry.pattern)),
                )


PATTERNS = dict(portal_urls())


@pytest.fixture
def places(world: World) -> Places:
    return Places(world)


@pytest.fixture
def people(
    world: World, places: Places, sign_in: Callable[[User], Browser], settings: Any
) -> dict[str, Client]:
    settings.MFA_REQUIRED = False  # enrolment is tested by itself
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 86_400  # however long the machine takes
    olga = User.objects.create_superuser("olga@vendor.example", make.PASSWORD)
    browsers: dict[str, Client] = {"nobody": Client(), "olga": sign_in(olga)}
    for name in PEOPLE:
        if name not in browsers:
            of = world if hasattr(world, name) else places.two_tier
            browsers[name] = sign_in(getattr(of, name))
    return browsers


def test_every_url_is_in_the_matrix() -> None:
    assert set(PATTERNS) == {row["url"] for row in rows()}


@pytest.mark.parametrize("kind", OBJECTS)
def test_everybody_gets_what_the_matrix_says(
    places: Places, people: dict[str, Client], kind: str
) -> None:
    deviations = []
    for row in rows():
        if row["object"] != kind:
            continue
        url = places.url(row["url"], row["object"])
        for name, browser in people.items():
            before = state_of_the_database()
            with rolled_back():
                code = answer(browser, row["method"], url)[0]
                if code >= 400 and row["method"] == "POST":
                    assert state_of_the_database() == before, (row, name)
            if str(code) != row[name]:
                deviations.append(f"{row['method']} {url} {name}: {code}, not {row[name]}")
    assert deviations == []


def test_foreign_and_missing_are_the_same_page(places: Places, people: dict[str, Client]) -> None:
    compared = 0
    for row in rows():
        if row["object"] != "foreign":
            continue
        for name, browser in people.items():
            if row[name] != "404":
                continue
            pages = []
            for variant in ("foreign", "missing"):
                url = places.url(row["url"], variant)
                with rolled_back():
                    _, body = answer(browser, row["method"], url)
                pages.append(normal(body.decode(), url))
            assert pages[0] == pages[1], (row["url"], name)
            compared += 1
    assert compared > 0


def answer(browser: Client, method: str, url: str) -> tuple[int, bytes]:
    response = browser.get(url) if method == "GET" else browser.post(url, {})
    return response.status_code, b"" if response.streaming else response.content


def normal(page: str, url: str) -> str:
    """Return the page without what differs between any two requests: tokens and its address."""
    page = re.sub(r"[A-Za-z0-9]{64}", "TOKEN", page)
    return page.replace(url, "URL")


@contextmanager
def rolled_back() -> Iterator[None]:
    savepoint = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(savepoint)


TABLES = (
    "home_bulkrun home_bulkrow "
    "tenants_tenant tenants_membership relationships_invitation relationships_relationship "
    "relationships_resellerlink billing_orderrequest billing_orderrequestmessage "
    "relationships_agreementevent relationships_customeragreement subscriptions_licenceassignment "
    "subscriptions_subscription subscriptions_seatchange billing_quote billing_order "
    "billing_charge billing_invoice billing_pricelist billing_price tenants_activity"
).split()


def state_of_the_database() -> list[tuple[int, ...]]:
    """Count the rows of every table of ours, and how often any was written in this test."""
    sql = " UNION ALL ".join(
        f"SELECT count(*), coalesce(max(xmin::text::bigint), 0) FROM {table}"  # noqa: S608 -- constants
        for table in TABLES
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()
