"""What the invitation pages show, ready for templates without arithmetic or comparisons."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from csp_portal.lists.cells import age_words
from tenants.models import Partner

from ..letters import invitation_text, link_of
from ..models import Invitation, Relationship
from ..queries.invitations import State
from ..services.errors import NotLinked

STATE_LABELS = {
    State.OPEN.value: gettext_lazy("Open"),
    State.ACCEPTED.value: gettext_lazy("Accepted"),
    State.DECLINED.value: gettext_lazy("Declined"),
    State.EXPIRED.value: gettext_lazy("Expired"),
    State.WITHDRAWN.value: gettext_lazy("Withdrawn"),
}


@dataclass(frozen=True, slots=True)
class InvitationRow:
    invitation: Invitation
    name: str
    details: str
    state: str
    age: str
    last_step: str
    is_answerable: bool
    can_be_sent: bool
    is_own: bool
    together_with: str

    @property
    def key(self) -> str:
        return str(self.invitation.public_id)


def invitation_row(invitation: Invitation, today: date, *, viewer: Partner) -> InvitationRow:
    """Return the row as `viewer` sees it: the partner that made it, or its 2-tier side."""
    state = invitation.state_on(today)
    is_answerable = state in {State.OPEN, State.EXPIRED}
    return InvitationRow(
        invitation=invitation,
        name=display_name(invitation),
        details=invitation.email or (invitation.tenant.domain if invitation.tenant else ""),
        state=state,
        age=age_words((today - invitation.created_at.date()).days),
        last_step=_last_step(invitation),
        is_answerable=is_answerable,
        can_be_sent=is_answerable and bool(invitation.email),
        is_own=invitation.sender == viewer,
        together_with=_together_with(invitation, viewer),
    )


def _together_with(invitation: Invitation, viewer: Partner) -> str:
    """Return "through Litware Consulting", "with provider Wingtip …", or nothing in 1-tier."""
    if invitation.reseller is None:
        return ""
    if invitation.reseller == viewer:
        return _("with provider %(name)s") % {"name": invitation.partner}
    return _("through %(name)s") % {"name": invitation.reseller}


def not_linked_words(refusal: NotLinked) -> str:
    text = _("%(provider)s and %(reseller)s no longer work together. Choose another way.")
    return text % {"provider": refusal.provider, "reseller": refusal.reseller}


def display_name(invitation: Invitation) -> str:
    """Return the tenant that answered, or whom the partner meant."""
    if invitation.tenant:
        return invitation.tenant.name
    unnamed = _("Partner not named") if invitation.is_for_reseller else _("Customer not named")
    return invitation.customer_name or invitation.email or unnamed


def invitation_page(invitation: Invitation, today: date, *, viewer: Partner) -> dict[str, Any]:
    row = invitation_row(invitation, today, viewer=viewer)
    made: Relationship | None = getattr(invitation, "relationship", None)
    is_customer = (
        made is not None and made.ended_on is None and viewer in {made.partner, made.reseller}
    )
    return {
        "transfer": getattr(invitation, "transfer", None),
        "is_customer": is_customer,
        "ended_on": made.ended_on if made else None,
        "link": getattr(invitation, "reseller_link", None),
        "invitation": invitation,
        "row": row,
        "name": row.name,
        "is_open": row.state == State.OPEN,
        "is_accepted": row.state == State.ACCEPTED,
        "is_declined": row.state == State.DECLINED,
        "is_expired": row.state == State.EXPIRED,
    }


def shown_link(invitation: Invitation, token: str, *, is_new: bool) -> dict[str, Any]:
    return {
        "invitation": invitation,
        "name": display_name(invitation),
        "link": link_of(token),
        "text": invitation_text(invitation=invitation, token=token),
        "is_new": is_new,
        "was_mailed": is_new and invitation.last_sent_at is not None,
    }


def _last_step(invitation: Invitation) -> str:
    if invitation.answered_by:
        return _("answered by %(person)s") % {"person": invitation.answered_by}
    if invitation.opened_by_tenant:
        return _("opened by %(tenant)s") % {"tenant": invitation.opened_by_tenant.name}
    if invitation.last_sent_at:
        return _("sent, not opened")
    return _("not opened")
