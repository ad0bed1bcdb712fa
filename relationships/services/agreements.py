"""The programme agreement of a partner, and its word on a customer's agreement."""

from datetime import date

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tenants.acts import Act
from tenants.models import Partner, Tenant
from tenants.services import activity

from .. import standing_letters
from ..domain.agreements import (
    TEMPLATE_VERSIONS,
    Agreement,
    EventKind,
    Side,
    State,
    last_day_after_notice,
)
from ..models import AgreementEvent, CustomerAgreement
from ..queries.agreements import agreement_of
from .log import record_for_both


class AgreementRefused(Exception):
    """Nothing was changed; `str()` says why."""


class AgreementRuns(AgreementRefused):
    def __init__(self) -> None:
        super().__init__(_("The agreement is in force; there is nothing to sign."))


class EndedByVendor(AgreementRefused):
    """One side alone cannot make an agreement that the other has just ended."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The vendor ended the agreement, so you cannot sign it again by yourself. Write to "
                "the vendor's partner support; an operator records a new one."
            )
        )


class AgreementNotInForce(AgreementRefused):
    def __init__(self) -> None:
        super().__init__(_("There is no agreement in force to give notice of. Sign it first."))


class NoticeStands(AgreementRefused):
    def __init__(self, last_day: date) -> None:
        super().__init__(
            _("Notice was given already; the agreement ends on %(day)s.")
            % {"day": date_format(last_day, "j M Y")}
        )


class NoNoticeToWithdraw(AgreementRefused):
    def __init__(self) -> None:
        super().__init__(_("This side has given no notice, so there is none to withdraw."))


class DayInTheFuture(AgreementRefused):
    def __init__(self) -> None:
        super().__init__(_("This day is in the future."))


class UnknownTemplate(AgreementRefused):
    def __init__(self) -> None:
        super().__init__(_("There is no such version of the customer agreement."))


@transaction.atomic
def sign(*, partner: Partner, side: Side = Side.PARTNER, act: Act) -> AgreementEvent:
    """
    Sign the programme agreement from `act.on`, for the first time or after it ended.

    :raises AgreementRuns: if one is in force, with or without notice
    :raises EndedByVendor: if a partner signs what the vendor's notice ended
    """
    agreement = _locked(partner, act)
    if agreement.is_in_force:
        raise AgreementRuns
    if side == Side.PARTNER and Side.VENDOR in agreement.noticed_by:
        raise EndedByVendor
    return _append(partner, EventKind.SIGNED, side, act, summary="signed the programme agreement")


@transaction.atomic
def give_notice(
    *, partner: Partner, side: Side = Side.PARTNER, note: str = "", act: Act
) -> AgreementEvent:
    """
    End the agreement on the first 31 August that is at least 30 days after `act.on`.

    The partner's Global admins are told by mail, whichever side it is.

    :raises AgreementNotInForce: if there is none, or it has ended
    :raises NoticeStands: if this side gave notice before
    """
    agreement = _locked(partner, act)
    if not agreement.is_in_force or agreement.last_day is None:
        raise AgreementNotInForce
    if side in agreement.noticed_by:
        raise NoticeStands(agreement.last_day)
    ends = last_day_after_notice(act.on)
    event = _append(
        partner,
        EventKind.NOTICE,
        side,
        act,
        summary=f"gave notice of the programme agreement for {_for(side)}; it ends on {ends}",
        note=note,
    )
    standing_letters.send_notice_given(event, agreement_of(partner, on=act.on))
    return event


@transaction.atomic
def withdraw_notice(*, partner: Partner, side: Side = Side.PARTNER, act: Act) -> AgreementEvent:
    """
    Take back this side's notice while the agreement runs. It renews if no other stands.

    :raises AgreementNotInForce: if it has ended
    :raises NoNoticeToWithdraw: if this side gave none
    """
    agreement = _locked(partner, act)
    if not agreement.is_in_force:
        raise AgreementNotInForce
    if agreement.state != State.NOTICE or side not in agreement.noticed_by:
        raise NoNoticeToWithdraw
    summary = f"withdrew the notice of the programme agreement for {_for(side)}"
    event = _append(partner, EventKind.WITHDRAWN, side, act, summary=summary)
    standing_letters.send_notice_withdrawn(event, agreement_of(partner, on=act.on))
    return event


@transaction.atomic
def attest_customer_agreement(
    *,
    partner: Partner,
    customer: Tenant,
    name: str,
    email: str,
    agreed_on: date,
    template_version: str,
    reseller: Tenant | None = None,
    act: Act,
) -> CustomerAgreement:
    """
    Record that a person at the customer accepted the customer agreement on a day.

    In 2-tier `partner` is the provider, who sells, whoever of the two attests.

    :raises DayInTheFuture: if `agreed_on` is after `act.on`
    :raises UnknownTemplate: if there is no such version
    """
    if agreed_on > act.on:
        raise DayInTheFuture
    if template_version not in TEMPLATE_VERSIONS:
        raise UnknownTemplate
    assert act.by is not None, "a person attests"
    attested = CustomerAgreement.objects.create(
        partner=partner,
        customer=customer,
        name=name,
        email=email,
        agreed_on=agreed_on,
        template_version=template_version,
        attested_at=act.at,
        attested_by=act.by,
    )
    record_for_both(
        partner=partner.tenant,
        reseller=reseller,
        customer=customer,
        act=act,
        action="customer.agreement_attested",
        about=customer.public_id,
        for_partner=f"attested that {name} of {customer} accepted the customer agreement",
        for_customer=f"attested that {name} accepted the customer agreement on {agreed_on}",
        after={
            "name": name,
            "email": email,
            "agreed_on": agreed_on,
            "template_version": template_version,
        },
    )
    return attested


def _locked(partner: Partner, act: Act) -> Agreement:
    """Return the agreement as it stands, with the partner's row locked."""
    list(Partner.objects.select_for_update(no_key=True).filter(pk=partner.pk).values_list("pk"))
    return agreement_of(partner, on=act.on)


def _append(
    partner: Partner, kind: EventKind, side: Side, act: Act, *, summary: str, note: str = ""
) -> AgreementEvent:
    event = AgreementEvent.objects.create(
        partner=partner, kind=kind, side=side, on=act.on, note=note, at=act.at, by=act.by
    )
    activity.record(
        tenant=partner.tenant,
        act=act,
        action=f"agreement.{kind}",
        about=partner.tenant.public_id,
        summary=summary,
        after={"side": side, "on": act.on, "note": note},
    )
    return event


def _for(side: Side) -> str:
    return "the vendor" if side == Side.VENDOR else "the partner"
