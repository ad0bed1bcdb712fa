from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import DatabaseError, connection, transaction

from billing.models import Price, PriceList
from billing.queries.price_changes import PriceChanges, diff
from billing.queries.price_lists import PriceFilter, list_in_force, overview, visible_lists
from billing.queries.prices import NoPrice, price_on, prices_for_sale
from billing.services import price_lists
from tenants.acts import Act
from tenants.models import Activity
from tenants.roles import Kind, Role
from tests import make
from tests.world import World

from .price_files import FEBRUARY, JANUARY, import_rows, row

PUBLIC = datetime(2026, 12, 2, tzinfo=UTC)  # January's list: 30 days before 1 January
JUST_BEFORE = datetime(2026, 12, 1, 23, 59, 59, 999_999, tzinfo=UTC)


def portal(at: datetime) -> Act:
    return Act.of_the_portal(at=at, on=at.date())


def draft(world: World, effective_on: date = JANUARY, price: str = "216.00") -> PriceList:
    return import_rows(world, row(price=price), effective_on=effective_on).price_list


def scheduled(world: World, effective_on: date = JANUARY, price: str = "216.00") -> PriceList:
    return price_lists.schedule(
        price_list=draft(world, effective_on, price), act=world.act(world.gita)
    )


def price_of(world: World, on: date, **asked: object) -> str:
    found = price_on(
        **{
            "offer": world.premium,
            "segment": "commercial",
            "duration": "P1Y",
            "plan": "monthly",
            "market": "DE",
            "currency": "EUR",
            "on": on,
            **asked,
        }  # type: ignore[arg-type]
    )
    return str(found.unit_price)


# ------------------------------------------------------------------ R13: one instant for all


def test_partners_see_a_list_from_its_instant_on_and_not_a_moment_before(world: World) -> None:
    january = scheduled(world)

    assert january.visible_from == PUBLIC
    assert list(visible_lists(market="DE", currency="EUR", at=JUST_BEFORE)) == []
    assert list(visible_lists(market="DE", currency="EUR", at=PUBLIC)) == [january]


def test_a_draft_is_never_visible(world: World) -> None:
    draft(world)

    assert not visible_lists(market="DE", currency="EUR", at=datetime(2027, 6, 1, tzinfo=UTC))
    assert list_in_force(market="DE", currency="EUR", on=date(2027, 6, 1)) is None


def test_a_market_sees_its_own_lists(world: World) -> None:
    scheduled(world)

    assert not visible_lists(market="US", currency="USD", at=PUBLIC)
    assert not visible_lists(market="DE", currency="USD", at=PUBLIC)


@pytest.mark.parametrize(
    ("at", "is_in_time"),
    [
        (datetime(2026, 12, 1, 23, 59, tzinfo=UTC), True),
        (PUBLIC, True),
        (datetime(2026, 12, 2, 0, 0, 1, tzinfo=UTC), False),
    ],
)
def test_a_list_is_scheduled_before_its_publication_or_not_at_all(
    world: World, at: datetime, *, is_in_time: bool
) -> None:
    late = draft(world)

    if is_in_time:
        price_lists.schedule(price_list=late, act=portal(at))
    else:
        with pytest.raises(price_lists.TooLate) as too_late:
            price_lists.schedule(price_list=late, act=portal(at))
        assert too_late.value.next_possible == FEBRUARY

    late.refresh_from_db()
    assert (late.scheduled_at is not None) == is_in_time


def test_the_database_refuses_a_list_scheduled_late_as_well(world: World) -> None:
    late = draft(world)
    late.scheduled_at = datetime(2026, 12, 2, 0, 0, 1, tzinfo=UTC)

    with pytest.raises(DatabaseError, match="billing_price_list_scheduled_in_time"):
        late.save(update_fields=["scheduled_at"])


