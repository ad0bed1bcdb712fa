"""Letters about subscriptions. What they say is in templates/letters."""

from django.core.mail import EmailMultiAlternatives

from csp_portal.shared.letters import absolute, compose
from tenants.models import User

from .models import CancellationRequest, Subscription


def trial_ending_letter(*, trial: Subscription, to: User, days: int) -> EmailMultiAlternatives:
    """Return the mail that says when a trial ends and what can be done before."""
    last_day = trial.ends_on.fromordinal(trial.ends_on.toordinal() - 1) if trial.ends_on else None
    return compose(
        to=to.email,
        template="subscriptions/trial_ending",
        language=to.language,
        context={
            "trial": trial,
            "days": days,
            "last_day": last_day,
            "url": f"{absolute('home:my-subscriptions')}?panel={trial.public_id}",
        },
    )


def request_answered_letter(request: CancellationRequest) -> EmailMultiAlternatives:
    """Return the mail that tells who asked the vendor's support what became of it (R17)."""
    subscription = request.subscription
    return compose(
        to=request.asked_by.email,
        template="subscriptions/request_answered",
        language=request.asked_by.language,
        context={
            "request": request,
            "subscription": subscription,
            "is_done": request.answer == CancellationRequest.Answer.DONE,
            "url": f"{absolute('home:my-subscriptions')}?panel={subscription.public_id}",
        },
    )
