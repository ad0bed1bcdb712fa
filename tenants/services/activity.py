"""The only way into the activity log."""

import json
from collections.abc import Mapping
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