@pytest.mark.parametrize(
    ("effective_on", "visible_from", "constraint"),
    [
        (date(2027, 1, 2), datetime(2026, 12, 3, tzinfo=UTC), "starts_a_month"),
        (JANUARY, datetime(2026, 12, 4, tzinfo=UTC), "thirty_days_before"),
    ],
)
def test_the_database_keeps_the_dates_of_a_list(
    world: World, effective_on: date, visible_from: datetime, constraint: str
) -> None:
    with pytest.raises(DatabaseError, match=constraint):
        PriceList.objects.create(
            market="DE",
            currency="EUR",
            effective_on=effective_on,
            visible_from=visible_from,
            created_at=make.LONG_AGO,
        )


def test_an_empty_list_is_not_scheduled(world: World) -> None:
    empty = draft(world)
    empty.prices.all().delete()

    with pytest.raises(price_lists.EmptyPriceList):
        price_lists.schedule(price_list=empty, act=world.act())


def test_scheduling_twice_is_refused(world: World) -> None:
    january = scheduled(world)

    with pytest.raises(price_lists.AlreadyScheduled):
        price_lists.schedule(price_list=january, act=world.act())


def test_a_draft_can_be_discarded_and_a_scheduled_list_cannot(world: World) -> None:
    january, february = scheduled(world), draft(world, FEBRUARY)

    price_lists.discard(price_list=february, act=world.act())
    with pytest.raises(price_lists.AlreadyScheduled):
        price_lists.discard(price_list=january, act=world.act())

    assert list(PriceList.objects.all()) == [january]


# ------------------------------------------------------------------ R14: never changes


INSERT_ANOTHER = """
INSERT INTO billing_price (price_list_id, offer_id, segment, duration, plan, unit_price, erp)
SELECT price_list_id, offer_id, 'charity', duration, plan, 1, 2 FROM billing_price
"""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE billing_price SET unit_price = 1",
        "DELETE FROM billing_price",
        INSERT_ANOTHER,
        "TRUNCATE billing_price CASCADE",
        "UPDATE billing_pricelist SET effective_on = effective_on + interval '1 month'",
        "UPDATE billing_pricelist SET visible_from = visible_from - interval '1 day'",
        "UPDATE billing_pricelist SET scheduled_at = NULL",
        "UPDATE billing_pricelist SET source_name = 'another'",
        "DELETE FROM billing_pricelist",
    ],
)
def test_a_scheduled_list_is_frozen(world: World, statement: str) -> None:
    scheduled(world)
    before = list(Price.objects.values()), list(PriceList.objects.values())

    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert (list(Price.objects.values()), list(PriceList.objects.values())) == before


