"""PostgreSQL rounds as the domain does, ties included; and a year's life adds up to the cent."""

import random
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection
from django.db.models import Sum

from billing.domain.proration import prorate
from billing.management.benchmarks.world import PRORATED
from billing.models import Charge
from billing.services import closing
from csp_portal.shared.dates import Period, add_months
from csp_portal.shared.money import round_money
from subscriptions.models import Subscription
from tests import make
from tests.world import World

from .selling import FOUNDED, change, list_prices, sell

CASES = 20_000
_RULE_2 = f"""
SELECT {PRORATED.format(seats="seats", day="day", start="start", until="until")}
FROM (SELECT p AS unit_price, n
      FROM unnest(%s::numeric(13, 4)[]) WITH ORDINALITY x (p, n)) l
JOIN unnest(%s::int[], %s::date[], %s::date[], %s::date[])
  WITH ORDINALITY c (seats, day, start, until, n) USING (n)
ORDER BY n"""  # noqa: S608 -- made of constants


@pytest.fixture
def chance() -> random.Random:
    return random.Random(2026)  # noqa: S311 -- cases, not secrets


def test_rule_1_in_sql_is_the_domains(db: None, chance: random.Random) -> None:
    cases = [
        (Decimal(chance.randrange(10 ** chance.randrange(1, 12))) / 10**4, chance.randrange(10_001))
        for _ in range(CASES)
    ]
    cases += [(Decimal(n) / 10**4, 50) for n in range(1, 500, 2)]  # 0.0001 x 50 = 0.005: ties

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT round(p * s, 2), round(p * s, 0)"
            " FROM unnest(%s::numeric(13, 4)[], %s::int[]) WITH ORDINALITY c (p, s, n) ORDER BY n",
            [[price for price, _ in cases], [seats for _, seats in cases]],
        )
        rounded = cursor.fetchall()

    assert rounded == [
        (round_money(price * seats, 2), round_money(price * seats, 0)) for price, seats in cases
    ]


def test_rule_2_in_sql_is_the_domains(db: None, chance: random.Random) -> None:
    """The bare statement of the benchmark, which checks the close, computes it in SQL."""
    cases = []
    for _ in range(CASES):
        start = date(2024, 1, 1) + timedelta(days=chance.randrange(1_500))
        period = Period(start, add_months(start, chance.choice([1, 12])))
        # every other price makes many ties: a multiple of half a cent for half the days
        price = Decimal(chance.randrange(10**8)) / 10**4
        day = start + timedelta(days=chance.randrange(period.days))
        if chance.random() < 0.5 and period.days % 2 == 0:
            price, day = Decimal("0.0100") * chance.randrange(1_000), start
            day += timedelta(days=period.days // 2)
        cases.append((price, chance.randrange(-500, 500), day, period))

    with connection.cursor() as cursor:
        cursor.execute(
            _RULE_2,
            [
                [price for price, *_ in cases],
                [seats for _, seats, *_ in cases],
                [day for _, _, day, _ in cases],
                [period.start for *_, period in cases],
                [period.end for *_, period in cases],
            ],
        )
        rounded = [amount for (amount,) in cursor.fetchall()]

    assert rounded == [
        prorate(unit_price=price, seats=seats, used=period.rest_from(day), period=period)
        for price, seats, day, period in cases
    ]


@pytest.mark.parametrize("seed", range(5))
def test_a_years_life_adds_up_to_what_an_oracle_says(world: World, seed: int) -> None:
    """Random orders, then every month closed, against a few lines that know only the facts."""
    chance = random.Random(seed)  # noqa: S311 -- cases, not secrets
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    held = chance.randrange(1, 50)
    subscription = sell(world, seats=held)
    billable = [(FOUNDED, held)]
    day = FOUNDED
    is_suspended = False
    for _ in range(12):
        day += timedelta(days=chance.randrange(0, 40))
        if day >= add_months(FOUNDED, 12):
            break
        if is_suspended or chance.random() < 0.25:
            kind = "reactivate" if is_suspended else "suspend"
            change(world, kind, subscription, on=day)
            is_suspended = not is_suspended
        else:
            held = chance.choice([n for n in range(1, 60) if n != held])
            change(world, "seats", subscription, on=day, seats=held)
        billable.append((day, 0 if is_suspended else held))

    closing.close_due(act=world.act(on=date(2027, 3, 1)))

    invoiced = Charge.objects.filter(invoice__isnull=False, locked_price__leg=2)
    for index in range(11):
        period = Period(add_months(FOUNDED, index), add_months(FOUNDED, index + 1))
        of_period = invoiced.filter(period_from=period.start).aggregate(sum=Sum("amount"))["sum"]
        assert (of_period or Decimal(0)) == oracle(billable, period), (seed, period)
    assert Subscription.objects.get(pk=subscription.pk).seats == held


def oracle(billable: list[tuple[date, int]], period: Period) -> Decimal:
    """Return what a period costs: its seats at the start, then each change to its end."""
    price = Fraction("20.60")
    at_start = [seats for day, seats in billable if day < period.start]
    total = half_up(price * (at_start[-1] if at_start else 0))
    before = at_start[-1] if at_start else 0
    for day, seats in billable:
        if period.start <= day < period.end:
            rest = Fraction((period.end - day).days, (period.end - period.start).days)
            total += half_up(price * (seats - before) * rest)
            before = seats
    return total


def half_up(amount: Fraction) -> Decimal:
    cents = abs(amount) * 100
    whole = cents.numerator // cents.denominator
    whole += (cents - whole) >= Fraction(1, 2)
    return Decimal(whole if amount >= 0 else -whole) / 100
