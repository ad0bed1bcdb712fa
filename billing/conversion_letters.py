"""The letter that tells a customer of a proposal to convert its trial."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from csp_portal.shared.letters import absolute, compose

from .models import TrialConversion


def proposal_letter(*, conversion: TrialConversion, to: str) -> EmailMultiAlternatives:
    return compose(
        to=to,
        template="billing/trial_conversion",
        language=settings.LANGUAGE_CODE,
        context={
            "conversion": conversion,
            "partner": conversion.partner,
            "url": absolute("billing:conversion", conversion.public_id),
        },
    )
