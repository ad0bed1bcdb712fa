from csp_portal.shared.tokens import hash_token

from ..models import CalendarFeed, Membership
from ..roles import Action


def feed_of(membership: Membership) -> CalendarFeed | None:
    return CalendarFeed.objects.filter(membership=membership).first()


def feed_by_token(token: str, *, needs: Action) -> CalendarFeed | None:
    """
    Return the feed a token opens now: its person still is in the organisation and may see it.

    A wrong token, a dead one, and one of somebody who lost the right are all the same.
    """
    feed = (
        CalendarFeed.objects.filter(token_hash=hash_token(token))
        .filter(membership__disabled_at__isnull=True, membership__user__is_active=True)
        .select_related("membership__user", "membership__tenant__partner")
        .first()
    )
    return feed if feed is not None and feed.membership.may(needs) else None
