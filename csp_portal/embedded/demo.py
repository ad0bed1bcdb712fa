"""Start PostgreSQL, Redis, web, worker and beat; keep them running; stop all with Ctrl-C."""

import argparse
import contextlib
import importlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from . import prepare, probe
from .process import DidNotStart
from .services import Busy, Services
from .supervisor import Say, Supervisor

ROOT = prepare.ROOT
PASSWORD = "demo-password"  # noqa: S105 -- public, like the demo's accounts
LOOPBACK = ("127.0.0.1", "localhost", "::1")
# What other commands need to join a running demo.
SHARED = (
    *("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_RECON_URL", "REDIS_URL", "SECRET_KEY_FILE"),
    *("DEMO", "BASE_URL", "ALLOWED_HOSTS", "DATA_DIR"),
)


def main(arguments: list[str]) -> int:
    options = _parse(arguments)
    os.umask(0o077)  # the data, the logs and the mails are this user's alone
    _stop_on_signals()
    started = time.monotonic()

    def say(message: str) -> None:
        # the terminal may be gone, and everything must still stop
        with contextlib.suppress(OSError):
            print(f"  {time.monotonic() - started:5.1f}s  {message}", flush=True)

    services = Services(options.data)
    try:
        services.lock()
    except Busy as busy:
        print(f"The demo is already running ({busy}).", file=sys.stderr)
        print("Stop it first, or start another one with --data.", file=sys.stderr)
        return 1
    if options.reset:
        _reset(services)
    supervisor = Supervisor(services.data, say)
    try:
        url = _start(options, services, supervisor, say)
        if options.once:
            _check_once(url, say)
        else:
            _print_welcome(url, services.data, exposed=options.host not in LOOPBACK)
            supervisor.watch_forever()
    except KeyboardInterrupt:
        say("stopping; this takes a few seconds")
    except (DidNotStart, subprocess.CalledProcessError) as error:
        say(str(error))
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        supervisor.stop()
        services.stop()
        (services.data / "run.env").unlink(missing_ok=True)
        say("stopped")
    return 0


def _start(
    options: argparse.Namespace, services: Services, supervisor: Supervisor, say: Say
) -> str:
    """Start everything in order and return the address; the web first, it is waited for."""
    port = _free_port(options.host, options.port)
    url = f"http://{_shown(options.host)}:{port}"
    _configure(options, services, url)
    if not os.environ.get("DATABASE_URL"):
        os.environ.update(services.start_postgres())
        supervisor.adopt("postgres", services.postgres)
        say("PostgreSQL answers")
    os.environ.setdefault("DATABASE_OWNER_URL", os.environ["DATABASE_URL"])
    if not os.environ.get("REDIS_URL"):
        os.environ.update(services.start_redis())
        supervisor.adopt("redis", services.redis)
        say("Redis answers")
    _write_run_env(services.data / "run.env")
    _prepare_database(supervisor, say)

    supervisor.start("web", _web(options.host, port))
    probe.wait_for_page(f"{url}/healthz", alive=supervisor.all_alive)
    say(f"web answers on {url}")
    supervisor.start("worker", _worker(port), STATEMENT_TIMEOUT_SECONDS="60")
    supervisor.start("beat", _beat(services.data))
    return url


def _web(host: str, port: int) -> list[str]:
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"  # noqa: S108 -- nameless files
    gunicorn = [sys.executable, "-m", "gunicorn", "csp_portal.wsgi", f"--bind={bind}"]
    processes = ["--worker-class=gthread", "--workers=2", "--threads=4", "--graceful-timeout=5"]
    files = ["--umask=0o077", "--no-control-socket", f"--worker-tmp-dir={memory}"]
    return [*gunicorn, *processes, *files]


def _worker(port: int) -> list[str]:
    celery = [sys.executable, "-m", "celery", "--app=csp_portal", "worker", "--loglevel=INFO"]
    alone = ["--without-gossip", "--without-mingle", f"--hostname=demo{port}@%h"]
    return [*celery, "--concurrency=2", *alone]


def _beat(data: Path) -> list[str]:
    """Beat has its own process: a killed `worker --beat` would leave a second beat behind."""
    celery = [sys.executable, "-m", "celery", "--app=csp_portal", "beat"]
    return [*celery, f"--schedule={data / 'celerybeat-schedule'}", "--pidfile="]


