"""Letters about what lets a partner sell: its programme agreement, and a suspension."""

from datetime import date, timedelta

from csp_portal.shared.letters import absolute, compose, send_after_commit
from tenants.models import Membership, Partner
from tenants.queries.people import members_with
from tenants.roles import Action, Role

from .domain.agreements import Agreement, Side
from .models import AgreementEvent, PartnerSuspension

# Whose work stops: who answers for the house, and who sells.
CONCERNED = (Role.GLOBAL_ADMIN, Role.ADMIN_AGENT, Role.SALES_AGENT)


def send_notice_given(event: AgreementEvent, agreement: Agreement) -> None:
    """Tell the partner's Global admins that a side gave notice, and what ends when."""
    _send_about_agreement("agreement_notice", event, agreement)


def send_notice_withdrawn(event: AgreementEvent, agreement: Agreement) -> None:
    """Tell them that a side took its notice back; the other side's may still stand."""
    _send_about_agreement("agreement_withdrawn", event, agreement)


def send_suspended(suspension: PartnerSuspension) -> None:
    """Tell who runs the house and who sells: what stops, what goes on, what to do."""
    _send(
        "partner_suspended",
        suspension.partner,
        CONCERNED,
        suspension=suspension,
        is_overdue=suspension.reason == PartnerSuspension.Reason.OVERDUE,
    )


def send_lifted(suspension: PartnerSuspension) -> None:
    _send("suspension_lifted", suspension.partner, CONCERNED, suspension=suspension)


def _send_about_agreement(template: str, event: AgreementEvent, agreement: Agreement) -> None:
    """`agreement` is how it stands after the event."""
    _send(
        template,
        event.partner,
        (Role.GLOBAL_ADMIN,),
        event=event,
        is_by_vendor=event.side == Side.VENDOR,
        last_day=agreement.last_day,
        stops_on=_next_day(agreement.last_day),
        still_ends=bool(agreement.noticed_by),
        renews_on=agreement.renews_on,
    )


def _next_day(day: date | None) -> date | None:
    return day + timedelta(days=1) if day else None


def _send(template: str, partner: Partner, roles: tuple[Role, ...], **context: object) -> None:
    """Send one letter each, in the person's language, after the commit."""
    for member in members_with(partner.tenant, *roles):
        send_after_commit(
            compose(
                to=member.user.email,
                template=f"relationships/{template}",
                language=member.user.language,
                context={**context, "partner": partner, "url": _page_for(member)},
            )
        )


def _page_for(member: Membership) -> str:
    """Return the page that says how it stands: the agreement's, for those who may open it."""
    may_open = member.may(Action.MANAGE_AGREEMENT)
    return absolute("relationships:agreement" if may_open else "home:home")
