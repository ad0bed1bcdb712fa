#!/usr/bin/env python3
"""
Django's command line.

`demo`, `test` and `setup` also work on a bare machine: they make `.venv` first. Every other
command runs in `.venv` when there is one, and on the servers of a running demo unless
DATABASE_URL says otherwise. (Any Python can read this file, to say that it is too old.)
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 -- no imports yet

# These change tables, owners or grants, which the run-time role cannot.
OWNER_COMMANDS = {"migrate", "createcachetable", "grant_roles", "flush"}


def main() -> None:
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    sys.path.insert(0, os.path.join(HERE, "csp_portal", "embedded"))  # noqa: PTH118 -- as above
    # standard library only: the packages may not be there yet
    import bootstrap  # type: ignore[import-not-found]  # noqa: PLC0415 -- see above

    sys.path.pop(0)
    if command in {"demo", "test", "setup"}:
        bootstrap.make_venv(HERE)
    bootstrap.enter_venv(HERE)
    if command == "setup":
        return

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csp_portal.settings")
    if command == "demo":
        # before Django reads its settings: the demo decides where the databases are
        from csp_portal.embedded.demo import main as demo  # noqa: PLC0415 -- see above

        raise SystemExit(demo(sys.argv[2:]))
    if command == "test":
        from csp_portal.embedded.check import main as check  # noqa: PLC0415 -- see above

        raise SystemExit(check(sys.argv[2:]))
    makes_many = command == "seed_demo" and any(a.startswith("--scale") for a in sys.argv)
    if command in OWNER_COMMANDS or makes_many:
        os.environ.setdefault("DATABASE_ROLE", "owner")
    try:
        from django.core.management import execute_from_command_line  # noqa: PLC0415 -- see above
    except ModuleNotFoundError as error:
        if error.name != "django":
            raise
        raise SystemExit("Django is not installed; run `python3 manage.py setup` first") from None
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