def _shown(host: str) -> str:
    """Return how a browser on this machine reaches `host`."""
    if host in {"127.0.0.1", "0.0.0.0", "localhost"}:  # noqa: S104 -- shown, not bound
        return "localhost"
    if host == "::":
        return "[::1]"
    return f"[{host}]" if ":" in host else host


def _configure(options: argparse.Namespace, services: Services, url: str) -> None:
    key = services.data / "secret_key"
    if not key.exists():
        key.write_text(secrets.token_urlsafe(50), encoding="utf-8")
    hosts = ["localhost", "127.0.0.1", "[::1]"] if options.host in LOOPBACK else ["*"]
    defaults = {
        "SECRET_KEY_FILE": str(key),
        "DEMO": "true",
        "ALLOWED_HOSTS": ",".join(hosts),
        "BASE_URL": url,
        "DATA_DIR": str(services.data),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "csp_portal.settings",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)


def _prepare_database(supervisor: Supervisor, say: Say) -> None:
    owner_url = os.environ["DATABASE_OWNER_URL"]
    if prepare.is_current(owner_url):
        say("the database is up to date")
        return
    supervisor.run("prepare", ["-m", "csp_portal.embedded.prepare"], DATABASE_ROLE="owner")
    say("tables and rights are in place")
    if (ROOT / "csp_portal/management/commands/seed_demo.py").exists():
        supervisor.run("seed", ["manage.py", "seed_demo"], STATEMENT_TIMEOUT_SECONDS="60")
        say("demo data is in place")
    prepare.mark_as_current(owner_url)


def _check_once(url: str, say: Say) -> None:
    say(f"worker answers: {probe.run_task()}")
    accounts = _accounts()
    if accounts:
        email, who = accounts[0]
        say(f"signed in as {email} ({who}): {probe.sign_in(url, email, PASSWORD)}")


def _open_key() -> str:
    return str(importlib.import_module("csp_portal.demo_accounts").OPEN_KEY)


def _accounts() -> list[tuple[str, str]]:
    try:
        return list(importlib.import_module("csp_portal.demo_accounts").ACCOUNTS)
    except ModuleNotFoundError:
        return []


def _print_welcome(url: str, data: Path, *, exposed: bool) -> None:
    print(f"\n  Open {url}\n")
    accounts = _accounts()
    width = max((len(email) for email, _ in accounts), default=0)
    for email, who in accounts:
        print(f"    {email:<{width}}  {who}")
    print(f"\n  Password of all of them: {PASSWORD}")
    print(f"  An Open key for carl to redeem under Subscriptions: {_open_key()}")
    if exposed:
        print("  Everybody who can reach this machine can sign in with it.")
    print(f"  Data, mails and logs: {data}\n  Ctrl-C stops everything.\n", flush=True)


def _write_run_env(path: Path) -> None:
    path.unlink(missing_ok=True)
    lines = [f"{name}={os.environ[name]}" for name in SHARED if name in os.environ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")  # private by the umask


def _reset(services: Services) -> None:
    services.erase()
    for pattern in ("mail/*", "celerybeat-schedule*"):
        for path in services.data.glob(pattern):
            path.unlink()


def _free_port(host: str, wanted: int | None) -> int:
    """Return the port asked for, or else the first free one from 8000 (or PORT) on."""
    first = wanted or int(os.environ.get("PORT", "8000"))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(first, first + (1 if wanted else 20)):
        with socket.socket(family) as probe_socket, contextlib.suppress(OSError):
            probe_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe_socket.bind((host, port))
            return port
    raise DidNotStart(f"port {first} on {host} is taken; choose another with --port")


def _stop_on_signals() -> None:
    """Make SIGTERM and SIGHUP mean Ctrl-C; the first one counts, later ones are ignored."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN or number != signal.SIGHUP:  # nohup stays
            signal.signal(number, interrupt)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="manage.py demo", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, help="default: the first free one from 8000 on")
    data = Path(os.environ.get("DATA_DIR", ROOT / "var"))
    parser.add_argument("--data", type=Path, default=data, help="default: var/ in the checkout")
    parser.add_argument("--reset", action="store_true", help="delete the demo's data first")
    parser.add_argument("--once", action="store_true", help="start, try everything once, stop")
    return parser.parse_args(arguments)
