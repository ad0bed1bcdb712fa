"""The commands that cost money: each row is quoted before the click, and ordered by its quote."""

from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Quote
from billing.queries.prices import NoPrice
from billing.queries.quote_summary import Leg, summary_of
from billing.queries.quote_words import done_in_words
from billing.queries.quotes import without_words
from billing.services import orders, quotes
from billing.views.refusals import REFUSALS, words_of
from subscriptions.services.errors import SubscriptionRefused
from tenants.roles import Action

from ..models import BulkRow
from .changes import require_sold_by
from .commands import Command, Note, NotYours, Work
from .subjects import SUBSCRIPTION

Kind = Quote.QuoteKind


class PriceNoLongerHolds(Exception):
    """The row would cost something else now than what was shown."""


class GoesWithItsBase(Exception):
    """An add-on whose base is in the same run: the base takes it along."""


def _price_of_suspending(work: Work) -> None:
    require_sold_by(work)
    _require_base_elsewhere(work)
    _quote(work, Kind.SUSPEND)


def _price_of_reactivating(work: Work) -> None:
    require_sold_by(work)
    _quote(work, Kind.REACTIVATE)


def _order(work: Work) -> str:
    """Order what the row's quote says, with the reason that was typed since."""
    require_sold_by(work)
    quote = work.row.quote
    assert quote is not None  # only rows with a price are confirmed
    try:
        if work.note:
            quote = _with_reason(quote, work)
        orders.confirm(quote=quote, act=work.act)
    except (orders.QuoteExpired, orders.QuoteStale) as error:
        raise _changed() from error
    return done_in_words(quote, summary_of(quote, organisation=work.partner.tenant))


def _quote(work: Work, kind: Quote.QuoteKind) -> None:
    """Quote the row, and note what the partner will be charged or credited and will charge."""
    quote = _quoted(work, kind)
    summary = summary_of(quote, organisation=work.partner.tenant)
    row = work.row
    row.quote = quote
    row.sold, row.sold_currency = _sum(summary.sales)
    row.bought, row.bought_currency = _sum(summary.purchases)


def _quoted(work: Work, kind: str, reason: str = "") -> Quote:
    try:
        return quotes.quote(
            kind=kind,
            partner=work.partner,
            tenant=work.what.tenant,
            subscription=work.what,
            reason=reason,
            act=work.act,
        )
    except NoPrice as refusal:
        raise SubscriptionRefused(words_of(refusal)) from refusal


def _with_reason(shown: Quote, work: Work) -> Quote:
    """Return the same quote with the reason; a quote is never changed once it was shown."""
    if work.act.at >= shown.expires_at:
        raise _changed()
    act = replace(work.act, on=shown.on)
    anew = _quoted(replace(work, act=act), shown.kind, work.note)
    if without_words(anew.lines) != without_words(shown.lines) or anew.term_id != shown.term_id:
        raise _changed()
    return anew


def _changed() -> PriceNoLongerHolds:
    return PriceNoLongerHolds(
        _("The price that was shown no longer holds; nothing was changed. Ask for it again.")
    )


def _require_base_elsewhere(work: Work) -> None:
    """Leave an add-on to its base, if the base is suspended by the same run."""
    if work.what.base_id is None:
        return
    base = work.what.base
    in_run = BulkRow.objects.filter(run=work.row.run, key=base.public_id, quote__isnull=False)
    if in_run.exists():
        words = _(
            "An add-on to %(base)s, which is suspended by the same command and takes it along."
        )
        raise GoesWithItsBase(words % {"base": base.title})


def _sum(legs: list[Leg]) -> tuple[Decimal | None, str]:
    """Return what the legs come to; a quote's have one currency on each side."""
    if not legs:
        return None, ""
    return sum((leg.now for leg in legs), Decimal(0)), legs[0].currency


PRICED_REFUSALS = (*REFUSALS, NotYours, PriceNoLongerHolds, GoesWithItsBase)
REASON = Note(gettext_lazy("Reason"), gettext_lazy("It is kept in the history of each."))

SUSPEND = Command(
    "suspend",
    "pause-circle",
    gettext_lazy("Suspend"),
    gettext_lazy("Suspend subscriptions"),
    gettext_lazy(
        "Users lose access today, admins keep sign-in and data for 90 days. What is paid for and "
        "not used is credited to the day. Other channels stay as they are."
    ),
    Action.CHANGE_SERVICE,
    SUBSCRIPTION,
    _order,
    PRICED_REFUSALS,
    price=_price_of_suspending,
    note=REASON,
    is_grave=True,
)
REACTIVATE = Command(
    "reactivate",
    "play",
    gettext_lazy("Reactivate"),
    gettext_lazy("Reactivate subscriptions"),
    gettext_lazy(
        "Users have access again today, and the seats are billed from today to the end of the "
        "billing period, at the price locked for the term."
    ),
    Action.CHANGE_SERVICE,
    SUBSCRIPTION,
    _order,
    PRICED_REFUSALS,
    price=_price_of_reactivating,
    note=REASON,
)
