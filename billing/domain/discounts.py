"""Prices that are agreed as a percentage off another."""

from decimal import ROUND_HALF_UP, Decimal

FOUR_DECIMALS = Decimal("0.0001")


def less_percent(price: Decimal, percent: Decimal) -> Decimal:
    """
    Return `price` less `percent` of it, rounded once to the 4 decimals of a unit price.

    >>> less_percent(Decimal("20.60"), Decimal("10"))
    Decimal('18.5400')
    >>> less_percent(Decimal("9.99"), Decimal("7.5"))
    Decimal('9.2408')
    """
    return (price * (100 - percent) / 100).quantize(FOUR_DECIMALS, ROUND_HALF_UP)
