"""Two addresses for the machinery around the portal: is it alive, can it serve."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from csp_portal.celery import app
from tenants.permissions import open_to_anyone


@open_to_anyone
@never_cache
@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """Answer as long as the process does; asks nothing of anybody else."""
    return JsonResponse({"status": "ok"})


@open_to_anyone
@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """
    Answer 200 if pages can be served, else 503.

    Pages need PostgreSQL. Redis only wakes the workers: without it the portal goes on, so
    a missing Redis is named and does not take the web process out of service.
    """
    database = _database_answers()
    report = {
        "status": "ready" if database else "unavailable",
        "postgresql": "ok" if database else "unreachable",
        "redis": "ok" if _broker_answers() else "unreachable",
    }
    return JsonResponse(report, status=200 if database else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _broker_answers() -> bool:
    try:
        with app.connection_for_read(connect_timeout=1) as broker:
            broker.ensure_connection(max_retries=1, timeout=1)
    except OperationalError:
        return False
    return True
