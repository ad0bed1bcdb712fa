"""
The whole policy as one table. Views and templates ask for an action, never for a role.

Source: the product's table of roles. R1: an Admin agent has everything for customers
and nothing on the partner's own tenant; a Global admin the other way round. So a link of
provider and reseller, an agreement of the two houses, is a Global admin's on both sides.
"""

from enum import StrEnum


class Kind(StrEnum):
    """What an organisation is in the programme."""

    VENDOR = "vendor"
    DIRECT_PARTNER = "direct_partner"
    INDIRECT_PROVIDER = "indirect_provider"
    INDIRECT_RESELLER = "indirect_reseller"
    ADVISOR = "advisor"
    CUSTOMER = "customer"


class Role(StrEnum):
    GLOBAL_ADMIN = "global_admin"
    ADMIN_AGENT = "admin_agent"
    SALES_AGENT = "sales_agent"
    HELPDESK_AGENT = "helpdesk_agent"
    BILLING_ADMIN = "billing_admin"
    TENANT_ADMIN = "tenant_admin"
    BILLING_READER = "billing_reader"
    MEMBER = "member"


PARTNER_ROLES = frozenset(
    {
        Role.GLOBAL_ADMIN,
        Role.ADMIN_AGENT,
        Role.SALES_AGENT,
        Role.HELPDESK_AGENT,
        Role.BILLING_ADMIN,
    }
)
CUSTOMER_ROLES = frozenset({Role.TENANT_ADMIN, Role.BILLING_READER, Role.MEMBER})

ROLE_LABELS = {
    Role.GLOBAL_ADMIN: "Global admin",
    Role.ADMIN_AGENT: "Admin agent",
    Role.SALES_AGENT: "Sales agent",
    Role.HELPDESK_AGENT: "Helpdesk agent",
    Role.BILLING_ADMIN: "Billing admin",
    Role.TENANT_ADMIN: "Tenant admin",
    Role.BILLING_READER: "Billing reader",
    Role.MEMBER: "Member",
}


class Action(StrEnum):
    ENTER = "enter the portal"
    SEE_CUSTOMERS = "see customers"
    INVITE_CUSTOMERS = "invite and create customers"
    TAG_CUSTOMERS = "tag customers"
    ORDER = "quote and order"
    CHANGE_SERVICE = "suspend, reactivate and cancel"
    SEE_TRANSFERS = "see transfers of customers"
    DECIDE_TRANSFERS = "approve and decline transfers of customers"
    END_RELATIONSHIPS = "end reseller relationships"
    SEE_PRICES = "see prices"
    SEE_PRICE_LISTS = "see the vendor's price lists"
    SEE_INVOICES = "see invoices"
    SEE_CUSTOMER_INVOICES = "see what customers were invoiced"
    SEE_OWN_ACTIVITY = "see the organisation's activity"
    ACCEPT_INVITATIONS = "accept invitations"
    RECOMMEND = "recommend purchases from the vendor"
    BUY = "buy from the vendor and manage what was bought there"
    SEE_OWN_SUBSCRIPTIONS = "see the organisation's subscriptions"
    SEE_OWN_PARTNER = "see the organisation's partner"
    MANAGE_PEOPLE = "manage people and roles of the own organisation"
    DELEGATED_ADMIN = "manage users and licences in a customer's tenant"
    DELEGATED_ROLES = "change roles and admins in a customer's tenant"
    MANAGE_OWN_USERS = "manage users and licences of the own tenant"
    SEE_OWN_LICENCES = "see the own licences"
    MANAGE_AGREEMENT = "sign the programme agreement and give notice"
    SEE_LINKS = "see the providers or resellers it is linked with"
    AGREE_LINKS = "invite resellers, answer providers, end a link"
    REQUEST_ORDERS = "send order requests to a provider"


