"""
A process that carries a command for many rows on: `python -m tests.faults.bulk_process RUN DAY`.

It says "ready" when it begins, so that a test can kill it in the middle.
"""

import sys
from datetime import date

import django


def main() -> None:
    django.setup()
    from django.db import connection  # noqa: PLC0415 -- after the set-up

    from csp_portal.home.bulk import carrying  # noqa: PLC0415 -- after the set-up
    from csp_portal.shared import clock  # noqa: PLC0415 -- after the set-up

    connection.ensure_connection()
    print("ready", flush=True)  # noqa: T201 -- to the test
    with clock.pinned_to(date.fromisoformat(sys.argv[2])):
        while carrying.carry_on(run_id=int(sys.argv[1]), at=clock.now(), seconds=60):
            pass


if __name__ == "__main__":
    main()
