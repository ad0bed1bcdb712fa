"""The letters about invitations and new customers. What they say is in templates/letters."""

from collections.abc import Sequence

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from csp_portal.shared.letters import absolute, compose

from .models import Invitation, PlannedMove, ResellerLink


def link_of(token: str) -> str:
    """Return the address that opens an invitation; it exists only while the token is at hand."""
    return absolute("relationships:open-invitation", token)


def invitation_letter(*, invitation: Invitation, token: str) -> EmailMultiAlternatives:
    """Return the mail the portal sends on the partner's behalf, in the invitation's language."""
    return compose(
        to=invitation.email,
        template=_template_of(invitation),
        language=invitation.language,
        context=_invitation_context(invitation, token),
    )


def invitation_text(*, invitation: Invitation, token: str) -> str:
    """Return the same letter as text, for the partner to copy into a mail of its own."""
    with translation.override(invitation.language):
        text = render_to_string(
            f"letters/{_template_of(invitation)}.txt", _invitation_context(invitation, token)
        )
    return text.strip()


def reminder_letter(invitation: Invitation) -> EmailMultiAlternatives:
    """
    Return the mail that tells the inviter of a week without an answer.

    It goes to the partner and not to the customer: only the hash of the link is kept, and a
    new link would kill the one the customer has.
    """
    return compose(
        to=invitation.created_by.email,
        template="relationships/reminder",
        language="en",
        context={
            "invitation": invitation,
            "url": absolute("relationships:invitation", invitation.public_id),
        },
    )


def link_ended_letters(link: ResellerLink, *, to: Sequence[str]) -> None:
    """Mail the other side's people that the link has ended, who ended it and why."""
    for address in to:
        compose(
            to=address,
            template="relationships/link_ended",
            language="en",
            context={
                "link": link,
                "url": absolute("relationships:reseller-link", link.public_id),
            },
        ).send()


def is_following(invitation: Invitation) -> bool:
    """Say whether its sender asks a customer of its own to go on through a provider."""
    return PlannedMove.objects.filter(invitation=invitation).exists()


def _template_of(invitation: Invitation) -> str:
    names = {
        Invitation.Kind.CUSTOMER: "invitation",
        Invitation.Kind.REPLACEMENT: "replacement",
        Invitation.Kind.RESELLER: "reseller_invitation",
    }
    return f"relationships/{names[Invitation.Kind(invitation.kind)]}"


def _invitation_context(invitation: Invitation, token: str) -> dict[str, object]:
    return {
        "invitation": invitation,
        "partner": invitation.seller,
        "provider": invitation.partner if invitation.reseller else None,
        "is_following": is_following(invitation),
        "url": link_of(token),
    }
