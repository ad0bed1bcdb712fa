"""
A process that closes a month on a given day: `python -m tests.faults.close_process 2026-11 DAY`.

It says "ready" when it begins, so that a test can kill it in the middle.
"""

import sys
from datetime import date

import django
from django.core.management import call_command


def main() -> None:
    django.setup()
    from django.db import connection  # noqa: PLC0415 -- after the set-up

    from csp_portal.shared import clock  # noqa: PLC0415 -- after the set-up

    connection.ensure_connection()
    print("ready", flush=True)  # noqa: T201 -- to the test
    with clock.pinned_to(date.fromisoformat(sys.argv[2])):
        call_command("close_month", sys.argv[1], skip_checks=True)


if __name__ == "__main__":
    main()
