"""The letter that tells partners of a new price list. What it says is in templates/letters."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import get_connection

from csp_portal.shared.letters import absolute, compose

from .models import PriceList
from .queries.price_changes import PriceChanges
from .queries.price_list_readers import readers_of_market
from .queries.price_lists import list_before

log = logging.getLogger(__name__)


def send_published(price_list: PriceList) -> int:
    """
    Mail everybody who may see the list, one mail each; return how many were taken.

    An address that the mail server refuses is logged and keeps the mail from nobody else.
    """
    follows = list_before(price_list)
    context = {
        "price_list": price_list,
        "follows": follows,
        "counts": PriceChanges(follows, price_list).counts,
        "url": absolute("billing:price-list", price_list_id=price_list.pk),
        "diff_url": absolute("billing:price-list-diff", price_list_id=price_list.pk),
    }
    taken = 0
    with get_connection() as connection:
        for reader in readers_of_market(market=price_list.market, currency=price_list.currency):
            mail = compose(
                to=reader.email,
                template="billing/price_list_published",
                language=settings.LANGUAGE_CODE,
                context=context,
            )
            try:
                taken += connection.send_messages([mail]) or 0
            except (SMTPException, OSError):
                log.exception("The mail about %s was refused for a reader.", price_list)
    return taken
