"""Settings come from the environment; every value has a default that runs."""

import contextlib
import fcntl
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured


def env_str(name: str, default: str) -> str:
    """
    Return the variable, or the content of the file named by NAME_FILE.

    :raises ImproperlyConfigured: if NAME_FILE is set but cannot be read
    """
    if file_name := os.environ.get(f"{name}_FILE"):
        try:
            return Path(file_name).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE: {error}") from error
    return os.environ.get(name, default)


def env_bool(name: str, *, default: bool) -> bool:
    value = env_str(name, str(default)).lower()
    if value not in {"true", "false"}:
        raise ImproperlyConfigured(f"{name}={value!r}: expected true or false")
    return value == "true"


def env_int(name: str, *, default: int) -> int:
    value = env_str(name, str(default))
    if not value.isascii() or not value.isdecimal():
        raise ImproperlyConfigured(f"{name}={value!r}: expected a whole number")
    return int(value)


def env_list(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in env_str(name, default).split(",") if item.strip()]


def database_from_url(url: str) -> dict[str, Any]:
    """
    Return Django's form of `postgresql://user:password@host:port/name?option=value`.

    A directory in `?host=` is a Unix socket. Other options go to libpq, e.g. `sslmode`.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"DATABASE_URL: expected postgresql://, not {parts.scheme!r}")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": options,
    }


def celery_url(redis_url: str) -> str:
    """Translate redis-py's `unix:///path?db=2`; Celery says `redis+socket:///path?virtual_host=2`."""
    parts = urlsplit(redis_url)
    if parts.scheme not in {"redis", "rediss", "unix"}:
        raise ImproperlyConfigured(f"REDIS_URL: {parts.scheme}:// is not redis, rediss or unix")
    if parts.scheme != "unix":
        return redis_url
    options = dict(parse_qsl(parts.query))
    if "db" in options:
        options["virtual_host"] = options.pop("db")
    return f"redis+socket://{parts.path}" + (f"?{urlencode(options)}" if options else "")


def redis_url_for(redis_url: str, database: int) -> str:
    """Return the same server with another database number."""
    parts = urlsplit(redis_url)
    if parts.scheme == "unix":
        options = {**dict(parse_qsl(parts.query)), "db": str(database)}
        return f"unix://{parts.path}?{urlencode(options)}"
    return urlunsplit(parts._replace(path=f"/{database}"))


def join_running_demo(data_dir: Path) -> None:
    """
    Without a DATABASE_URL, commands speak to the servers of the demo that runs on `data_dir`.

    The demo holds a lock as long as it lives; a file left by a killed one is ignored.
    """
    if os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"):
        return
    with contextlib.suppress(OSError), (data_dir / ".lock").open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            for line in (data_dir / "run.env").read_text(encoding="utf-8").splitlines():
                name, _, value = line.partition("=")
                os.environ.setdefault(name, value)
