"""
Eight threads at the same moment on a real PostgreSQL, and the many customers they race for.

Each race has a twin: the same services on the same tables, with `unguarded` taking the row
locks and the named guards of the database away. It must go wrong, or the race proves nothing.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.db.models import QuerySet, Sum

from billing.models import Charge
from tenants.acts import Act
from tenants.models import Domain, Membership, Tenant, User
from tenants.roles import Role
from tenants.services import activity

from . import make
from .guards import removal_of
from .world import TODAY

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
THREADS = 8


def in_threads(rounds: int, attempt: Callable[[int, int], object]) -> Counter[str]:
    """
    Run `attempt(thread, round)` in 8 threads; they wait for each other before each round.

    Returns how often each outcome was seen: "done", or the name of the exception.
    """
    start = threading.Barrier(THREADS, timeout=60)
    seen: list[Counter[str]] = [Counter() for _ in range(THREADS)]

    def run(thread: int) -> None:
        try:
            for number in range(rounds):
                start.wait()
                try:
                    attempt(thread, number)
                except Exception as error:  # noqa: BLE001 -- every outcome is counted
                    seen[thread][type(error).__name__] += 1

                else:
                    seen[thread]["done"] += 1
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[number]) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(seen, Counter())


@pytest.fixture
def unguarded(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., None]]:
    """Return what takes away the row locks and the guards it is told, until the test ends."""
    restore: list[str] = []

    def take_away(*guards: str) -> None:
        monkeypatch.setattr(QuerySet, "select_for_update", _without_a_lock)
        monkeypatch.setattr(QuerySet, "_fetch_all", _read_and_dawdle)
        # the end of each activity log is a lock as well
        monkeypatch.setattr(activity, "record", lambda **_: None)
        with connection.cursor() as cursor:
            for guard in guards:
                without, again = removal_of(guard)
                cursor.execute(without)
                restore.append(again)

    yield take_away
    # what went wrong is deleted first: it would not let the guards come back
    call_command("flush", verbosity=0, interactive=False)
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in restore:
            cursor.execute(statement)


def _without_a_lock(self: QuerySet[Any], **_: object) -> QuerySet[Any]:
    unlocked = self.all()
    unlocked._hints = {**unlocked._hints, "unlocked": True}  # noqa: SLF001 -- clones keep it
    return unlocked


_read = QuerySet._fetch_all  # noqa: SLF001 -- what reads rows, however they are asked for


def _read_and_dawdle(self: QuerySet[Any]) -> None:
    """Let the others read the same before anybody acts on it."""
    is_fresh = self._result_cache is None
    _read(self)
    if is_fresh and self._hints.get("unlocked"):
        time.sleep(0.05)


@dataclass(frozen=True)
class Dawdling:
    """A look after which a thread waits: for what happens meanwhile, or for the others' looks."""

    look: Callable[..., Any]
    looked: threading.Event = field(default_factory=threading.Event)
    happened: threading.Event = field(default_factory=threading.Event)
    patience: float = 10

    def __call__(self, *args: Any, **asked: Any) -> Any:
        answer = self.look(*args, **asked)
        if threading.current_thread() is not threading.main_thread():
            self.looked.set()
            self.happened.wait(self.patience)
        return answer

    @contextmanager
    def meanwhile(self) -> Iterator[None]:
        """Do what is inside after somebody has looked, and before they act on it."""
        self.looked.wait(self.patience)
        yield
        self.happened.set()


def customers_with_admins(count: int) -> list[Tenant]:
    """Return that many customers, each with one Tenant admin, in a few statements."""
    tenants = Tenant.objects.bulk_create(
        Tenant(
            name=f"Customer {n}",
            domain=f"customer{n}.example",
            country="DE",
            currency="EUR",
            created_at=make.LONG_AGO,
        )
        for n in range(count)
    )
    Domain.objects.bulk_create(Domain(tenant=tenant, name=tenant.domain) for tenant in tenants)
    admins = User.objects.bulk_create(
        User(email=f"admin@{tenant.domain}", password="!") for tenant in tenants
    )
    Membership.objects.bulk_create(
        Membership(user=admin, tenant=tenant, roles=[Role.TENANT_ADMIN.value])
        for admin, tenant in zip(admins, tenants, strict=True)
    )
    return tenants


def acts_of(tenants: Sequence[Tenant]) -> list[Act]:
    admins = {m.tenant_id: m.user for m in Membership.objects.select_related("user")}
    return [Act(by=admins[tenant.pk], organisation=tenant, at=NOON, on=TODAY) for tenant in tenants]


def money() -> dict[int, tuple[int, str]]:
    """Return, for each leg, how many charges there are and what they add up to."""
    legs = Charge.objects.values_list("locked_price__leg").order_by("locked_price__leg")
    found = legs.annotate(total=Sum("amount"), count=Sum(1)).values_list(
        "locked_price__leg", "count", "total"
    )
    return {leg: (count, str(total)) for leg, count, total in found}
