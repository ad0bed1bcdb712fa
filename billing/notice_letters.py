"""The letter about what renews, ends or is cancelled soon. Its text is in templates/letters."""

from collections.abc import Sequence

from django.core.mail import EmailMultiAlternatives

from csp_portal.shared.letters import absolute, compose
from tenants.models import User

from .queries.term_notices import Due, Kind

SHOWN = 50


def notice_letter(*, to: User, due: Sequence[Due]) -> EmailMultiAlternatives:
    """Return one mail about all of `due`; at most fifty of each kind are named."""
    kinds = {kind: [each for each in due if each.kind == kind] for kind in Kind}
    return compose(
        to=to.email,
        template="billing/term_notice",
        language=to.language,
        context={
            "count": len(due),
            "first": due[0],
            "expiring": kinds[Kind.EXPIRES][:SHOWN],
            "kept": kinds[Kind.KEPT][:SHOWN],
            "renewing": kinds[Kind.RENEWS][:SHOWN],
            "more": sum(max(len(found) - SHOWN, 0) for found in kinds.values()),
            "url": absolute("home:home"),
        },
    )
