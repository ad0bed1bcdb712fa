"""What stops a step of an order request."""

from django.utils.translation import gettext as _

from ..models import OrderRequest

State = OrderRequest.State


class RequestRefused(Exception):
    """Nothing was changed; `str()` says why."""


class RequestNotOpen(RequestRefused):
    def __init__(self, request: OrderRequest) -> None:
        words = {
            State.CHANGED: _("The provider changed this request; its reseller has to agree first."),
            State.ORDERED: _("This request was ordered already."),
            State.DECLINED: _("This request was declined. Send a new one."),
            State.WITHDRAWN: _("This request was withdrawn."),
        }
        text = words.get(State(request.state), _("This request is waiting for the provider."))
        super().__init__(text)


class NotAReseller(RequestRefused):
    def __init__(self) -> None:
        super().__init__(_("You are not the reseller of record of this customer any more."))


class ResellerChanged(RequestRefused):
    """Ordering it would bill somebody who has not asked for it."""

    def __init__(self, request: OrderRequest) -> None:
        super().__init__(
            _(
                "%(reseller)s is not the reseller of record of %(customer)s any more, so this "
                "would bill somebody else. Decline the request; whoever resells there now can "
                "send a new one."
            )
            % {"reseller": request.reseller, "customer": request.tenant}
        )


class NotRunning(RequestRefused):
    def __init__(self, title: str) -> None:
        super().__init__(
            _(
                "%(title)s is not active, so its seats cannot be changed. Ask your provider to "
                "reactivate it, or for a new order."
            )
            % {"title": title}
        )
