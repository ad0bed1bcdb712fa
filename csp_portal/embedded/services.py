"""The two private servers of a demo or a test run, and the place they live in."""

import contextlib
import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import IO

from .postgres import Postgres
from .process import private_dir
from .redis import Redis

ROOMY = 2 * 1024**3  # bytes a test run may need, with room to spare


class Busy(RuntimeError):
    """Another process runs on the same data."""


class Services:
    """
    PostgreSQL and Redis on `data`, listening on Unix sockets only.

    `durable` servers survive a power cut and keep their data; throw-away ones do neither.
    """

    def __init__(self, data: Path, *, durable: bool = True) -> None:
        self.data = data.absolute()
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.durable = durable
        self.user = _service_user() if os.geteuid() == 0 else None
        self.run_dir = self._run_dir()
        self.postgres = Postgres(
            data=self._postgres_data(),
            sockets=self.run_dir / "postgres",
            log=self.data / "postgres.log",
            durable=durable,
            user=self.user,
        )
        self.redis = Redis(
            data=self.data / "redis",
            unix_socket=self.run_dir / "redis.sock",
            log=self.data / "redis.log",
            durable=durable,
        )
        self._lock: IO[str] | None = None

    def lock(self) -> None:
        """
        Claim the data for this process, until it ends.

        :raises Busy: if another process has it
        """
        self._lock = (self.data / ".lock").open("a+", encoding="utf-8")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.seek(0)
            raise Busy(f"pid {self._lock.read().strip() or '?'}, data in {self.data}") from None
        self._lock.truncate(0)
        self._lock.write(str(os.getpid()))
        self._lock.flush()

    def start_postgres(self) -> dict[str, str]:
        self._make_run_dir()
        self.postgres.start()
        return {
            "DATABASE_URL": self.postgres.url("csp_app"),
            "DATABASE_OWNER_URL": self.postgres.url("csp_owner"),
            "DATABASE_RECON_URL": self.postgres.url("csp_recon"),
        }

    def start_redis(self) -> dict[str, str]:
        self._make_run_dir()
        self.redis.start()
        return {"REDIS_URL": self.redis.url}

    def stop(self) -> None:
        self.redis.stop()
        self.postgres.stop()
        shutil.rmtree(self.run_dir, ignore_errors=True)

    def erase(self) -> None:
        """Delete what the servers keep. They must not run."""
        shutil.rmtree(self.redis.data, ignore_errors=True)
        shutil.rmtree(self.postgres.data, ignore_errors=True)
        if self.user is not None and self.durable:
            shutil.rmtree(self.postgres.data.parent, ignore_errors=True)

    def _make_run_dir(self) -> None:
        if self.user is None:
            private_dir(self.run_dir)
        else:
            private_dir(self.run_dir, mode=0o710, group=self.user.pw_gid)
            if not self.durable:
                private_dir(self.data, mode=0o710, group=self.user.pw_gid)

    def _run_dir(self) -> Path:
        """Sockets. Their paths hold about 100 bytes, so they are never deep inside a checkout."""
        if not self.durable:
            return self.data / "run"
        key = hashlib.sha256(f"{os.geteuid()}:{self.data}".encode()).hexdigest()[:10]
        base = os.environ.get("XDG_RUNTIME_DIR", "")
        if self.user is not None or not base or not os.access(base, os.W_OK):
            base = "/tmp"  # noqa: S108 -- private_dir refuses what is not ours
        return Path(base) / f"csp-{key}"

    def _postgres_data(self) -> Path:
        if self.user is None or not self.durable:
            return self.data / "postgres"
        # The service user may not be able to enter the checkout, so root's demo keeps its
        # database beside it, under a name that only the data directory knows.
        name = self.data / "cluster-id"
        if not name.exists():
            name.write_text(secrets.token_hex(8), encoding="utf-8")
        base = Path("/var/tmp")  # noqa: S108 -- the name cannot be guessed
        return base / f"csp-data-{name.read_text(encoding='utf-8')}" / "postgres"


def throwaway() -> Services:
    """Return servers for one test run, in memory where there is room for them."""
    memory = Path("/dev/shm")  # noqa: S108 -- mkdtemp makes a private directory
    in_memory = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOMY
    base = memory if in_memory else Path(tempfile.gettempdir())
    _sweep(base)
    services = Services(Path(tempfile.mkdtemp(prefix="csp-test-", dir=base)), durable=False)
    services.lock()
    return services


def discard(services: Services) -> None:
    services.stop()
    shutil.rmtree(services.data, ignore_errors=True)


def _sweep(base: Path) -> None:
    """Remove what a killed test run left behind; a running one holds its lock."""
    for left in base.glob("csp-test-*"):
        with contextlib.suppress(OSError):
            if left.lstat().st_uid != os.geteuid() or left.is_symlink():
                continue
            with (left / ".lock").open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)


def _service_user() -> pwd.struct_passwd:
    """PostgreSQL refuses to run as root."""
    for name in (os.environ.get("CSP_PG_USER"), "postgres", "nobody"):
        if name:
            with contextlib.suppress(KeyError):
                return pwd.getpwnam(name)
    raise SystemExit("PostgreSQL does not run as root, and there is no user `nobody` to run it as")
