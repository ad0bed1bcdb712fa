"""R17, the second way: the customer asks the vendor's support to cancel."""

from django.db import transaction
from django.utils.translation import gettext as _

from tenants.acts import Act

from .. import letters
from ..domain.channels import Channel
from ..domain.lifecycle import LIVE
from ..models import CancellationRequest, Subscription
from .errors import SubscriptionRefused
from .facts import lock_family, record, require_state
from .support import SUPPORT_FROM

Answer = CancellationRequest.Answer


class SupportNotNeeded(SubscriptionRefused):
    def __init__(self, assigned: int) -> None:
        super().__init__(
            _(
                "%(assigned)d licences are assigned; with fewer than %(limit)d you cancel it "
                "yourself, at once."
            )
            % {"assigned": assigned, "limit": SUPPORT_FROM}
        )


class AlreadyAsked(SubscriptionRefused):
    def __init__(self) -> None:
        super().__init__(_("The vendor's support has this request already."))


class RequestAnswered(SubscriptionRefused):
    def __init__(self) -> None:
        super().__init__(_("This request was answered or taken back already."))


@transaction.atomic
def ask(*, subscription: Subscription, note: str = "", act: Act) -> CancellationRequest:
    """
    File a request; the vendor's operators see it and carry it out.

    :raises SupportNotNeeded: if fewer than 25 licences are assigned, or it is not Advisor
    :raises AlreadyAsked: if one is open
    :raises NotInThatState: if it is not live
    """
    locked = lock_family(subscription, act=act).subscription
    require_state(locked, *LIVE)
    if locked.channel != Channel.ADVISOR or locked.assigned_seats < SUPPORT_FROM:
        raise SupportNotNeeded(locked.assigned_seats)
    if open_request(locked) is not None:
        raise AlreadyAsked
    assert act.by is not None  # a person asks
    asked = CancellationRequest.objects.create(
        subscription=locked,
        assigned_seats=locked.assigned_seats,
        note=note,
        asked_at=act.at,
        asked_by=act.by,
    )
    _record(asked, act, "asked", "asked the vendor's support to cancel it")
    return asked


@transaction.atomic
def take_back(*, request: CancellationRequest, act: Act) -> None:
    """
    Withdraw an open request; the subscription goes on.

    :raises RequestAnswered: if it is not open
    """
    close(lock_open(request, act=act), Answer.WITHDRAWN, remark="", act=act)


@transaction.atomic
def decline(*, request: CancellationRequest, remark: str, act: Act) -> None:
    """
    Answer no, with the reason.

    :raises RequestAnswered: if it is not open
    """
    close(lock_open(request, act=act), Answer.DECLINED, remark=remark, act=act)


def lapse(subscription: Subscription, *, act: Act) -> None:
    """Close the open request of a locked subscription that ends some other way."""
    if subscription.channel != Channel.ADVISOR:
        return
    waiting = open_request(subscription)
    if waiting is not None:
        waiting.subscription = subscription
        close(waiting, Answer.WITHDRAWN, remark=_("It ended before an answer."), act=act)


def open_request(subscription: Subscription) -> CancellationRequest | None:
    """Return the request that waits for an answer, if there is one."""
    return (
        CancellationRequest.objects.filter(subscription=subscription, answer=Answer.OPEN)
        .select_related("asked_by")
        .first()
    )


def lock_open(request: CancellationRequest, *, act: Act) -> CancellationRequest:
    """
    Return the request as it is now, with its subscription locked.

    :raises RequestAnswered: if it is not open
    """
    lock_family(request.subscription, act=act)
    kept = (
        CancellationRequest.objects.select_for_update(no_key=True, of=("self",))
        .select_related("subscription__tenant", "asked_by")
        .get(pk=request.pk)
    )
    if kept.answer != Answer.OPEN:
        raise RequestAnswered
    return kept


def close(
    request: CancellationRequest, answer: CancellationRequest.Answer, *, remark: str, act: Act
) -> None:
    """Write the answer to a locked request; the caller does what it says."""
    request.answer, request.remark = answer, remark[:300]
    request.answered_at, request.answered_by = act.at, act.by
    request.save(update_fields=["answer", "remark", "answered_at", "answered_by"])
    words = {
        Answer.DONE: "the vendor's support cancelled it as asked",
        Answer.DECLINED: "the vendor's support declined to cancel it",
        Answer.WITHDRAWN: "the request to cancel it was taken back",
    }[answer]
    _record(request, act, answer.value, words + (f" ({remark})" if remark else ""))
    if answer != Answer.WITHDRAWN:
        letter = letters.request_answered_letter(request)
        # robust: a mail server that is down does not take the answer back
        transaction.on_commit(letter.send, robust=True)


def _record(request: CancellationRequest, act: Act, action: str, words: str) -> None:
    record(
        subscription=request.subscription,
        act=act,
        action=f"cancellation-{action}",
        summary=f"{request.subscription.title}: {words}",
        before={},
        after={"assigned": request.assigned_seats, "remark": request.remark},
    )
