"""
Whether a partner may start something new: orders, more seats, invitations, customers.

What runs goes on whatever the answer is: fewer seats, suspending, cancelling, renewals and
invoices never ask here.
"""

from datetime import date

from django.db import connection
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tenants.models import Partner, Tenant

from ..domain.agreements import Agreement
from ..models import PartnerSuspension
from ..queries.agreements import has_customer_agreement, standings_of


class SellingRefused(Exception):
    """Nothing new may be sold; `title` and `str()` say why and what to do."""

    title: str = ""
    is_cured_by_signing = False
    is_cured_by_attesting = False


class NoAgreementInForce(SellingRefused):
    is_cured_by_signing = True

    def __init__(self, partner: Partner, agreement: Agreement) -> None:
        self.title = _("No programme agreement in force")
        super().__init__(
            _(
                "The programme agreement of %(partner)s ended on %(day)s, so nothing new can be "
                "sold. What runs goes on. A Global admin can sign it again."
            )
            % {"partner": partner, "day": date_format(agreement.last_day, "j M Y")}
            if agreement.last_day
            else _(
                "%(partner)s has not signed the programme agreement, so nothing new can be sold. "
                "A Global admin can sign it."
            )
            % {"partner": partner}
        )


class PartnerIsSuspended(SellingRefused):
    def __init__(self, partner: Partner, suspension: PartnerSuspension) -> None:
        self.title = _("%(partner)s is suspended") % {"partner": partner}
        what_to_do = {
            PartnerSuspension.Reason.OVERDUE.value: _(
                "Pay the overdue invoices; the vendor then lifts it."
            ),
            PartnerSuspension.Reason.ABUSE.value: _("Write to the vendor's partner support."),
        }
        super().__init__(
            _(
                "The vendor suspended %(partner)s on %(day)s (%(reason)s): no new subscriptions, "
                "seats, invitations or customers. What runs goes on."
            )
            % {
                "partner": partner,
                "day": date_format(suspension.starts_on, "j M Y"),
                "reason": suspension.get_reason_display().lower(),
            }
            + " "
            + what_to_do[suspension.reason]
        )


class NoCustomerAgreement(SellingRefused):
    is_cured_by_attesting = True

    def __init__(self, customer: Tenant) -> None:
        self.title = _("No customer agreement yet")
        super().__init__(
            _(
                "Before the first order, %(customer)s has to accept the customer agreement. "
                "Record who accepted it, and when."
            )
            % {"customer": customer}
        )


def require_may_sell(
    *, partner: Partner, customer: Tenant | None, on: date, is_first_order: bool = False
) -> None:
    """
    Refuse something new of `partner`, for `customer` if it is known yet.

    In the caller's transaction: nobody is suspended between this answer and its commit.

    :raises PartnerIsSuspended: the partner, or the reseller of record
    :raises NoAgreementInForce: of the partner, or of the reseller of record
    :raises NoCustomerAgreement: if `is_first_order` and nobody attested the customer's
    """
    _hold_sellers(partner, customer)
    refusal = selling_refusal(
        partner=partner, customer=customer, on=on, is_first_order=is_first_order
    )
    if refusal is not None:
        raise refusal


def selling_refusal(
    *, partner: Partner, customer: Tenant | None, on: date, is_first_order: bool = False
) -> SellingRefused | None:
    """Return what `require_may_sell` would raise, for pages that say it before the click."""
    for seller in standings_of(partner=partner, customer=customer, on=on):
        if seller.suspension is not None:
            return PartnerIsSuspended(seller.partner, seller.suspension)
        if not seller.agreement.is_in_force:
            return NoAgreementInForce(seller.partner, seller.agreement)
    if (
        is_first_order
        and customer is not None
        and not has_customer_agreement(partner=partner, customer=customer)
    ):
        return NoCustomerAgreement(customer)
    return None


# Who sells holds the row together with others who sell; who suspends or signs holds it alone.
HOLD = """
SELECT FROM tenants_partner WHERE id = %(partner)s OR id IN (
  SELECT reseller_id FROM relationships_relationship
  WHERE partner_id = %(partner)s AND customer_id = %(customer)s AND ended_on IS NULL)
ORDER BY id FOR SHARE
"""


def _hold_sellers(partner: Partner, customer: Tenant | None) -> None:
    """Let how the partner and the reseller of record stand last until the transaction ends."""
    of = customer.pk if customer is not None else None
    with connection.cursor() as cursor:
        cursor.execute(HOLD, {"partner": partner.pk, "customer": of})
