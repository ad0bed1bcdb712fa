"""What was bought before this portal and imported: it has no term, so no fact and no charge."""

from django.db import transaction

from tenants.acts import Act

from ..domain.lifecycle import LIVE, State
from ..models import Subscription
from . import cancellation_requests
from .errors import NothingChanges
from .facts import lock_family, record, require_state
from .owners import store
from .support import require_no_support_needed


@transaction.atomic
def cancel(*, subscription: Subscription, reason: str = "", act: Act) -> None:
    """
    End an imported Direct or Advisor subscription on `act.on`; nothing is charged here.

    :raises NeedsSupport: R17, see `support`
    :raises NotInThatState: if it is not live
    :raises NothingChanges: if it has terms of ours: `lifecycle.cancel` ends those
    """
    locked = lock_family(subscription, act=act).subscription
    require_state(locked, *LIVE)
    require_no_support_needed(locked, act)
    if locked.terms.exists():
        raise NothingChanges
    before = locked.state
    locked.state = State.CANCELLED
    store(locked, "state")
    cancellation_requests.lapse(locked, act=act)
    record(
        subscription=locked,
        act=act,
        action="cancelled",
        summary=f"{locked.title}: cancelled with {locked.seats} seats"
        + (f" ({reason})" if reason else ""),
        before={"state": before},
        after={"state": State.CANCELLED.value},
    )
