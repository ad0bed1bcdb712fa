"""From a draft to a list that every partner sees at the same instant (R13, R14)."""

from django.db import transaction

from tenants.acts import Act
from tenants.models import Tenant
from tenants.services import activity

from .. import price_list_letters
from ..domain.calendar import next_possible_effective_day
from ..models import PriceList
from ..queries.price_list_readers import partners_of_market
from ..queries.price_lists import lists_to_announce
from .price_list_errors import (
    AlreadyScheduled,
    EmptyPriceList,
    NotTheFirstOfAMonth,
    PriceListRefused,
    TooLate,
)
from .price_list_import import PriceListImport, import_price_list, visible_from

__all__ = [
    "AlreadyScheduled",
    "EmptyPriceList",
    "NotTheFirstOfAMonth",
    "PriceListImport",
    "PriceListRefused",
    "TooLate",
    "discard",
    "import_price_list",
    "publish_due",
    "schedule",
    "visible_from",
]


@transaction.atomic
def schedule(*, price_list: PriceList, act: Act) -> PriceList:
    """
    Fix the draft for good: partners see it from its `visible_from`, whatever else happens.

    The head is locked in a statement of its own, before anything is looked at: prices that
    are being added at this moment are either on the list or refused.

    :raises AlreadyScheduled: if it is
    :raises EmptyPriceList: if it has no prices
    :raises TooLate: if its 30 days have begun; `next_possible` is the month it can still take
    """
    draft = _locked_draft(price_list)
    if not draft.prices.exists():
        raise EmptyPriceList(f"{draft} has no prices")
    if draft.visible_from < act.at:
        raise TooLate(next_possible_effective_day(act.on))
    draft.scheduled_at = act.at
    draft.scheduled_by = act.by
    draft.save(update_fields=["scheduled_at", "scheduled_by"])
    activity.record(
        tenant=Tenant.objects.vendor(),
        act=act,
        action="price_list.scheduled",
        about=draft.pk,
        summary=f"scheduled {draft}; partners see it from {draft.visible_from:%d %B %Y %H:%M %Z}",
        after={"visible_from": draft.visible_from},
    )
    return draft


@transaction.atomic
def discard(*, price_list: PriceList, act: Act) -> None:
    """
    Delete a draft with its prices.

    :raises AlreadyScheduled: if it is not a draft any more
    """
    draft = _locked_draft(price_list)
    activity.record(
        tenant=Tenant.objects.vendor(),
        act=act,
        action="price_list.discarded",
        about=draft.pk,
        summary=f"discarded the draft of {draft}",
        before={"source_name": draft.source_name},
    )
    draft.delete()


def publish_due(*, act: Act) -> list[PriceList]:
    """
    Announce every list that partners may see by now and have not been told of.

    It makes nothing visible: `visible_from` does that. Each list is announced once, in its
    own transaction, however many workers try: they queue at its head. The people who may
    see prices, in every partner of its market, get a mail after the commit.
    """
    return [each for each in lists_to_announce(at=act.at) if _publish(each, act)]


@transaction.atomic
def _publish(price_list: PriceList, act: Act) -> bool:
    locked = PriceList.objects.select_for_update().get(pk=price_list.pk)
    if locked.published_at is not None:
        return False
    price_list.published_at = act.at
    price_list.save(update_fields=["published_at"])
    partners = partners_of_market(market=locked.market, currency=locked.currency)
    prices = locked.prices.count()
    for tenant in (Tenant.objects.vendor(), *(partner.tenant for partner in partners)):
        activity.record(
            tenant=tenant,
            act=act,
            action="price_list.published",
            about=locked.pk,
            summary=f"published {locked}",
            after={"effective_on": locked.effective_on, "prices": prices},
        )

    def tell_partners() -> None:
        price_list_letters.send_published(locked)

    # a function, not a partial: Django wants its name when it logs a failure
    transaction.on_commit(tell_partners, robust=True)
    return True


def _locked_draft(price_list: PriceList) -> PriceList:
    locked = PriceList.objects.select_for_update().get(pk=price_list.pk)
    if locked.scheduled_at is not None:
        raise AlreadyScheduled(locked)
    return locked
