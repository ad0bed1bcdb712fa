"""
Make `.venv` on a bare machine, and run in it.

Standard library only. With a `uv` on PATH, else with one from the package index; the packages
are pinned, with hashes, in requirements.txt:

    uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate \
        --extra embedded --group dev pyproject.toml -o requirements.txt
"""

from __future__ import annotations  # an old Python must get as far as the message

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

UV = "0.13.9"
OLDEST = (3, 11)


def enter_venv(root: str) -> None:
    """Run this command again with `.venv`'s Python, if there is one and this is not it."""
    venv = Path(root, ".venv")
    python = venv / "bin" / "python"
    inside = Path(sys.prefix).resolve() == venv.resolve()
    if inside or os.environ.get("CSP_NO_BOOTSTRAP") or not (venv / ".complete").exists():
        return
    arguments = getattr(sys, "orig_argv", [sys.executable, *sys.argv])[1:]
    os.execv(python, [str(python), *arguments])  # noqa: S606 -- our own interpreter


def make_venv(root: str) -> None:
    """Create or update `.venv`; nothing to do if it holds what requirements.txt says."""
    _need_a_recent_python()
    if os.environ.get("CSP_NO_BOOTSTRAP"):
        return
    with _alone_in(root):
        venv = Path(root, ".venv")
        stamp = venv / ".complete"
        wanted = hashlib.sha256(Path(root, "requirements.txt").read_bytes()).hexdigest()
        with contextlib.suppress(OSError):
            if (venv / "bin" / "python").exists() and stamp.read_text() == wanted:
                return
        started = time.monotonic()
        _say("making .venv (a minute at most; later starts skip this)")
        stamp.unlink(missing_ok=True)
        _install(root, venv)
        (venv / ".lock").unlink(missing_ok=True)  # uv's own; it leaves it writable by everybody
        stamp.write_text(wanted)
        _say(f".venv is ready ({time.monotonic() - started:.1f} s)")


def _need_a_recent_python() -> None:
    if sys.version_info >= OLDEST:
        return
    for name in ("python3.14", "python3.13", "python3.12", "python3.11"):
        found = shutil.which(name)
        # a version manager may put names on PATH behind which there is nothing
        if found and subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL) == 0:  # noqa: S603
            os.execv(found, [found, *sys.argv])  # noqa: S606 -- found on PATH, as python3 was
    raise SystemExit("Python 3.11 or newer is needed; this is " + sys.version.split()[0])


@contextlib.contextmanager
def _alone_in(root: str) -> Iterator[None]:
    """Two set-ups at once take turns. Locks the directory itself, so no file stays behind."""
    handle = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _install(root: str, venv: Path) -> None:
    python = venv / "bin" / "python"
    uv = _find_uv(venv)
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    environment["UV_PYTHON_DOWNLOADS"] = "never"

    def run(*command: object) -> None:
        subprocess.run([str(part) for part in command], check=True, env=environment, cwd=root)  # noqa: S603

    try:
        if not python.exists():
            run(uv, "venv", "-q", "--allow-existing", "--python", sys.executable, venv)
        run(uv, "pip", "sync", "-q", "--require-hashes", "--python", python, "requirements.txt")
    except subprocess.CalledProcessError:
        # e.g. an index that only pip's own configuration knows
        _say("uv could not install the packages; trying pip")
        run(sys.executable, "-m", "venv", venv)
        run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check",
            "--require-hashes", "-r", "requirements.txt")  # fmt: skip


def _find_uv(venv: Path) -> str:
    found = shutil.which("uv")
    if found:
        return found
    tools = venv / "tools"
    uv = tools / "bin" / "uv"
    if not uv.exists():
        shutil.rmtree(tools, ignore_errors=True)
        install = ["-m", "pip", "install", "-q", "--disable-pip-version-check", f"uv=={UV}"]
        if importlib.util.find_spec("ensurepip"):
            subprocess.run([sys.executable, "-m", "venv", str(tools)], check=True)  # noqa: S603
            subprocess.run([str(tools / "bin" / "python"), *install], check=True)  # noqa: S603
        elif importlib.util.find_spec("pip"):
            subprocess.run([sys.executable, *install, "--target", str(tools)], check=True)  # noqa: S603
        else:
            raise SystemExit("Python has no venv; on Debian and Ubuntu: apt install python3-venv")
    return str(uv)


def _say(message: str) -> None:
    print(f"[setup] {message}", file=sys.stderr, flush=True)
