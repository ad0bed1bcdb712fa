"""Child processes that never outlive this one."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class DidNotStart(RuntimeError):
    """A child ended, or did not answer, before it was ready."""


def spawn(
    command: Sequence[str | Path],
    *,
    log: IO[bytes],
    when_parent_dies: signal.Signals = signal.SIGTERM,
    user: pwd.struct_passwd | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str | Path = "/",
) -> subprocess.Popen[bytes]:
    """
    Start a child in a session of its own: the terminal's Ctrl-C reaches only the supervisor.

    On Linux the kernel sends it `when_parent_dies`, even when this process is killed with -9.
    """
    return subprocess.Popen(  # noqa: S603 -- only our own commands
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_before_exec(when_parent_dies, user),  # noqa: PLW1509 -- no threads here
        env=env,
        cwd=cwd,
    )


def _before_exec(
    when_parent_dies: signal.Signals, user: pwd.struct_passwd | None
) -> Callable[[], None]:
    parent = os.getpid()

    def run() -> None:
        if user is not None:
            os.initgroups(user.pw_name, user.pw_gid)
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
        if _libc is not None:
            # after setuid, which clears it
            _libc.prctl(PR_SET_PDEATHSIG, int(when_parent_dies), 0, 0, 0)
            if os.getppid() != parent:  # it died in between
                os.kill(os.getpid(), signal.SIGKILL)

    return run


def stop(
    process: subprocess.Popen[bytes] | None,
    how: signal.Signals = signal.SIGTERM,
    *,
    grace: float = 15,
) -> None:
    """Ask `process` to end; after `grace` seconds kill it and what it started."""
    if process is None:
        return
    if process.poll() is None:
        process.send_signal(how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a child's own session, e.g. the pool of a killed worker."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.poll() is None:
        process.wait(5)


def wait_until(
    ready: Callable[[], bool],
    *,
    process: subprocess.Popen[bytes],
    log: Path,
    seconds: float = 60,
) -> None:
    """
    Wait for a child's first answer.

    :raises DidNotStart: with the end of its log, if it ends or stays silent
    """
    name = Path(str(process.args[0] if isinstance(process.args, list) else process.args)).name
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise DidNotStart(f"{name} stopped with {process.returncode}; {tail(log)}")
        if ready():
            return
        time.sleep(0.03)
    raise DidNotStart(f"{name} does not answer after {seconds:.0f} s; {tail(log)}")


def tail(log: Path, lines: int = 15) -> str:
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return f"the end of {log}:\n" + "\n".join(text.splitlines()[-lines:])


def private_dir(path: Path, *, mode: int = 0o700, group: int = -1) -> Path:
    """
    Create `path` for this user alone, or for one `group` too, and refuse somebody else's.

    :raises SystemExit: if it is a link or belongs to another user
    """
    path.mkdir(parents=True, exist_ok=True, mode=mode)
    found = path.lstat()
    if path.is_symlink() or found.st_uid != os.geteuid():
        raise SystemExit(f"{path} belongs to somebody else; remove it")
    if group not in {-1, found.st_gid}:
        os.chown(path, -1, group)
    if found.st_mode & 0o7777 != mode:
        path.chmod(mode)
    return path
