"""Measure the month's close, and the pages with very many rows, against what is bare."""

import json
import subprocess
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from billing.management.benchmarks import invoicing
from billing.management.benchmarks.scratch import scratch_database
from csp_portal.scale import pages as page_figures

GOAL_RATIO = 0.4
GOAL_MEMORY_MB = 150


class Command(BaseCommand):
    help = (
        "bench invoicing: build a made-up market in a database of its own, close its month "
        "through the real service, and compare with one bare INSERT … SELECT of the same lines. "
        "bench pages: fill such a database with very many customers and measure every list "
        "and detail page against a bare one. The database of DATABASE_URL itself is not touched."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["invoicing", "pages"])
        parser.add_argument(
            "--scale", type=int, default=100_000, help="subscriptions; for pages customers"
        )
        parser.add_argument("--workers", type=int, default=2, help="processes that close")
        parser.add_argument(
            "--rounds", type=int, default=page_figures.ROUNDS, help="times a page is asked for"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--phase", choices=[*invoicing.PHASES, "measure"], help="used by bench itself"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["phase"] == "measure":
            self._measure_pages(options["rounds"])
            return
        if options["phase"]:
            invoicing.run(options["phase"], options["scale"])
            return
        if options["what"] == "pages":
            self._pages(options["scale"], options["rounds"], as_json=options["json"])
            return
        with scratch_database() as variables:
            figures = self._measure(variables, options["scale"], options["workers"])
        self._report(figures, as_json=options["json"])
        if figures["differences"] or figures["rerun_new"]:
            raise CommandError("The close and the bare statement did not write the same lines.")
        if figures["ratio"] < GOAL_RATIO or figures["peak_mb"] > GOAL_MEMORY_MB:
            raise CommandError("Below the goal.")

    def _pages(self, scale: int, rounds: int, *, as_json: bool) -> None:
        """Make the world in a scratch database, measure in a process of the run-time role."""
        with scratch_database() as variables:
            owner = {**variables, "DATABASE_ROLE": "owner", "DEMO": "true"}
            for command in (["migrate", "--verbosity", "0"], ["grant_roles"]):
                _finish(_start([*command, "--skip-checks"], owner))
            _finish(_start(["createcachetable"], owner))
            _finish(_start(["seed_demo", "--skip-checks", "--scale", str(scale)], owner))
            app = {**variables, "DATABASE_ROLE": "app", "DEMO": "true"}
            measure = ["bench", "pages", "--phase", "measure", "--rounds", str(rounds)]
            figures = _finish(_start(measure, app))
        if as_json:
            self.stdout.write(json.dumps(figures))
        else:
            self.stdout.write(page_figures.table(figures))
        if figures["problems"]:
            raise CommandError("Not within the goals: " + "; ".join(figures["problems"]))

    def _measure_pages(self, rounds: int) -> None:
        settings.ROOT_URLCONF = "csp_portal.scale.bare"
        settings.MFA_REQUIRED = False
        settings.ALLOWED_HOSTS = ["testserver"]
        settings.SECURE_SSL_REDIRECT = False
        self.stdout.write(json.dumps(page_figures.measure(rounds=rounds)))

    def _measure(self, variables: dict[str, str], scale: int, workers: int) -> dict[str, Any]:
        owner = {**variables, "DATABASE_ROLE": "owner"}
        worker = {**variables, "DATABASE_ROLE": "app", "STATEMENT_TIMEOUT_SECONDS": "60"}
        for command in (["migrate", "--verbosity", "0"], ["grant_roles"]):
            _finish(_start([*command, "--skip-checks"], owner))
        self._phase("build", scale, owner)
        bare = [self._phase("bare", scale, owner)]
        closes = self._close(scale, workers, worker)
        after = self._phase("after", scale, owner)
        bare.append(self._phase("bare", scale, owner))
        lines = sum(each["lines"] for each in closes)
        seconds = max(c["ended"] for c in closes) - min(c["started"] for c in closes)
        # before and after the close: whatever else the machine does weighs on both alike
        limit = sum(each["lines"] for each in bare) / sum(each["seconds"] for each in bare)
        return {
            "scale": scale,
            "workers": workers,
            "lines": lines,
            "invoices": sum(each["invoices"] for each in closes),
            "seconds": round(seconds, 2),
            "lines_per_second": round(lines / seconds),
            "bare_lines_per_second": round(limit),
            "ratio": round(lines / seconds / limit, 3),
            "peak_mb": round(max(each["peak_mb"] for each in closes), 1),
            "rerun_share": round(after["rerun_seconds"] / seconds, 4),
            "preview_ms": round(after["preview_ms"], 1),
            "rerun_new": after["rerun_new"],
            "differences": after["differences"],
        }

    def _close(self, scale: int, workers: int, variables: dict[str, str]) -> list[dict[str, Any]]:
        """Let the workers close at once: each skips what another is closing."""
        processes = [_start(_phase("close", scale), variables) for _ in range(workers)]
        for process in processes:
            assert process.stdout is not None  # a pipe, see _start
            process.stdout.readline()
        for process in processes:
            assert process.stdin is not None  # a pipe, see _start
            process.stdin.write("go\n")
            process.stdin.flush()
        return [_finish(process) for process in processes]

    def _phase(self, name: str, scale: int, variables: dict[str, str]) -> dict[str, Any]:
        return _finish(_start(_phase(name, scale), variables))

    def _report(self, figures: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(figures))
            return
        self.stdout.write(
            "{scale:,} subscriptions, two legs: {lines:,} lines on {invoices:,} invoices\n"
            "close, {workers} workers:        {lines_per_second:>9,} lines/s, {seconds} s, "
            "peak {peak_mb} MB a worker\n"
            "bare INSERT … SELECT:    {bare_lines_per_second:>9,} lines/s, one connection\n"
            "ratio:                   {ratio:>9}\n"
            "closing again:           {rerun_share:>9.2%} of the close\n"
            "preview of one customer: {preview_ms:>9} ms".format(**figures)
        )


def _phase(name: str, scale: int) -> list[str]:
    return ["bench", "invoicing", "--phase", name, "--scale", str(scale)]


def _start(command: list[str], variables: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 -- our own command line
        [sys.executable, str(settings.BASE_DIR / "manage.py"), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=variables,
        text=True,
    )


def _finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    said, _errors = process.communicate()
    if process.returncode != 0:
        raise CommandError(f"a phase of the benchmark ended with {process.returncode}")
    last = said.strip().splitlines()[-1] if said.strip().startswith("{") else "{}"
    result: dict[str, Any] = json.loads(last)
    return result
