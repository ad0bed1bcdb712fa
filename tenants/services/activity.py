"""The only way into the activity log."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from ..acts import Act
from ..models import Tenant


def record(
    *,
    tenant: Tenant,
    act: Act,
    action: str,
    about: object,
    summary: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """
    Append one row to `tenant`'s activity log, in the caller's transaction.

    `action` is a stable dotted code ("invitation.accepted"), `about` the public id of
    what changed, `summary` one sentence without the person's name. Something that
    concerns two organisations is recorded once for each.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tenants_append_activity(%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                tenant.pk,
                act.at,
                act.by.pk if act.by else None,
                act.organisation.pk if act.organisation else None,
                action,
                str(about),
                summary[:300],
                json.dumps(before or {}, cls=DjangoJSONEncoder),
                json.dumps(after or {}, cls=DjangoJSONEncoder),
            ],
        )


def in_order(tenants: Iterable[Tenant]) -> list[Tenant]:
    """
    Return sellers in the order in which everybody appends to their logs: by their ids.

    A customer's log comes after them.
    """
    return sorted(tenants, key=lambda tenant: tenant.pk)


def record_on_behalf(
    *,
    tenant: Tenant,
    act: Act,
    action: str,
    about: object,
    summary: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """
    Append to `tenant`'s log what may have been done there by somebody of another organisation.

    Theirs gets it as well, first, as a "customer.…" code with the tenant's name.
    """
    acting = act.organisation
    if acting is not None and acting.pk != tenant.pk:
        record(
            tenant=acting,
            act=act,
            action=f"customer.{action.replace('.', '_')}",
            about=about,
            summary=f"{summary} ({tenant.name})",
            before=before,
            after=after,
        )
    record(
        tenant=tenant,
        act=act,
        action=action,
        about=about,
        summary=summary,
        before=before,
        after=after,
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of many that are written by the same act."""

    tenant_id: int
    about: object
    summary: str
    after: Mapping[str, Any] = field(default_factory=dict)


def record_many(*, act: Act, action: str, entries: Sequence[Entry]) -> None:
    """Append one row per entry, as `record` does, in one statement; for imports."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(tenants_append_activity(e.tenant, %s, %s, %s, %s, e.about, e.summary,"
            " '{}', e.after)) FROM (SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[],"
            " %s::jsonb[]) AS u(tenant, about, summary, after) ORDER BY tenant) e",
            [
                act.at,
                act.by.pk if act.by else None,
                act.organisation.pk if act.organisation else None,
                action,
                [entry.tenant_id for entry in entries],
                [str(entry.about) for entry in entries],
                [entry.summary[:300] for entry in entries],
                [json.dumps(entry.after, cls=DjangoJSONEncoder) for entry in entries],
            ],
        )
