"""Currencies, and the one rounding. No Django, so that the domain can use it."""

from decimal import Decimal
from fractions import Fraction

# ISO 4217 currencies whose smallest unit is the unit itself.
WITHOUT_MINOR_UNIT = {
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"),
    *("PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"),
}
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}
MINUS = "\u2212"


def minor_units(currency: str) -> int:
    """
    Return how many decimals an amount in `currency` has: 0 or 2.

    Currencies with three (KWD and a few more) are billed to two: amounts have no more.

    >>> minor_units("EUR"), minor_units("JPY")
    (2, 0)
    """
    return 0 if currency in WITHOUT_MINOR_UNIT else 2


def round_money(amount: Fraction | Decimal, minor_units: int = 2) -> Decimal:
    """
    Return `amount` to the currency's minor unit, halves away from zero.

    Exact: a fraction never becomes a finite decimal before it is rounded.

    >>> round_money(Fraction(1, 8)), round_money(Fraction(-1, 8))
    (Decimal('0.13'), Decimal('-0.13'))
    """
    scaled = Fraction(amount) * 10**minor_units
    whole = int(abs(scaled) + Fraction(1, 2))
    # Built from text: arithmetic would round to the context's precision.
    return Decimal(f"{whole if scaled >= 0 else -whole}E-{minor_units}")


def format_money(amount: Decimal, currency: str) -> str:
    """
    Return the amount as people read it, with the currency's decimals.

    >>> format_money(Decimal("1468.4"), "EUR"), format_money(Decimal("-35.71"), "EUR")
    ('€1,468.40', '−€35.71')
    """
    decimals = minor_units(currency)
    return _signed(amount, currency, f"{abs(round_money(amount, decimals)):,.{decimals}f}")


def format_unit_price(price: Decimal, currency: str) -> str:
    """
    Return the price with the currency's decimals, or with all it has if those are more.

    >>> format_unit_price(Decimal("20.6000"), "EUR"), format_unit_price(Decimal("0.3333"), "EUR")
    ('€20.60', '€0.3333')
    """
    if price == round_money(price, minor_units(currency)):
        return format_money(price, currency)
    return _signed(price, currency, f"{abs(price.normalize()):,f}")


def _signed(amount: Decimal, currency: str, digits: str) -> str:
    symbol = SYMBOLS.get(currency, f"{currency}\N{NO-BREAK SPACE}")
    return f"{MINUS if amount < 0 else ''}{symbol}{digits}"
