"""
The link a browser holds while its person signs in or up: an invitation or a recommendation.

A cookie and not the session, because it has to survive signing out and in as somebody else.
It is signed, carries no token, and grants nothing: it says what to show, and that this
browser may open the sign-up page. The link opened last is the one it holds.
"""

from enum import StrEnum
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse

LINK_COOKIE = "__Host-link" if settings.HTTPS else "link"
VALID_FOR_SECONDS = 24 * 3600
SALT = "tenants.held-link"


class LinkKind(StrEnum):
    INVITATION = "invitation"
    RECOMMENDATION = "recommendation"


# Where each is read and answered; the pages are of apps above this one.
PAGES = {LinkKind.INVITATION: "/invitation/", LinkKind.RECOMMENDATION: "/recommendation/"}


class HeldLink(NamedTuple):
    kind: LinkKind
    public_id: str
    fingerprint: str

    @property
    def page(self) -> str:
        return PAGES[self.kind]


def hold_link(response: HttpResponse, held: HeldLink) -> None:
    response.set_signed_cookie(
        LINK_COOKIE,
        ".".join(held),
        salt=SALT,
        max_age=VALID_FOR_SECONDS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",  # Strict would drop it on the way from a webmail page
    )


def held_link(request: HttpRequest, kind: LinkKind | None = None) -> HeldLink | None:
    """
    Return what the cookie says; None without one, or if it is forged or a day old.

    With `kind` only a link of that kind.
    """
    value = request.get_signed_cookie(
        LINK_COOKIE, default=None, salt=SALT, max_age=VALID_FOR_SECONDS
    )
    if value is None:
        return None
    held_kind, public_id, fingerprint = value.split(".")
    held = HeldLink(LinkKind(held_kind), public_id, fingerprint)
    return held if kind in {None, held.kind} else None


def drop_link(response: HttpResponse) -> None:
    response.delete_cookie(LINK_COOKIE, samesite="Lax")
