"""
Start throw-away servers for the tests, unless DATABASE_URL and REDIS_URL name others.

The variables are set at import, i.e. before pytest-django reads the settings; the processes of
pytest-xdist inherit them. Tests run as `csp_owner`, who may create databases, and act as the
run-time role with `SET ROLE`, see CSP_APP_ROLE and CSP_RECON_ROLE.
"""

import atexit
import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from csp_portal.shared.env import redis_url_for

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def _start_servers() -> None:
    needed = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)]
    if not needed:
        return
    from .services import discard, throwaway  # noqa: PLC0415 -- not needed on real servers

    services = throwaway()
    atexit.register(discard, services)
    if "DATABASE_URL" in needed:
        os.environ.update(services.start_postgres())
    if "REDIS_URL" in needed:
        os.environ.update(services.start_redis())


def _give_this_process_a_redis_database() -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        number = 1 + int(worker.removeprefix("gw"))
        os.environ["REDIS_URL"] = redis_url_for(os.environ["REDIS_URL"], number)


os.environ["TESTING"] = "true"
os.environ["DATABASE_ROLE"] = "owner"
os.environ.setdefault("CSP_APP_ROLE", "csp_app")
os.environ.setdefault("CSP_RECON_ROLE", "csp_recon")
if "PYTEST_XDIST_WORKER" not in os.environ:
    _start_servers()
_give_this_process_a_redis_database()


def find_chromium() -> Path | None:
    """Return the system's browser; CHROMIUM may name another."""
    if named := os.environ.get("CHROMIUM"):
        return Path(named)
    for name in CHROMIUM_NAMES:
        if found := shutil.which(name):
            return Path(found)
    return None


def _must_not_skip() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true"}


class GrantedDatabase:
    """Adds the rights of the run-time roles to the database that pytest-django creates."""

    @pytest.fixture(scope="session")
    @classmethod
    def django_db_setup(cls, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:  # noqa: ARG003 -- extends it
        # pytest-django has found the settings by now, not when this module is read
        from django.core.management import call_command, get_commands  # noqa: PLC0415 -- see above

        if "grant_roles" in get_commands():
            with django_db_blocker.unblock():
                call_command("grant_roles", verbosity=0)


def pytest_configure(config: pytest.Config) -> None:
    # registered late, so that its fixture extends pytest-django's and not the other way round
    config.pluginmanager.register(GrantedDatabase(), "csp-granted-database")


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """Where the browser is; browser tests are skipped, or fail under CI, without one."""
    found = find_chromium()
    if found is None and _must_not_skip():
        pytest.fail("no chromium found")
    return found or pytest.skip("no chromium found")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the browser tests of a file in one process: they take as long as all others."""
    missing = find_chromium() is None and not _must_not_skip()
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group(f"browser {item.path.name}"))
            if missing:
                item.add_marker(pytest.mark.skip(reason="no chromium found"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and item.get_closest_marker("browser") and _must_not_skip():
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, which CI does not accept"
    return report
