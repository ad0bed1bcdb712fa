"""What the portal decides about signing in and up; allauth does the rest."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from csp_portal.shared import clock

from .acts import Act
from .domain.names import domain_of
from .held_links import LINK_COOKIE, held_link
from .models import User
from .services import languages, sign_ups
from .services.errors import DomainTaken

__all__ = ["LINK_COOKIE", "AccountAdapter", "MFAAdapter"]


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Sign-up is open only to somebody who holds an invitation or a recommendation."""
        return held_link(request) is not None

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        held = held_link(request)
        return held.page if held else str(super().get_login_redirect_url(request))

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Found the organisation of a person who signed up: the mailbox is theirs now."""
        if not super().confirm_email(request, email_address):
            return False
        user = email_address.user
        act = Act(by=user, organisation=None, at=clock.now(), on=clock.today())
        try:
            sign_ups.found_tenant(user=user, act=act)
        except DomainTaken:
            text = _("%(domain)s belongs to an organisation by now; ask its admins to add you.")
            messages.error(request, text % {"domain": domain_of(user.email)})
        return True

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def post_login(self, request: HttpRequest, user: User, **hints: Any) -> HttpResponse:
        """
        Count signing up as giving the password: it was, minutes ago, and the mailbox proved.

        allauth counts only a sign-in, so whoever signed up to accept an invitation would be
        asked for the new password once more on the way.
        """
        if hints["signup"]:
            record_authentication(request, user, method="password", email=user.email)
        languages.remember_language(user=user, language=get_language() or settings.LANGUAGE_CODE)
        response: HttpResponse = super().post_login(request, user, **hints)
        return response


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    """Keeps second-factor seeds encrypted, with the first Fernet key of MFA_ENCRYPTION_KEYS."""

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _fernet().decrypt(encrypted_text.encode()).decode()


def _fernet() -> MultiFernet:
    """Return the keys; without configured ones (demo, tests) one made of SECRET_KEY."""
    keys = settings.MFA_ENCRYPTION_KEYS or [
        urlsafe_b64encode(sha256(settings.SECRET_KEY.encode()).digest()).decode()
    ]
    return MultiFernet([Fernet(key) for key in keys])
