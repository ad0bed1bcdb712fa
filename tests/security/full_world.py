"""A world with a row in every table, for attempts on its guards."""

from datetime import date, timedelta

from django.contrib.auth.models import Group, Permission

from billing.models import Invoice, Price, PriceList
from billing.services import closing, conversions, order_requests, orders
from billing.services import transfers as moves
from relationships.models import (
    PartnerPolicy,
    PartnerSuspension,
    PlannedMove,
    Relationship,
    Transfer,
)
from relationships.services import tags, transfers
from relationships.services.invitations import accept, invite
from subscriptions.models import (
    FileImport,
    OfferEquivalence,
    OfferRule,
    Subscription,
    SubscriptionNotice,
    TrialNotice,
)
from subscriptions.services import cancellation_requests, licences, lifecycle, open_keys, trials
from tenants.models import CalendarFeed, Membership, SavedView, SignUp, User
from tests import make
from tests.billing.selling import place
from tests.billing.test_recommendations import buy, recommend
from tests.billing.test_support import advised
from tests.races import NOON
from tests.two_tier import TwoTier, two_tier
from tests.world import TODAY, World, build_world

CLOSED_ON = date(2026, 12, 1)


def full_world() -> World:
    """Sell in all channels, move, close November, and leave something open of each kind."""
    world = build_world()
    tier = two_tier(world)
    make.price_list(
        date(2026, 11, 1), {world.premium: ("16.48", "20.60"), world.phone: ("6.40", "8.00")}
    )
    _sell(world)
    _other_channels(world)
    _two_tier(tier)
    _move(world)
    closing.close_month(month=date(2026, 11, 1), act=world.act(on=CLOSED_ON))
    _after_the_close(world)
    _operators_rows(world)
    _peoples_rows(world)
    return world


def _sell(world: World) -> None:
    """Sell to Northwind, with a licence and two changes of the next term."""
    invitation, _token = invite(
        partner=world.fabrikam, has_delegated_admin=True, act=world.act(world.ada)
    )
    accept(invitation=invitation, tenant=world.northwind, act=world.act(world.carl))
    make.customer_agreement(world.fabrikam, world.northwind)
    sold = place(world, "new", on=TODAY, offer=world.premium, seats=10).subscription
    mia = Membership.objects.get(user=world.mia)
    licences.assign(subscription=sold, membership=mia, act=world.act(world.carl))
    for seats in (20, 30):
        lifecycle.schedule_change(subscription=sold, seats=seats, act=world.act())


def _move(world: World) -> None:
    """Move Contoso from Fabrikam to Tailspin; Northwind has asked for the same."""
    served = make.relationship(world.fabrikam, world.contoso)
    place(world, "new", on=TODAY, tenant=world.contoso, offer=world.premium, seats=5)
    transfer = _asked_to_move(world, served, world.tom)
    transfers.approve(transfer=transfer, act=world.act())
    moves.carry_out(transfer=transfer, act=world.act())
    northwind = Relationship.objects.active().get(customer=world.northwind)
    _asked_to_move(world, northwind, world.carl)
    planned, _token = invite(
        partner=world.fabrikam, has_delegated_admin=True, act=world.act(world.ada)
    )
    PlannedMove.objects.create(relationship=northwind, invitation=planned)


def _asked_to_move(world: World, served: Relationship, admin: User) -> Transfer:
    invitation, _token = invite(
        partner=world.tailspin,
        kind="replacement",
        has_delegated_admin=True,
        act=world.act(world.nora),
    )
    return transfers.request_transfer(
        invitation=invitation,
        relationship=served,
        takes_effect_on=TODAY,
        act=world.act(admin),
    )


