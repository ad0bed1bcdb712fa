"""The letters about recommendations: the link to the customer, and the reminder to who made it."""

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from csp_portal.shared.letters import absolute, compose

from .models import Recommendation


def link_of(token: str) -> str:
    """Return the address that opens it; it exists only while the token is at hand."""
    return absolute("billing:open-recommendation", token)


def recommendation_letter(*, recommendation: Recommendation, token: str) -> EmailMultiAlternatives:
    return compose(
        to=recommendation.email,
        template="billing/recommendation",
        language=recommendation.language,
        context=_context(recommendation, token),
    )


def recommendation_text(*, recommendation: Recommendation, token: str) -> str:
    """Return the same letter as text, for the partner to copy into a mail of its own."""
    with translation.override(recommendation.language):
        text = render_to_string(
            "letters/billing/recommendation.txt", _context(recommendation, token)
        )
    return text.strip()


def reminder_letter(recommendation: Recommendation) -> EmailMultiAlternatives:
    """Return the mail that tells who made it of a week in which nothing of it was bought."""
    return compose(
        to=recommendation.created_by.email,
        template="billing/recommendation_reminder",
        language=recommendation.created_by.language,
        context={
            "recommendation": recommendation,
            "url": absolute("billing:recommendation", recommendation.public_id),
        },
    )


def _context(recommendation: Recommendation, token: str) -> dict[str, object]:
    return {
        "recommendation": recommendation,
        "partner": recommendation.partner,
        "items": recommendation.items.select_related("offer").order_by("position"),
        "url": link_of(token),
    }
