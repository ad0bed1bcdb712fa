"""
The Celery application.

PostgreSQL holds what has to be done, Redis only says when to look: a lost message delays
work until the next sweep and never loses it.
"""

import os
from typing import Any

from celery import Celery
from celery.contrib.django.task import DjangoTask
from celery.signals import beat_init, worker_init
from django.conf import settings
from django.db import connection, transaction

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csp_portal.settings")


class PortalTask(DjangoTask):  # type: ignore[type-arg]  # generic in the stubs only
    """A task whose start after a commit cannot turn the committed request into an error."""

    def delay_on_commit(  # type: ignore[override]  # nothing to return before the commit
        self, *args: Any, **kwargs: Any
    ) -> None:
        def start() -> None:
            self.delay(*args, **kwargs)

        # robust: with Redis down this is logged, the request succeeds, and the sweep does the work
        transaction.on_commit(start, robust=True)


app = Celery("csp_portal", task_cls=PortalTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.task(name="csp_portal.ping", ignore_result=False)
def ping() -> str:
    """Return which database answers, and as which role the worker speaks to it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_user")
        version, role = cursor.fetchone()
    return f"PostgreSQL {version} as {role}"


@worker_init.connect
def refuse_insecure_worker(**_: object) -> None:
    # after the fixup has set Django up; importing it earlier would load settings too soon
    from csp_portal.checks import refuse_insecure_start  # noqa: PLC0415 -- see above

    refuse_insecure_start()


@beat_init.connect
def send_tasks_due_at_start(**_: object) -> None:
    """Beat may have been down over midnight; what is due is computed from the database."""
    for name in settings.TASKS_AT_START:
        app.send_task(name)