def test_a_published_list_is_not_even_published_again(world: World) -> None:
    scheduled(world)
    price_lists.publish_due(act=portal(PUBLIC))

    with (
        pytest.raises(DatabaseError, match="never changes"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE billing_pricelist SET published_at = now() + interval '1 year'")


# ------------------------------------------------------------------ announcing


def test_everybody_who_may_see_prices_gets_one_mail(
    world: World, django_capture_on_commit_callbacks: object
) -> None:
    abroad = make.partner(
        "Trey", domain="trey.example", mpn_id="4711009", country="US", currency="USD"
    )
    make.member("uma", abroad.tenant, Role.ADMIN_AGENT)
    advisor = make.partner("Adv", domain="adv.example", mpn_id="4711010", kind=Kind.ADVISOR)
    make.member("otto", advisor.tenant, Role.BILLING_ADMIN)
    january = scheduled(world)

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert price_lists.publish_due(act=portal(PUBLIC)) == [january]

    # not Helen (helpdesk) and Gita (global admin), no customer, nobody of another market
    assert [message.to for message in mail.outbox] == [
        ["ada@fabrikam.example"],
        ["nora@tailspin.example"],
        ["otto@adv.example"],
        ["sam@fabrikam.example"],
    ]
    assert mail.outbox[0].subject == "Prices for January 2027 (DE, EUR)"
    assert f"/price-lists/{january.pk}/" in mail.outbox[0].body


def test_announcing_is_done_once_and_recorded_where_it_concerns(
    world: World, django_capture_on_commit_callbacks: object
) -> None:
    january = scheduled(world)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        first = price_lists.publish_due(act=portal(PUBLIC))
        second = price_lists.publish_due(act=portal(PUBLIC))

    assert (first, second) == ([january], [])
    january.refresh_from_db()
    assert january.published_at == PUBLIC
    recorded = Activity.objects.filter(action="price_list.published").order_by("tenant__name")
    assert [str(entry.tenant) for entry in recorded] == [
        "Cirrus",
        "Fabrikam Cloud",
        "Tailspin Partners",
    ]
    assert len(mail.outbox) == 3


def test_nothing_is_announced_early(world: World) -> None:
    scheduled(world)

    assert price_lists.publish_due(act=portal(JUST_BEFORE)) == []
    assert not mail.outbox


def test_a_refused_address_keeps_the_mail_from_nobody_else(
    world: World, django_capture_on_commit_callbacks: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = EmailBackend.send_messages

    def refusing(self: EmailBackend, messages: list[mail.EmailMessage]) -> int:
        if messages[0].to == ["ada@fabrikam.example"]:
            raise OSError("mailbox full")
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", refusing)
    scheduled(world)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        price_lists.publish_due(act=portal(PUBLIC))

    assert [message.to for message in mail.outbox] == [
        ["nora@tailspin.example"],
        ["sam@fabrikam.example"],
    ]


# ------------------------------------------------------------------ the price of a day


def test_the_price_of_a_day_is_of_the_latest_list_in_force(world: World) -> None:
    make.price_list(date(2026, 3, 1), {world.premium: ("17.30", "20.60")})
    scheduled(world)

    assert price_of(world, date(2026, 12, 31)) == "17.3000"
    assert price_of(world, JANUARY) == "18.0000"  # 216.00 / 12


def test_there_may_be_no_price(world: World) -> None:
    make.price_list(date(2026, 3, 1), {world.premium: ("17.30", "20.60")})

    with pytest.raises(NoPrice):
        price_of(world, date(2026, 2, 28))
    with pytest.raises(NoPrice):
        price_of(world, date(2026, 3, 1), segment="charity")
    with pytest.raises(NoPrice):
        price_of(world, date(2026, 3, 1), currency="USD")
    with pytest.raises(NoPrice):
        price_of(world, date(2026, 3, 1), offer=world.phone)


def test_a_look_ahead_does_not_show_a_list_that_is_not_public(world: World) -> None:
    make.price_list(date(2026, 3, 1), {world.premium: ("17.30", "20.60")})
    scheduled(world)

    assert price_of(world, date(2027, 3, 14), seen_at=JUST_BEFORE) == "17.3000"
    assert price_of(world, date(2027, 3, 14), seen_at=PUBLIC) == "18.0000"


def test_of_overlapping_rows_the_one_that_started_last_counts(world: World) -> None:
    done = import_rows(
        world,
        row(price="120.00", days="2026-01-01,"),
        row(price="132.00", days="2026-06-01,2027-01-20"),
        row(price="144.00", days="2027-01-10,2027-01-15"),
    )
    price_lists.schedule(price_list=done.price_list, act=world.act())

    assert [price_of(world, date(2027, 1, day)) for day in (1, 9, 10, 15, 16, 20, 21)] == [
        *("11.0000", "11.0000", "12.0000", "12.0000", "11.0000", "11.0000", "10.0000"),
    ]
    for_sale = prices_for_sale(market="DE", currency="EUR", on=date(2027, 1, 10))
    assert [price.unit_price for price in for_sale] == [Decimal(12)]


def test_only_available_offers_are_for_sale_and_never_a_trial(world: World) -> None:
    trial = make.offer("Trial", "TRIAL:1", is_trial=True)
    unborn = make.offer("Draft", "DRAFT:1", state="draft")
    make.price_list(date(2026, 3, 1), dict.fromkeys((world.premium, trial, unborn), ("1", "2")))

    for_sale = prices_for_sale(market="DE", currency="EUR", on=date(2026, 11, 22))

    assert {price.offer for price in for_sale} == {world.premium}
    assert for_sale.count() == 3


# ------------------------------------------------------------------ what changes


def test_a_diff_names_what_is_new_changed_gone_and_the_same(world: World) -> None:
    suite, mobility = make.offer("Office Suite", "E3:1"), make.offer("Mobility", "EMS:1")
    old = make.price_list(
        date(2026, 11, 1),
        {world.premium: ("17.30", "20.60"), world.phone: ("6.30", "7.50"), suite: ("20", "25")},
    )
    new = make.price_list(
        date(2026, 12, 1),
        {world.premium: ("17.30", "21.00"), suite: ("21", "25"), mobility: ("6.80", "8.10")},
    )

    monthly = [c for c in diff(old, new) if (c.duration, c.plan) == ("P1Y", "monthly")]

    assert [(c.mark, c.title, c.old_price, c.new_price, c.percent) for c in monthly] == [
        ("CHG", "Business Premium", Decimal("17.30"), Decimal("17.30"), Decimal("0.0")),  # ERP
        ("ADD", "Mobility", None, Decimal("6.80"), None),
        ("CHG", "Office Suite", Decimal(20), Decimal(21), Decimal("5.0")),  # 1 / 20
        ("DEL", "Teams Phone Standard", Decimal("6.30"), None, None),
    ]


def test_a_diff_counts_and_narrows(world: World) -> None:
    old = make.price_list(
        date(2026, 11, 1), {world.premium: ("17.30", "20.60"), world.phone: ("6.30", "7.50")}
    )
    new = make.price_list(
        date(2026, 12, 1), {world.premium: ("17.30", "20.60"), world.phone: ("6.40", "7.50")}
    )

    assert PriceChanges(old, new).counts == {"ADD": 0, "CHG": 3, "DEL": 0, "UNC": 3}
    changed = PriceChanges(old, new, PriceFilter(text="phone", plan="annual"), ("CHG",))
    # 12 x 6.30 and 12 x 6.40
    assert [(c.title, c.old_price, c.new_price) for c in changed] == [
        ("Teams Phone Standard", Decimal("75.60"), Decimal("76.80"))
    ]
    assert len(changed) == 1
    assert not PriceChanges(old, new, PriceFilter(text="100%_"))[:]


def test_validity_that_only_moved_is_no_change(world: World) -> None:
    old = import_rows(world, row(days="2026-11-01,2027-12-31")).price_list
    new = import_rows(world, row(days="2027-01-15,")).price_list  # the same draft, anew
    assert old == new
    first = scheduled(world)
    second = import_rows(
        world, row(price="216.00", days="2027-01-20,"), effective_on=FEBRUARY
    ).price_list

    assert [change.mark for change in diff(first, second)] == ["UNC"]


def test_lists_are_in_force_upcoming_or_history(world: World) -> None:
    november, october, january = (
        make.price_list(month, {world.premium: ("17.30", "20.60")})
        for month in (date(2026, 11, 1), date(2026, 10, 1), JANUARY)
    )

    found = overview(PriceList.objects.all(), on=date(2026, 12, 5))

    assert (found.in_force, found.upcoming, found.history) == (november, [january], [october])


def test_the_run_time_role_may_do_all_of_it(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE csp_app")

    draft(world)
    january = scheduled(world)  # replaces the draft's prices first
    february = draft(world, FEBRUARY)
    price_lists.discard(price_list=february, act=world.act())
    announced = price_lists.publish_due(act=portal(PUBLIC))

    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    assert announced == [january]
