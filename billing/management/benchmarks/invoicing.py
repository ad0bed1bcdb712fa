"""
The phases of the invoicing benchmark.

Each runs in a process of its own on a database of its own, and prints one JSON object.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection

from billing.models import LockedPrice
from billing.queries.closes import due_months
from billing.queries.due_periods import CloseWindow
from billing.queries.invoices import next_invoice
from billing.services import closing
from csp_portal.shared import clock
from tenants.acts import Act

from . import lean
from .world import Market

MONTH = date(2026, 11, 1)
DAY_AFTER = date(2026, 12, 1)


def build(scale: int) -> dict[str, Any]:
    Market(scale).build()
    return {}


def bare(_scale: int) -> dict[str, Any]:
    """Write the lines with one bare statement."""
    lines, seconds = lean.measure(CloseWindow(seller_id=0, month=MONTH))
    return {"lines": lines, "seconds": seconds}


def close(_scale: int) -> dict[str, Any]:
    """Close what is due, as one of several workers; wait for the starting shot first."""
    act = _act()
    connection.ensure_connection()
    print("ready", flush=True)  # noqa: T201 -- to the process that started this one
    sys.stdin.readline()
    started, lines, invoices = time.time(), 0, 0
    for seller, month in due_months(on=DAY_AFTER):
        result = closing.close_recording_failure(seller=seller, month=month, act=act, waits=False)
        if result.is_new:
            lines += result.lines
            invoices += result.invoices
    return {
        "started": started,
        "ended": time.time(),
        "lines": lines,
        "invoices": invoices,
        "peak_mb": peak_memory_mb(),
    }


def after(_scale: int) -> dict[str, Any]:
    """Run the close again, preview a customer's next invoice, and compare the lines."""
    act, started = _act(), time.perf_counter()
    repeated = closing.close_month(month=MONTH, act=act)
    again = time.perf_counter() - started
    left = due_months(on=DAY_AFTER)
    sold = LockedPrice.objects.filter(leg=2).select_related("seller", "buyer")
    one = sold.order_by("id")[sold.count() // 2]
    next_invoice(seller=one.seller, buyer=one.buyer, month=DAY_AFTER)
    started = time.perf_counter()
    next_invoice(seller=one.seller, buyer=one.buyer, month=DAY_AFTER)
    preview = time.perf_counter() - started
    return {
        "rerun_seconds": again,
        "rerun_new": sum(result.is_new for result in repeated) + len(left),
        "preview_ms": preview * 1000,
        "differences": lean.difference_to_close(),
    }


PHASES: dict[str, Callable[[int], dict[str, Any]]] = {
    "build": build,
    "bare": bare,
    "close": close,
    "after": after,
}


def run(phase: str, scale: int) -> None:
    print(json.dumps(PHASES[phase](scale)), flush=True)  # noqa: T201 -- see `close`


def peak_memory_mb() -> float:
    """Return the most memory this process has had; `ru_maxrss` would count its parent's too."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _act() -> Act:
    with clock.pinned_to(DAY_AFTER):
        return Act.of_the_portal(at=clock.now(), on=clock.today())