def _other_channels(world: World) -> None:
    """Let Northwind hold Direct, Advisor, Open and a trial, and ask and redeem for them."""
    act = world.act(world.carl)
    make.other_channel(world.northwind, "direct", "Office Suite E3", reference="D-1")
    make.other_channel(world.woodgrove, "syndication", "Hosted Mail")
    advisor = advised(world, 30)
    asked = cancellation_requests.ask(subscription=advisor, act=act)
    cancellation_requests.take_back(request=asked, act=act)
    cancellation_requests.ask(subscription=advisor, act=act)
    key, _left = open_keys.issue(
        offer=world.premium,
        seats=5,
        months=12,
        count=2,
        redeem_until=date(2027, 6, 30),
        agreement="71043982",
        act=world.act(),
    )
    open_keys.redeem(typed=key, tenant=world.northwind, act=act)
    for number in range(2):
        offer = make.offer(f"Trial {number}", f"T:{number}", is_trial=True)
        trial = trials.start_trial(tenant=world.northwind, offer=offer, act=act)
        proposed = conversions.propose(
            partner=world.fabrikam,
            trial=trial,
            offer=world.premium,
            seats=25,
            segment="commercial",
            duration="P1Y",
            plan="monthly",
            act=world.act(),
        )
        if number == 0:
            shown = conversions.price_today(conversion=proposed, act=act)
            conversions.accept(conversion=proposed, shown=conversions.fingerprint(shown), act=act)
    TrialNotice.objects.create(subscription=trial, days_before=7, sent_at=act.at)
    buy(world, recommend(world, 10, 20)[0])


def _two_tier(tier: TwoTier) -> None:
    price = Price.objects.get(offer=tier.world.premium, duration="P1Y", plan="monthly")
    asked = [
        order_requests.ask_for_offer(
            relationship=tier.relationship,
            price=price,
            seats=10,
            note="By Friday",
            act=tier.world.act(tier.lena),
        )
        for _ in range(2)
    ]
    by_provider = tier.world.act(tier.wes)
    quote = order_requests.approve(request=asked[0], act=by_provider)
    orders.confirm(quote=quote, act=by_provider)
    tags.add_tag(partner=tier.wingtip, customer=tier.relecloud, word="Key account", act=by_provider)


def _after_the_close(world: World) -> None:
    """Charge something that is on no invoice yet, and start a draft of the next one."""
    act = world.act(on=CLOSED_ON)
    subscription = Subscription.objects.csp().live().filter(tenant=world.contoso).get()
    place(
        world,
        "suspend",
        on=CLOSED_ON,
        by=world.nora,
        partner=world.tailspin,
        tenant=world.contoso,
        subscription=subscription,
    )
    issued = Invoice.objects.exclude(number=None).order_by("id")[0]
    Invoice.objects.create(
        seller=issued.seller,
        buyer=issued.buyer,
        currency=issued.currency,
        month=date(2026, 12, 1),
        issued_on=act.on,
        due_on=act.on,
    )
    draft = PriceList.objects.create(
        market="DE",
        currency="EUR",
        effective_on=date(2027, 3, 1),
        visible_from=act.at,
        created_at=act.at,
    )
    draft.prices.create(
        offer=world.premium,
        segment="commercial",
        duration="P1Y",
        plan="monthly",
        unit_price=1,
        erp=2,
    )


def _operators_rows(world: World) -> None:
    at = world.act().at
    PartnerPolicy.objects.create(most_partners=2, changed_at=at)
    shared = make.tenant("Shared", domain="shared.example")
    make.relationship(world.fabrikam, shared)
    make.relationship(world.tailspin, shared, slot=2)
    PartnerSuspension.objects.create(
        partner=world.tailspin, reason="overdue", starts_on=TODAY, suspended_at=at
    )
    world.phone.add_on_to.add(world.premium)
    rule = OfferRule.objects.create(offer=world.premium, imported_at=at)
    rule.requires.add(world.phone)
    rule.converts_to.add(world.phone)
    OfferEquivalence.objects.create(offer=world.phone, replacement=world.premium)
    OfferEquivalence.objects.create(title="Office Open", replacement=world.premium)
    FileImport.objects.create(
        kind="tenants", name="a.csv", content=b"", rows=1, uploaded_at=at, uploaded_by=world.ada
    )
    SubscriptionNotice.objects.create(
        subscription=Subscription.objects.order_by("id")[0],
        kind="renews",
        about_on=TODAY + timedelta(days=30),
        days=30,
        sent_on=TODAY,
        sent_at=at,
    )


def _peoples_rows(world: World) -> None:
    SavedView.objects.create(
        membership=Membership.objects.get(user=world.ada),
        list_name="customers",
        name="Mine",
        is_default=True,
    )
    SignUp.objects.create(user=world.ada, organisation="Fabrikam", country="DE", at=world.act().at)
    CalendarFeed.objects.create(
        membership=Membership.objects.get(user=world.ada), token_hash=b"x" * 32, made_at=NOON
    )
    world.ada.groups.add(Group.objects.create(name="A group"))
    world.ada.user_permissions.add(Permission.objects.order_by("id")[0])
