"""What `import_tenants` and `import_subscriptions` have in common: everything but the service."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from csp_portal.shared import clock
from tenants.acts import Act

from ..services.imports import ImportRefused, ImportReport


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV, UTF-8, with a header")
    parser.add_argument("--dry-run", action="store_true", help="check every row and write nothing")


def run(
    command: BaseCommand, service: Callable[..., ImportReport], options: dict[str, Any]
) -> None:
    """
    Import the file, with progress on standard error and the result on standard output.

    :raises CommandError: if the file cannot be read or is refused; the exit code is then 1
    """
    path: Path = options["file"]

    def progress(stage: str, done: int, total: int) -> None:
        if done < total or total > 10_000:  # noqa: PLR2004 -- a short file needs no progress
            command.stderr.write(f"{path.name}: {done:,} of {total:,} rows {stage}")

    try:
        with path.open("rb") as file:
            report = service(
                file=file,
                act=Act.of_the_portal(at=clock.now(), on=clock.today()),
                is_dry_run=options["dry_run"],
                progress=progress,
            )
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    except ImportRefused as refused:
        for notice in refused.notices:
            command.stderr.write(notice)
        for problem in refused.problems:
            command.stderr.write(f"{path.name}, {problem}")
        count = len(refused.problems)
        raise CommandError(f"Nothing was imported: {count} problem{'s' * (count != 1)}.") from None
    for notice in report.notices:
        command.stderr.write(notice)
    counts = ", ".join(f"{name}: {count:,}" for name, count in report.counts.items())
    what = "Rows that would be imported" if report.is_dry_run else "Rows imported"
    command.stdout.write(f"{what}: {report.rows:,} ({counts}).")
