"""The letters about converting a trial: the proposal to the customer, its answer to the partner."""

from django.core.mail import EmailMultiAlternatives

from csp_portal.shared.letters import absolute, compose
from tenants.models import User

from .models import TrialConversion


def proposal_letter(*, conversion: TrialConversion, to: User) -> EmailMultiAlternatives:
    return compose(
        to=to.email,
        template="billing/trial_conversion",
        language=to.language,
        context={
            "conversion": conversion,
            "partner": conversion.partner,
            "url": absolute("billing:conversion", conversion.public_id),
        },
    )


def answer_letter(conversion: TrialConversion) -> EmailMultiAlternatives:
    """Return the mail that tells who proposed it whether the customer consents."""
    return compose(
        to=conversion.created_by.email,
        template="billing/trial_conversion_answer",
        language=conversion.created_by.language,
        context={
            "conversion": conversion,
            "customer": conversion.trial.tenant,
            "is_accepted": conversion.answer == TrialConversion.Answer.ACCEPTED,
            "url": absolute("billing:conversion", conversion.public_id),
        },
    )
