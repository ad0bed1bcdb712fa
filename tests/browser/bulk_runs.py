"""Ada's commands for many rows in the demo world, in every state that its page has."""

from datetime import UTC, datetime, time
from uuid import UUID

from django.db.models import QuerySet

from csp_portal.home.bulk import carrying, runs
from csp_portal.home.bulk.sources import SOURCES
from csp_portal.home.models import BulkRun
from subscriptions.models import Subscription
from tenants.acts import Act
from tenants.models import Membership, Tenant
from tests.world import TODAY

AT = datetime.combine(TODAY, time(12), tzinfo=UTC)


def make_runs() -> None:
    """Make one run per state; `run_in` finds them again."""
    held = Subscription.objects.filter(tenant__domain__in=["northwind.example", "adatum.example"])
    ready = _asked("suspend", 1, held)
    _carry_on(ready)
    _asked("off", 2, held.exclude(tenant__domain="northwind.example", channel="csp"))
    _carry_on(BulkRun.objects.latest("id"))
    _asked("tag", 3, held)
    _carry_on(BulkRun.objects.latest("id"))
    stopped = _asked("suspend", 4, None, query="q=nobody")
    _carry_on(stopped)
    going = _asked("suspend", 5, None, query="channel=csp")
    carrying.carry_on(run_id=going.pk, at=AT, seconds=0.0001)
    BulkRun.objects.filter(pk=going.pk).update(reached=7)


def run_in(number: int) -> UUID:
    return BulkRun.objects.order_by("id")[number].public_id


def _asked(
    command: str, form: int, rows: QuerySet[Subscription] | None, *, query: str = ""
) -> BulkRun:
    source = SOURCES["subscriptions"]
    found = source.command(command)
    assert found is not None
    membership = Membership.objects.select_related("tenant__partner", "user").get(
        user__email="ada@fabrikam.example"
    )
    tenant: Tenant = membership.tenant
    return runs.ask(
        membership=membership,
        source=source,
        command=found,
        ticked=None if rows is None else list(rows.values_list("public_id", flat=True)),
        query=query,
        form=UUID(int=form),
        language="en",
        act=Act(by=membership.user, organisation=tenant, at=AT, on=TODAY),
    )


def _carry_on(run: BulkRun) -> None:
    while carrying.carry_on(run_id=run.pk, at=AT, seconds=60):
        pass
