"""`manage.py check --deploy` names every setting a real server still lacks."""

import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.core.exceptions import ImproperlyConfigured

REQUIRED = {
    "SECRET_KEY": "signs sessions and links; at least 50 random characters",
    "ALLOWED_HOSTS": "the exact host names, separated by commas",
    "BASE_URL": "the address in e-mails, https://…",
    "DATABASE_URL": "PostgreSQL as the run-time role, postgresql://csp_app:…@host/csp_portal",
    "REDIS_URL": "redis://host:6379/0",
    "EMAIL_HOST": "the SMTP server; without it mail is written to files",
    "DEFAULT_FROM_EMAIL": "the sender of every mail",
    "MFA_ENCRYPTION_KEYS": "encrypt second-factor secrets; the first one encrypts, all decrypt",
}


@register(Tags.security, deploy=True)
def required_variables_are_set(
    app_configs: Sequence[Any] | None,  # noqa: ARG001 -- the signature of a check
    **_: Any,
) -> list[CheckMessage]:
    return [
        Error(
            f"{name} is not set: {meaning}.",
            hint=f"Set {name} or {name}_FILE.",
            id="csp_portal.E001",
        )
        for name, meaning in REQUIRED.items()
        if not (os.environ.get(name) or os.environ.get(f"{name}_FILE"))
    ]


@register(Tags.security, deploy=True)
def values_fit_a_real_server(
    app_configs: Sequence[Any] | None,  # noqa: ARG001 -- the signature of a check
    **_: Any,
) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.DEMO:
        found.append(Error("DEMO is on: the demo's passwords are public.", id="csp_portal.E002"))
    if not settings.MFA_REQUIRED:
        found.append(Error("MFA_REQUIRED is off.", id="csp_portal.E003"))
    if not settings.HTTPS:
        found.append(Error("HTTPS is off: cookies travel in clear text.", id="csp_portal.E004"))
    if urlsplit(settings.BASE_URL).scheme != "https":
        found.append(Error(f"BASE_URL is not https: {settings.BASE_URL}", id="csp_portal.E005"))
    if any(host.startswith((".", "*")) for host in settings.ALLOWED_HOSTS):
        found.append(Error("ALLOWED_HOSTS has a wildcard; name each host.", id="csp_portal.E006"))
    if settings.DATABASES["default"]["USER"] in {"postgres", "csp_owner"}:
        found.append(
            Caution(
                "DATABASE_URL is not the run-time role.",
                hint="Grants hold for csp_app only; keep the owner in DATABASE_OWNER_URL.",
                id="csp_portal.W001",
            )
        )
    return found


def refuse_insecure_start() -> None:
    """
    Stop a web or worker process that would serve a real host with the published key.

    :raises ImproperlyConfigured: if neither SECRET_KEY nor DEMO, DEBUG or TESTING is set
    """
    if settings.PRODUCTION and settings.SECRET_KEY.startswith("django-insecure-"):
        raise ImproperlyConfigured(
            "SECRET_KEY is not set; `manage.py check --deploy` names what is missing"
        )
