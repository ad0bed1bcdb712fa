"""The states of a subscription, and what each lets people do."""

from enum import StrEnum


class State(StrEnum):
    ACTIVE = "active"
    GRACE = "grace"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    TRANSFERRED = "moved"


class FactKind(StrEnum):
    ORDERED = "ordered"
    SEATS = "seats"
    SUSPENDED = "suspended"
    REACTIVATED = "reactivated"
    CANCELLED = "cancelled"
    RENEWED = "renewed"
    EXPIRED = "expired"
    TRANSFERRED_OUT = "transferred_out"
    TRANSFERRED_IN = "transferred_in"


STATE_LABELS = {
    State.ACTIVE: "Active",
    State.GRACE: "In grace period",
    State.SUSPENDED: "Suspended",
    State.CANCELLED: "Cancelled",
    State.EXPIRED: "Expired",
    State.TRANSFERRED: "Transferred",
}

WHAT_USERS_CAN_DO = {
    State.ACTIVE: "Users and admins have full access.",
    State.GRACE: "Users and admins still have full access; the subscription is about to lapse.",
    State.SUSPENDED: "Users have no access. Admins can sign in and take out data for 90 days.",
    State.CANCELLED: "Nobody has access.",
    State.EXPIRED: "Nobody has access.",
    State.TRANSFERRED: "It goes on with another partner; nothing changed for users and admins.",
}

# Days a suspended subscription is kept before it is cancelled.
SUSPENSION_DAYS = 90

# States in which a subscription runs, so that R8 applies to it.
LIVE = frozenset({State.ACTIVE, State.GRACE, State.SUSPENDED})

# How many months each duration of a term lasts.
DURATION_MONTHS = {"P1M": 1, "P1Y": 12}
