"""Keeps the demo's processes running: whatever dies is started again."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from .process import DidNotStart, kill_group, spawn, stop, tail

ROOT = Path(__file__).resolve().parents[2]
SETTLED = 5.0  # seconds after which a start counts as good
LONGEST_PAUSE = 15.0
BIG_LOG = 10 * 1024**2
Say = Callable[[str], None]


class Restartable(Protocol):
    process: subprocess.Popen[bytes] | None

    def start(self) -> None: ...


@dataclass
class Command:
    """One of our own programs, with its log."""

    arguments: list[str]
    log: Path
    variables: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = spawn(
                self.arguments, log=log, cwd=ROOT, env={**os.environ, **self.variables}
            )


@dataclass
class Child:
    what: Restartable
    failures: int = 0
    started: float = field(default_factory=time.monotonic)
    next_start: float = 0.0


class Supervisor:
    def __init__(self, data: Path, say: Say) -> None:
        self.data = data
        self.say = say
        self.children: dict[str, Child] = {}

    def start(self, name: str, arguments: list[str], **variables: str) -> None:
        log = self.data / f"{name}.log"
        if log.exists() and log.stat().st_size > BIG_LOG:
            log.replace(log.with_suffix(".log.old"))
        command = Command(arguments, log, variables)
        command.start()
        self.adopt(name, command)

    def adopt(self, name: str, what: Restartable) -> None:
        """Watch something that was already started."""
        self.children[name] = Child(what)

    def run(self, name: str, arguments: list[str], **variables: str) -> None:
        """
        Run one step to its end.

        :raises DidNotStart: with the end of its log, if it fails
        """
        step = Command([sys.executable, *arguments], self.data / f"{name}.log", variables)
        step.start()
        if step.process is None:
            return
        try:
            if step.process.wait() != 0:
                raise DidNotStart(f"{name} failed; {tail(step.log, 30)}")
        finally:
            stop(step.process)

    def all_alive(self) -> None:
        """
        Check while nothing is watched yet.

        :raises DidNotStart: with the end of the log of what has stopped
        """
        for name, child in self.children.items():
            if (process := child.what.process) and process.poll() is not None:
                raise DidNotStart(
                    f"{name} stopped with {process.returncode}; {tail(self.data / f'{name}.log')}"
                )

    def watch_forever(self) -> None:
        while True:
            for name, child in self.children.items():
                self._revive(name, child)
            time.sleep(0.25)

    def stop(self) -> None:
        """Stop our own programs, those that take requests first; the servers come later."""
        children = [child.what for child in self.children.values()]
        commands = [child for child in children if isinstance(child, Command)]
        for command in commands:
            if command.process and command.process.poll() is None:
                command.process.terminate()
        for command in commands:
            with contextlib.suppress(ProcessLookupError):
                stop(command.process)

    def _revive(self, name: str, child: Child) -> None:
        process = child.what.process
        if process is None or process.poll() is None:
            return
        now = time.monotonic()
        if not child.next_start:
            kill_group(process)  # what a killed parent left behind, e.g. the pool of a worker
            child.failures = 0 if now - child.started > SETTLED else child.failures + 1
            # the first time at once; if it keeps stopping, ever more slowly
            child.next_start = now + min((2**child.failures - 1) / 2, LONGEST_PAUSE)
        if now < child.next_start:
            return
        self.say(f"{name} stopped with {process.returncode}; starting it again")
        child.next_start = 0.0
        child.started = now
        try:
            child.what.start()
        except DidNotStart as error:
            self.say(str(error))