ALLOWED: dict[Role, frozenset[Action]] = {
    Role.GLOBAL_ADMIN: frozenset(
        {
            Action.ENTER,
            Action.SEE_OWN_ACTIVITY,
            Action.MANAGE_AGREEMENT,
            Action.SEE_LINKS,
            Action.AGREE_LINKS,
            Action.MANAGE_PEOPLE,
        }
    ),
    Role.ADMIN_AGENT: frozenset(
        {
            Action.ENTER,
            Action.SEE_CUSTOMERS,
            Action.INVITE_CUSTOMERS,
            Action.RECOMMEND,
            Action.TAG_CUSTOMERS,
            Action.ORDER,
            Action.CHANGE_SERVICE,
            Action.SEE_TRANSFERS,
            Action.DECIDE_TRANSFERS,
            Action.END_RELATIONSHIPS,
            Action.SEE_PRICES,
            Action.SEE_PRICE_LISTS,
            Action.SEE_CUSTOMER_INVOICES,
            Action.SEE_LINKS,
            Action.REQUEST_ORDERS,
            Action.DELEGATED_ADMIN,
            Action.DELEGATED_ROLES,
        }
    ),
    Role.SALES_AGENT: frozenset(
        {
            Action.ENTER,
            Action.SEE_CUSTOMERS,
            Action.INVITE_CUSTOMERS,
            Action.RECOMMEND,
            Action.TAG_CUSTOMERS,
            Action.ORDER,
            Action.SEE_TRANSFERS,
            Action.SEE_PRICES,
            Action.SEE_PRICE_LISTS,
            Action.SEE_CUSTOMER_INVOICES,
            Action.SEE_LINKS,
            Action.REQUEST_ORDERS,
        }
    ),
    Role.HELPDESK_AGENT: frozenset({Action.ENTER, Action.SEE_CUSTOMERS, Action.DELEGATED_ADMIN}),
    Role.BILLING_ADMIN: frozenset(
        {
            Action.ENTER,
            Action.SEE_PRICES,
            Action.SEE_PRICE_LISTS,
            Action.SEE_INVOICES,
            Action.SEE_CUSTOMER_INVOICES,
            Action.SEE_LINKS,
        }
    ),
    Role.TENANT_ADMIN: frozenset(
        {
            Action.ENTER,
            Action.ACCEPT_INVITATIONS,
            Action.BUY,
            Action.END_RELATIONSHIPS,
            Action.SEE_OWN_SUBSCRIPTIONS,
            Action.SEE_OWN_PARTNER,
            Action.SEE_INVOICES,
            Action.SEE_OWN_ACTIVITY,
            Action.MANAGE_OWN_USERS,
            Action.SEE_OWN_LICENCES,
        }
    ),
    Role.BILLING_READER: frozenset(
        {
            Action.ENTER,
            Action.SEE_OWN_SUBSCRIPTIONS,
            Action.SEE_OWN_PARTNER,
            Action.SEE_INVOICES,
            Action.SEE_OWN_LICENCES,
        }
    ),
    Role.MEMBER: frozenset({Action.ENTER, Action.SEE_OWN_LICENCES}),
}


_LINKS = frozenset({Action.SEE_LINKS, Action.AGREE_LINKS})

# An advisor recommends and has no customers in CSP: nothing to order, invite for or look after.
_OF_CSP_CUSTOMERS = frozenset(
    {
        Action.SEE_CUSTOMERS,
        Action.INVITE_CUSTOMERS,
        Action.TAG_CUSTOMERS,
        Action.ORDER,
        Action.REQUEST_ORDERS,
        Action.CHANGE_SERVICE,
        Action.SEE_TRANSFERS,
        Action.DECIDE_TRANSFERS,
        Action.END_RELATIONSHIPS,
        Action.SEE_CUSTOMER_INVOICES,
        Action.DELEGATED_ADMIN,
        Action.DELEGATED_ROLES,
    }
)

# What nobody may in an organisation of that kind, whatever their role. A reseller's provider
# orders, and the vendor's lists say what the provider pays: its resellers never learn that.
CLOSED_TO: dict[Kind, frozenset[Action]] = {
    Kind.INDIRECT_PROVIDER: frozenset({Action.REQUEST_ORDERS}),
    Kind.INDIRECT_RESELLER: frozenset(
        {Action.ORDER, Action.CHANGE_SERVICE, Action.SEE_PRICE_LISTS}
    ),
    Kind.ADVISOR: _OF_CSP_CUSTOMERS | _LINKS,
}


def is_allowed(roles: frozenset[Role], action: Action, kind: Kind | None = None) -> bool:
    """Tell whether one of the roles allows it, in an organisation of that kind."""
    if kind is not None and action in CLOSED_TO.get(kind, frozenset()):
        return False
    return any(action in ALLOWED[role] for role in roles)
