import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management.commands import flush
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client

from csp_portal.shared import clock
from tenants.models import User

from .races import unguarded  # noqa: F401 -- a fixture of every test
from .world import TODAY, World, build_world


@pytest.fixture
def world(db: None) -> World:
    return build_world()


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with clock.pinned_to(TODAY):
        yield


@pytest.fixture(autouse=True)
def _no_second_factor(settings: Any) -> None:
    """Let people in with a password; that a second factor is required has its own tests."""
    settings.MFA_REQUIRED = False


class Browser(Client):
    """Django's test client, signed in as somebody; a POST names the workspace it is from."""

    workspace = ""

    def post(self, path, data=None, *args, **kwargs):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN002, ANN003, ANN201 -- as Client.post
        if self.workspace and isinstance(data or {}, dict):
            data = {"workspace": self.workspace, **(data or {})}
        return super().post(path, data, *args, **kwargs)


@pytest.fixture
def sign_in() -> Callable[[User], Browser]:
    """Return a function that signs a person in, freshly, in their first workspace."""

    def signed_in(user: User) -> Browser:
        browser = Browser()
        browser.force_login(user)
        session = browser.session
        session["account_authentication_methods"] = [
            {
                "method": "password",
                "at": clock.real_now().timestamp(),
                "email": user.email,
                "reauthenticated": True,
            }
        ]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
        membership = (
            user.memberships.select_related("tenant").order_by("tenant__name", "id").first()
        )
        browser.workspace = str(membership.public_id) if membership else ""
        return browser

    return signed_in


GUARDED_TABLES = (
    "tenants_activity subscriptions_seatchange billing_price billing_lockedprice "
    "billing_charge billing_invoice relationships_agreementevent relationships_customeragreement"
).split()


# Every model's name and permissions are written once; writing them anew takes half a second.
KEPT_TABLES = re.compile(r'"(?:django_content_type|auth_permission)"(?:, )?')


@pytest.fixture(scope="session", autouse=True)
def _tables_can_be_emptied() -> Iterator[None]:
    """
    Let pytest empty the tables after a test that commits.

    The database refuses TRUNCATE on what is append-only, rightly; only the owner, which
    tests connect as, can switch that trigger off.
    """
    execute = DatabaseOperations.execute_sql_flush

    def empty(self: DatabaseOperations, sql_list: list[str]) -> None:
        switch = [f"ALTER TABLE {table} {{}} TRIGGER USER" for table in GUARDED_TABLES]
        off, on = ([sql.format(word) for sql in switch] for word in ("DISABLE", "ENABLE"))
        execute(self, [*off, *(KEPT_TABLES.sub("", sql) for sql in sql_list), *on])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", empty)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_, **__: None)
        yield
