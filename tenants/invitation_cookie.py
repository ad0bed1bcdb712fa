"""
The invitation a browser holds while its person signs in or up.

A cookie and not the session, because it has to survive signing out and in as somebody else.
It is signed, carries no token, and grants nothing: it says which invitation to show, and
that this browser may open the sign-up page.
"""

from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse

INVITATION_COOKIE = "__Host-invitation" if settings.HTTPS else "invitation"
VALID_FOR_SECONDS = 24 * 3600
SALT = "tenants.invitation"


class HeldInvitation(NamedTuple):
    public_id: str
    fingerprint: str


def hold_invitation(response: HttpResponse, held: HeldInvitation) -> None:
    response.set_signed_cookie(
        INVITATION_COOKIE,
        f"{held.public_id}.{held.fingerprint}",
        salt=SALT,
        max_age=VALID_FOR_SECONDS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",  # Strict would drop it on the way from a webmail page
    )


def held_invitation(request: HttpRequest) -> HeldInvitation | None:
    """Return what the cookie says; None without one, or if it is forged or a day old."""
    value = request.get_signed_cookie(
        INVITATION_COOKIE, default=None, salt=SALT, max_age=VALID_FOR_SECONDS
    )
    if value is None:
        return None
    public_id, _dot, fingerprint = value.partition(".")
    return HeldInvitation(public_id, fingerprint)


def drop_invitation(response: HttpResponse) -> None:
    response.delete_cookie(INVITATION_COOKIE, samesite="Lax")
