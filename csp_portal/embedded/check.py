"""
`manage.py test`: everything that must hold, in one command.

Style, types, architecture, templates, migrations and deployment settings first; all of them run
even if one fails. Then the tests, with the browser journeys. With arguments, only pytest runs,
with these.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
# What a real server has; only `check --deploy` sees these.
PRODUCTION = {
    "SECRET_KEY": "9hT3-only-for-the-check_kq2ZrW8vYb5nLx7sJ4dFgP6mCtAeUoViDzRw",
    "ALLOWED_HOSTS": "portal.example.com",
    "BASE_URL": "https://portal.example.com",
    "DATABASE_URL": "postgresql://csp_app@db.example.com/csp_portal",
    "REDIS_URL": "redis://redis.example.com:6379/0",
    "EMAIL_HOST": "smtp.example.com",
    "DEFAULT_FROM_EMAIL": "CSP Portal <portal@example.com>",
    "MFA_ENCRYPTION_KEYS": "a2V5LW9ubHktZm9yLXRoZS1jaGVjay0zMi1ieXRlcyE=",
    "TRUSTED_PROXY_COUNT": "1",
}
# What a developer's shell may hold must not reach the check of the production settings.
OURS = ("DEMO", "DEBUG", "TESTING", "HTTPS", "MFA_REQUIRED", "DATABASE_ROLE", "DATA_DIR")


@dataclass(frozen=True)
class Step:
    name: str
    command: list[str]
    variables: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Result:
    step: Step
    passed: bool
    seconds: float
    output: str


def main(arguments: list[str]) -> int:
    if arguments:
        return _pytest(*arguments)
    started = time.monotonic()
    with ThreadPoolExecutor(max_workers=2) as pool:
        failed = [result.step.name for result in pool.map(_run, _steps()) if not _report(result)]
    print(f"\n  tests, after {time.monotonic() - started:.0f} s:\n", flush=True)
    tests = _pytest("-n", "2", "--dist", "loadgroup")
    if failed:
        print(f"failed before the tests: {', '.join(failed)}", file=sys.stderr, flush=True)
    return tests or int(bool(failed))


def _steps() -> list[Step]:
    manage = [sys.executable, "manage.py"]
    templates = sorted(str(path) for path in ROOT.glob("**/templates/**/*.html") if _ours(path))
    steps = [  # the slow one first: two run at a time
        Step("mypy", [str(BIN / "mypy")]),
        Step("ruff format", [str(BIN / "ruff"), "format", "--check", "."]),
        Step("ruff check", [str(BIN / "ruff"), "check", "."]),
        Step("import contracts", [str(BIN / "lint-imports")]),
        Step("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        Step("deployment", [*manage, "check", "--deploy", "--fail-level=WARNING"], PRODUCTION),
    ]
    if templates:
        djade = [str(BIN / "djade"), "--check", "--target-version", "5.2"]
        steps.append(Step("templates", [*djade, *templates]))
    return steps


def _ours(path: Path) -> bool:
    return not any(part.startswith(".") or part == "var" for part in path.relative_to(ROOT).parts)


def _run(step: Step) -> Result:
    started = time.monotonic()
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    environment.update(step.variables or {})
    done = subprocess.run(  # noqa: S603 -- our own tools
        step.command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Result(step, done.returncode == 0, time.monotonic() - started, done.stdout)


def _report(result: Result) -> bool:
    mark = "ok    " if result.passed else "FAILED"
    print(f"  {mark} {result.step.name:<20} {result.seconds:5.1f} s", flush=True)
    if not result.passed:
        print("\n" + result.output.rstrip() + "\n", flush=True)
    return result.passed


def _pytest(*arguments: str) -> int:
    command = [sys.executable, "-m", "pytest", *arguments]
    process = subprocess.Popen(command, cwd=ROOT)  # noqa: S603 -- our own tool
    signal.signal(signal.SIGTERM, lambda *_: process.send_signal(signal.SIGINT))
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # it got the same Ctrl-C, and stops its servers first
