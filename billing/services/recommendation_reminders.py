"""Telling a partner's people of recommendations that nobody has bought from for a week."""

from datetime import timedelta

from django.db import transaction

from tenants.acts import Act
from tenants.services import activity

from ..models import Recommendation
from ..queries.recommendations import State, in_state
from ..recommendation_letters import reminder_letter

REMIND_AFTER = timedelta(days=7)


def remind_due(*, act: Act) -> int:
    """
    Tell those who made an open recommendation that nothing of it was bought for 7 days; once.

    Returns how many were told. Each is a transaction of its own; one that cannot be mailed is
    tried again the next time. A new link starts the week anew.
    """
    due = (
        Recommendation.objects.filter(in_state(State.OPEN, act.on), reminded_at=None)
        .filter(created_at__lte=act.at - REMIND_AFTER)
        .exclude(last_sent_at__gt=act.at - REMIND_AFTER)
        .order_by("id")
    )
    return sum(_remind(pk, act) for pk in list(due.values_list("pk", flat=True)))


@transaction.atomic
def _remind(pk: int, act: Act) -> bool:
    found = (
        Recommendation.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
        .select_related("partner__tenant", "created_by", "opened_by_tenant")
        .filter(pk=pk, reminded_at=None)
        .order_by("pk")
        .first()
    )
    if found is None or found.state_on(act.on) != State.OPEN:
        return False
    found.reminded_at = act.at
    found.save(update_fields=["reminded_at"])
    try:
        reminder_letter(found).send()
    except OSError:  # what SMTP and sockets raise
        transaction.set_rollback(True)
        return False
    activity.record(
        tenant=found.partner.tenant,
        act=act,
        action="recommendation.reminded",
        about=found.public_id,
        summary=f"reminded {found.created_by} of an open recommendation",
        after={"email": found.email},
    )
    return True
