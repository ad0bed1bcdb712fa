"""
Very many customers on top of the demo world, for looking at lists and for measuring them.

Nine in ten customers are Fabrikam's, the others Tailspin's. Each holds ten subscriptions:
six CSP (one of them an add-on), two Direct, one Advisor, one Open or EA; one tenant in fifty
is a Syndication tenant without a partner instead. Everything is made by a few statements,
the same on every run: "random" is a number multiplied by a large prime.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Model

from billing.models import Charge, Invoice, LockedPrice, Order, OrderLine, Quote
from relationships.models import CustomerTag, Invitation, Relationship
from subscriptions.models import Offer, SeatChange, Subscription, Term
from tenants.models import Domain, Partner, Tenant, User

from . import statements
from .inserting import forward_sequences

FILLED = (Tenant, Domain, Relationship, CustomerTag, Invitation, Subscription, Term, SeatChange)
FILLED_LATER = (LockedPrice, Quote, Order, OrderLine, Charge, Invoice)


class CannotAdd(Exception):
    """Nothing is added to this database; the text says why."""


def build(*, customers: int, today: date, say: Callable[[str], None] = lambda _line: None) -> None:
    """
    Add `customers` tenants and ten times as many subscriptions to the demo world.

    Needs the owner's role: the guards are switched off while the rows are written.

    :raises CannotAdd: if there is a tenant whose domain does not end with ".example", or if
        it was done before
    """
    if Tenant.objects.exclude(domain__endswith=".example").exists():
        raise CannotAdd("There are organisations here that are not the demo's.")
    if Tenant.objects.filter(domain__endswith=".scale.example").exists():
        raise CannotAdd("The customers were added before. Start from an empty database.")
    parameters = _parameters(customers, today)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        tables = [m._meta.db_table for m in (*FILLED, *FILLED_LATER)]  # noqa: SLF001 -- documented
        foreign_keys = _foreign_keys(tables)
        for table, name, _definition in foreign_keys:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for title, statement in statements.all_of_them():
            say(title)
            cursor.execute(statement, parameters)
        say("foreign keys")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for table, name, definition in foreign_keys:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        forward_sequences(*FILLED, *FILLED_LATER)
    say("statistics")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _foreign_keys(tables: list[str]) -> list[tuple[str, str, str]]:
    """
    Return table, name and definition of their foreign keys.

    They are taken off and put back, which checks them all at once: row by row it would take
    most of the time.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
            " FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY (%s::regclass[])",
            [tables],
        )
        return [(str(table), str(name), str(words)) for table, name, words in cursor.fetchall()]


def _parameters(customers: int, today: date) -> dict[str, Any]:
    """Return what the statements name: where numbers begin, who sells, and what."""
    fabrikam = Partner.objects.get(tenant__domain="fabrikam.example")
    tailspin = Partner.objects.get(tenant__domain="tailspin.example")
    offers = Offer.objects.for_sale().order_by("id")
    return {
        "customers": customers,
        "each": statements.EACH,
        "today": today,
        "vendor": Tenant.objects.vendor().pk,
        "fabrikam": fabrikam.pk,
        "tailspin": tailspin.pk,
        "ada": User.objects.get(email="ada@fabrikam.example").pk,
        "nora": User.objects.get(email="nora@tailspin.example").pk,
        "offers": list(offers.filter(is_add_on=False).values_list("pk", flat=True)),
        "add_ons": list(offers.filter(is_add_on=True).values_list("pk", flat=True)),
        **{f"{m.__name__.lower()}s": _after(m) for m in (Tenant, Subscription, Term)},
        **{f"{m.__name__.lower()}s": _after(m) for m in (SeatChange, LockedPrice, Quote, Order)},
        "invitations": _after(Invitation),
        "invoices": _after(Invoice),
    }


def _after(model: type[Model]) -> int:
    """Return the largest number in the table."""
    last = model._default_manager.aggregate(last=Max("pk"))["last"]  # noqa: SLF001 -- documented
    return int(last or 0)
