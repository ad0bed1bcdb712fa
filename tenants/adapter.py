"""What the portal decides about signing in and up; allauth does the rest."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest

# Set by the page an invitation's link leads to: this browser may sign up.
INVITATION_COOKIE = "invitation"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Sign-up is open only to somebody who holds an invitation."""
        return INVITATION_COOKIE in request.COOKIES

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if INVITATION_COOKIE in request.COOKIES:
            return "/invitation/"
        return str(super().get_login_redirect_url(request))

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    """Second-factor seeds are stored encrypted; `MFA_ENCRYPTION_KEYS` are Fernet keys, newest first."""

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
