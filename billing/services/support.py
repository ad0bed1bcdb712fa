"""The vendor's support carries out what customers ask it: with the credit that follows."""

from dataclasses import replace

from django.db import transaction

from subscriptions.models import CancellationRequest
from subscriptions.services import cancellation_requests, lifecycle, taken_over
from tenants.acts import Act

from .charging import charge


@transaction.atomic
def cancel_as_asked(*, request: CancellationRequest, remark: str, act: Act) -> None:
    """
    Cancel the subscription of an open request (R17), credit its unused days, and answer.

    The operator acts for no organisation, whatever workspaces it has.

    :raises RequestAnswered: if the request is not open
    :raises SubscriptionRefused: if the subscription cannot be cancelled any more
    """
    act = replace(act, organisation=None)
    kept = cancellation_requests.lock_open(request, act=act)
    subscription = kept.subscription
    reason = "asked of the vendor's support"
    # answered first: what ends closes the request that is still open
    answer = CancellationRequest.Answer.DONE
    cancellation_requests.close(kept, answer, remark=remark, act=act)
    if subscription.terms.exists():
        for fact in lifecycle.cancel(subscription=subscription, reason=reason, act=act):
            charge(change=fact)
    else:
        taken_over.cancel(subscription=subscription, reason=reason, act=act)
