"""
The channels a subscription can be bought through, and what follows from each.

Source: the product's table of channels and rules R2 to R10.
"""

from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    DIRECT = "direct"
    ADVISOR = "advisor"
    OPEN = "open"
    EA = "ea"
    SYNDICATION = "syndication"
    CSP = "csp"


@dataclass(frozen=True, slots=True)
class ChannelRules:
    """Who bills and manages it, in the words the pages use; {partner} is the CSP partner."""

    label: str
    billed_by: str
    managed_by: str
    why_read_only: str


RULES: dict[Channel, ChannelRules] = {
    Channel.DIRECT: ChannelRules(
        "Direct",
        "the vendor",
        "the customer",
        "Bought directly from the vendor. Only the customer can change it.",
    ),
    Channel.ADVISOR: ChannelRules(
        "Advisor",
        "the vendor",
        "the customer",
        "Bought from the vendor on an advisor's recommendation. The customer manages it; its "
        "partner of record stays as it is.",
    ),
    Channel.OPEN: ChannelRules(
        "Open",
        "prepaid, through distribution",
        "the customer",
        "Bought as a volume licence and redeemed with a key. It was paid when it was bought.",
    ),
    Channel.EA: ChannelRules(
        "EA",
        "the enterprise agreement",
        "the customer",
        "Part of the customer's enterprise agreement, which bills and governs it.",
    ),
    Channel.SYNDICATION: ChannelRules(
        "Syndication",
        "the syndication partner",
        "the syndication partner",
        "Sold and managed by a syndication partner.",
    ),
    Channel.CSP: ChannelRules(
        "CSP",
        "{partner}",
        "{partner}",
        "Managed by the CSP partner. To change anything, ask {partner}.",
    ),
}

# R8: these two cannot be active in one tenant.
EXCLUSIVE = frozenset({Channel.CSP, Channel.SYNDICATION})

# The portal cannot see that these end: whoever sold them says so, and operators record it.
ELSEWHERE = frozenset({Channel.EA, Channel.SYNDICATION})
