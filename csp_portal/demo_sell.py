"""What Northwind does itself in the demo: it buys, tries, and is advised."""

from collections.abc import Callable
from datetime import date, timedelta

from billing.services import conversions, orders, quotes, recommendations
from csp_portal.demo_accounts import OPEN_KEY
from csp_portal.demo_people import Cast, act, moment
from subscriptions.domain.keys import hash_key
from subscriptions.models import Offer, OpenKey, Subscription
from subscriptions.services import trials
from tenants.models import User


def diary(cast: Cast, today: date) -> list[tuple[date, Callable[[date], None]]]:
    """Return what happened on which day, to be played with the rest of the world."""
    return [
        (today - timedelta(days=75), lambda day: _buy(cast, "Visio Plan 2", 12, day)),
        (today - timedelta(days=40), lambda day: _add_on(cast, "Archiving", 10, day)),
        (today - timedelta(days=24), lambda day: _try(cast, day)),
        (today - timedelta(days=5), lambda day: _recommend(cast, day)),
        (today - timedelta(days=1), lambda day: _issue(day, today)),
    ]


def _buy(
    cast: Cast, title: str, seats: int, day: date, *, base: Subscription | None = None
) -> None:
    by = act(cast.carl, day)
    quote = quotes.quote(
        kind="new",
        tenant=cast.northwind,
        offer=Offer.objects.get(title=title),
        base=base,
        seats=seats,
        act=by,
    )
    orders.confirm(quote=quote, act=by)


def _add_on(cast: Cast, title: str, seats: int, day: date) -> None:
    """Add it to what Northwind bought from the vendor before."""
    base = Subscription.objects.direct().get(tenant=cast.northwind, title="Visio Plan 2")
    _buy(cast, title, seats, day, base=base)


def _try(cast: Cast, day: date) -> None:
    """Start a trial that now ends in 6 days, and let Fabrikam propose to convert it."""
    offer = Offer.objects.create(
        title="Office Suite E5 trial",
        sku="CFQ7TTC0LF8S:TRIAL",
        product_family="Enterprise",
        is_trial=True,
        state=Offer.OfferState.AVAILABLE,
    )
    Offer.objects.create(
        title="Project Plan 3 trial",
        sku="CFQ7TTC0HDB0:TRIAL",
        product_family="Project",
        is_trial=True,
        state=Offer.OfferState.AVAILABLE,
    )
    trial = trials.start_trial(tenant=cast.northwind, offer=offer, act=act(cast.carl, day))
    conversions.propose(
        partner=cast.fabrikam,
        trial=trial,
        offer=Offer.objects.get(title="Office Suite E5"),
        seats=25,
        segment="commercial",
        duration="P1Y",
        plan="monthly",
        note="As discussed on the phone",
        act=act(cast.ada, day + timedelta(days=20)),
    )


def _recommend(cast: Cast, day: date) -> None:
    advice = [
        recommendations.Advice(offer=Offer.objects.get(title="Power BI Pro"), seats=10),
        recommendations.Advice(offer=Offer.objects.get(title="Exchange Online Plan 2"), seats=20),
    ]
    recommendations.recommend(
        partner=cast.tailspin,
        items=advice,
        customer_name="Northwind Traders",
        email=cast.carl.email,
        note="For the reporting team, and mailboxes for the seasonal staff.",
        is_mailed=True,
        act=act(cast.nora, day),
    )


def _issue(day: date, today: date) -> None:
    """Issue the key that the demo prints, which is why it is not a random one."""
    OpenKey.objects.create(
        key_hash=hash_key(OPEN_KEY),
        ending=OPEN_KEY[-5:],
        offer=Offer.objects.get(title="Office Suite E1"),
        seats=25,
        months=12,
        agreement="71043982",
        redeem_until=today + timedelta(days=200),
        issued_at=moment(day),
        issued_by=User.objects.get(email="olga@vendor.example"),
    )
