"""
What operators may do, group by group: the whole policy as one table.

A superuser appoints them, may do all of it, and alone enrols partners, sets the policy of
several CSP partners and reads people's accounts.
"""

from django.contrib.auth.models import Group, Permission

_READS = (
    "tenants.view_tenant tenants.view_partner relationships.view_relationship "
    "subscriptions.view_offer subscriptions.view_subscription subscriptions.view_seatchange "
)
GROUPS: dict[str, str] = {
    # Offers, their matrix and equivalents, price lists, licence keys.
    "Catalogue": _READS
    + "subscriptions.add_offer subscriptions.change_offer subscriptions.view_offerrule "
    "subscriptions.add_offerequivalence subscriptions.change_offerequivalence "
    "subscriptions.delete_offerequivalence subscriptions.view_offerequivalence "
    "subscriptions.view_fileimport subscriptions.add_openkey subscriptions.change_openkey "
    "subscriptions.view_openkey billing.add_pricelist billing.change_pricelist "
    "billing.view_pricelist billing.view_price",
    # The ledgers, to read; partners that are overdue.
    "Finance": _READS + "billing.view_monthclose billing.change_monthclose billing.view_invoice "
    "billing.view_charge billing.view_lockedprice billing.view_quote billing.view_order "
    "billing.view_numberseries billing.view_pricelist billing.view_price "
    "relationships.view_programmeagreement relationships.view_partnersuspension "
    "relationships.add_partnersuspension relationships.change_partnersuspension",
    # What customers and partners ask for.
    "Support": _READS
    + "tenants.view_membership tenants.view_signup tenants.view_activity tenants.add_tenant "
    "relationships.view_invitation relationships.change_invitation "
    "relationships.view_transfer relationships.change_transfer "
    "relationships.view_customeragreement relationships.view_programmeagreement "
    "relationships.change_programmeagreement relationships.view_partnersuspension "
    "relationships.add_partnersuspension relationships.change_partnersuspension "
    "subscriptions.add_subscription subscriptions.change_subscription "
    "subscriptions.view_fileimport subscriptions.view_scheduledchange "
    "subscriptions.view_subscriptionnotice subscriptions.view_openkey "
    "subscriptions.view_keyattempt subscriptions.view_cancellationrequest "
    "subscriptions.change_cancellationrequest",
}


class NoSuchPermission(Exception):
    """The table names what no page asks for, or the tables are not there yet."""


def make_groups() -> list[Group]:
    """Make the groups, or bring them back to what the table says; safe to repeat."""
    return [_made(name, codes.split()) for name, codes in GROUPS.items()]


def _made(name: str, codes: list[str]) -> Group:
    permissions = []
    for code in codes:
        app, _dot, codename = code.partition(".")
        found = Permission.objects.filter(content_type__app_label=app, codename=codename).first()
        if found is None:
            raise NoSuchPermission(code)
        permissions.append(found)
    group, _is_new = Group.objects.get_or_create(name=name)
    group.permissions.set(permissions)
    return group
