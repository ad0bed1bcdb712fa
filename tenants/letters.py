"""The letters about people and organisations. What they say is in templates/letters."""

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.core.mail import EmailMultiAlternatives

from csp_portal.shared.letters import absolute, compose

from .models import Membership, Tenant, User


def set_password_url(user: User) -> str:
    """Return a link that lets whoever reads the person's mail set a password, once."""
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    return absolute("account_reset_password_from_key", uidb36=user_pk_to_url_str(user), key=token)


def welcome_letter(
    *, user: User, tenant: Tenant, invited_by: Tenant, language: str
) -> EmailMultiAlternatives:
    """Return the mail to a new organisation's first Tenant admin."""
    is_new = not user.has_usable_password()
    return compose(
        to=user.email,
        template="tenants/welcome",
        language=language,
        context={
            "user": user,
            "tenant": tenant,
            "invited_by": invited_by,
            "is_new": is_new,
            "url": set_password_url(user) if is_new else absolute("account_login"),
        },
    )


def new_user_letter(
    *, membership: Membership, by: Tenant | None, language: str
) -> EmailMultiAlternatives:
    """Return the mail to somebody who was given roles in an organisation."""
    user = membership.user
    is_new = not user.has_usable_password()
    return compose(
        to=user.email,
        template="tenants/new_user",
        language=language,
        context={
            "membership": membership,
            "tenant": membership.tenant,
            "by": by or membership.tenant,
            "is_new": is_new,
            "url": set_password_url(user) if is_new else absolute("account_login"),
        },
    )


def password_letter(
    *, membership: Membership, by: Tenant | None, language: str
) -> EmailMultiAlternatives:
    """Return the mail with a link to set a new password, asked for by an admin."""
    return compose(
        to=membership.user.email,
        template="tenants/password",
        language=language,
        context={
            "tenant": membership.tenant,
            "by": by or membership.tenant,
            "url": set_password_url(membership.user),
        },
    )


def access_request_letter(
    *, admin: User, tenant: Tenant, email: str, name: str, language: str, is_recommendation: bool
) -> EmailMultiAlternatives:
    """Return the mail that tells an admin of somebody who tried to sign up with their domain."""
    return compose(
        to=admin.email,
        template="tenants/access_request",
        language=language,
        context={
            "tenant": tenant,
            "email": email,
            "name": name,
            "is_recommendation": is_recommendation,
            "url": absolute("account_login"),
        },
    )
