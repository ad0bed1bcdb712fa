"""The navigation: what a person sees of it follows from what they may do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenants.models import Membership
from tenants.roles import Action, Kind


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of the navigation: its URL name, and the actions one of which opens it."""

    url_name: str
    icon: str
    label: str | Promise
    key: str
    actions: frozenset[Action]
    kinds: frozenset[Kind] = frozenset(Kind)


@dataclass(frozen=True, slots=True)
class Item:
    url: str
    icon: str
    label: str | Promise
    key: str
    current: bool
    count: int | str = 0


@dataclass(frozen=True, slots=True)
class Group:
    title: str | Promise
    items: list[Item] = field(default_factory=list)


def _any(*actions: Action) -> frozenset[Action]:
    return frozenset(actions)


PARTNER = (
    (
        "",
        (
            Entry("home:home", "home", _("Home"), "h", _any(Action.ENTER)),
            Entry("home:customers", "people", _("Customers"), "c", _any(Action.SEE_CUSTOMERS)),
            Entry("home:subscriptions", "box", _("Subscriptions"), "u", _any(Action.SEE_CUSTOMERS)),
            Entry(
                "home:renewals", "calendar-clock", _("Renewals"), "n", _any(Action.SEE_CUSTOMERS)
            ),
            Entry(
                "relationships:invitations",
                "handshake",
                _("Invitations"),
                "i",
                _any(Action.INVITE_CUSTOMERS),
            ),
            Entry(
                "relationships:transfers",
                "arrow-swap",
                _("Transfers"),
                "t",
                _any(Action.SEE_TRANSFERS),
            ),
            Entry(
                "relationships:resellers",
                "building-shop",
                _("Resellers"),
                "r",
                _any(Action.SEE_LINKS),
                frozenset({Kind.INDIRECT_PROVIDER}),
            ),
            Entry(
                "relationships:resellers",
                "building-shop",
                _("Providers"),
                "v",
                _any(Action.SEE_LINKS),
                frozenset({Kind.INDIRECT_RESELLER, Kind.DIRECT_PARTNER}),
            ),
            Entry(
                "billing:order-requests",
                "cart",
                _("Order requests"),
                "q",
                _any(Action.REQUEST_ORDERS, Action.ORDER),
                frozenset({Kind.INDIRECT_PROVIDER, Kind.INDIRECT_RESELLER, Kind.DIRECT_PARTNER}),
            ),
            Entry(
                "home:transitions",
                "arrow-swap",
                _("Transitions"),
                "x",
                _any(Action.SEE_CUSTOMERS),
            ),
        ),
    ),
    (
        _("Commerce"),
        (
            Entry("home:orders", "cart", _("Orders"), "o", _any(Action.ORDER)),
            Entry(
                "billing:recommendations",
                "person-support",
                _("Recommendations"),
                "m",
                _any(Action.RECOMMEND),
            ),
            Entry(
                "billing:price-lists", "tag", _("Price lists"), "p", _any(Action.SEE_PRICE_LISTS)
            ),
            Entry("billing:invoices", "receipt", _("Invoices"), "b", _any(Action.SEE_INVOICES)),
        ),
    ),
    (
        _("Operations"),
        (
            Entry(
                "tenants:people", "people-settings", _("People"), "e", _any(Action.MANAGE_PEOPLE)
            ),
            Entry(
                "relationships:agreement",
                "gavel",
                _("Agreement"),
                "g",
                _any(Action.MANAGE_AGREEMENT),
            ),
            Entry(
                "tenants:activity", "history", _("Activity log"), "a", _any(Action.SEE_OWN_ACTIVITY)
            ),
            Entry("mfa_index", "settings", _("Security"), "s", _any(Action.ENTER)),
        ),
    ),
)
CUSTOMER = (
    (
        "",
        (
            Entry("home:home", "home", _("Overview"), "h", _any(Action.ENTER)),
            Entry(
                "home:my-subscriptions",
                "box",
                _("Subscriptions"),
                "s",
                _any(Action.SEE_OWN_SUBSCRIPTIONS),
            ),
            Entry(
                "home:transitions",
                "arrow-swap",
                _("Transitions"),
                "x",
                _any(Action.SEE_OWN_SUBSCRIPTIONS),
            ),
            Entry("billing:shop", "cart", _("Buy"), "u", _any(Action.BUY)),
            Entry(
                "home:my-orders",
                "clipboard-task",
                _("Orders"),
                "o",
                _any(Action.SEE_OWN_SUBSCRIPTIONS),
            ),
            Entry(
                "subscriptions:own-users", "people", _("Users"), "r", _any(Action.MANAGE_OWN_USERS)
            ),
            Entry(
                "subscriptions:my-licences",
                "key",
                _("My licences"),
                "l",
                _any(Action.SEE_OWN_LICENCES),
            ),
            Entry("billing:invoices", "receipt", _("Bills"), "b", _any(Action.SEE_INVOICES)),
            Entry(
                "relationships:my-partner",
                "handshake",
                _("Partner"),
                "p",
                _any(Action.SEE_OWN_PARTNER),
            ),
        ),
    ),
    (
        _("Operations"),
        (
            Entry(
                "tenants:activity", "history", _("Activity log"), "a", _any(Action.SEE_OWN_ACTIVITY)
            ),
            Entry("mfa_index", "settings", _("Security"), "e", _any(Action.ENTER)),
        ),
    ),
)


# Where pages belong whose address does not begin with that of an entry.
PLACES_OF_A_CUSTOMER = {"/quotes/": "billing:shop"}
PLACES_OF_A_PARTNER = {"/subscriptions/": "home:customers", "/quotes/": "home:customers"}


# Pages of 2-tier: a direct partner that never went indirect does not have them.
TWO_TIER = frozenset({"relationships:resellers", "billing:order-requests"})


def navigation(
    membership: Membership,
    path: str,
    counts: Mapping[str, int | str],
    *,
    hidden: frozenset[str] = frozenset(),
) -> list[Group]:
    """
    Return the groups and pages for `membership`; the one that holds `path` is current.

    `counts` are what waits behind a page, by its URL name; `hidden` are left out.
    """
    kind = membership.tenant.kind
    groups = CUSTOMER if kind == Kind.CUSTOMER else PARTNER
    shown = [
        (
            title,
            [
                entry
                for entry in entries
                if kind in entry.kinds
                and entry.url_name not in hidden
                and any(membership.may(a) for a in entry.actions)
            ],
        )
        for title, entries in groups
    ]
    urls = [reverse(entry.url_name) for _title, entries in shown for entry in entries]
    holding = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
    places = PLACES_OF_A_CUSTOMER if kind == Kind.CUSTOMER else PLACES_OF_A_PARTNER
    holding += [reverse(name) for begin, name in places.items() if path.startswith(begin)]
    current = max(holding, key=len, default="")
    return [
        Group(
            title,
            [
                Item(
                    url,
                    entry.icon,
                    entry.label,
                    entry.key,
                    current=url == current,
                    count=counts.get(entry.url_name, 0),
                )
                for entry in entries
                for url in [reverse(entry.url_name)]
            ],
        )
        for title, entries in shown
        if entries
    ]
