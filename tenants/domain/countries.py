"""The markets of the programme: country, its name, the currency customers there are billed in."""

from gettext import NullTranslations

_ = NullTranslations().gettext  # marks the names for translation; views translate them

MARKETS: dict[str, tuple[str, str]] = {
    "AU": (_("Australia"), "AUD"),
    "AT": (_("Austria"), "EUR"),
    "BE": (_("Belgium"), "EUR"),
    "BR": (_("Brazil"), "BRL"),
    "BG": (_("Bulgaria"), "EUR"),
    "CA": (_("Canada"), "CAD"),
    "CL": (_("Chile"), "USD"),
    "HR": (_("Croatia"), "EUR"),
    "CY": (_("Cyprus"), "EUR"),
    "CZ": (_("Czechia"), "CZK"),
    "DK": (_("Denmark"), "DKK"),
    "EE": (_("Estonia"), "EUR"),
    "FI": (_("Finland"), "EUR"),
    "FR": (_("France"), "EUR"),
    "DE": (_("Germany"), "EUR"),
    "GR": (_("Greece"), "EUR"),
    "HU": (_("Hungary"), "HUF"),
    "IS": (_("Iceland"), "EUR"),
    "IN": (_("India"), "INR"),
    "IE": (_("Ireland"), "EUR"),
    "IL": (_("Israel"), "ILS"),
    "IT": (_("Italy"), "EUR"),
    "JP": (_("Japan"), "JPY"),
    "LV": (_("Latvia"), "EUR"),
    "LI": (_("Liechtenstein"), "CHF"),
    "LT": (_("Lithuania"), "EUR"),
    "LU": (_("Luxembourg"), "EUR"),
    "MT": (_("Malta"), "EUR"),
    "MX": (_("Mexico"), "MXN"),
    "NL": (_("Netherlands"), "EUR"),
    "NZ": (_("New Zealand"), "NZD"),
    "NO": (_("Norway"), "NOK"),
    "PL": (_("Poland"), "PLN"),
    "PT": (_("Portugal"), "EUR"),
    "RO": (_("Romania"), "RON"),
    "SG": (_("Singapore"), "SGD"),
    "SK": (_("Slovakia"), "EUR"),
    "SI": (_("Slovenia"), "EUR"),
    "ZA": (_("South Africa"), "ZAR"),
    "KR": (_("South Korea"), "KRW"),
    "ES": (_("Spain"), "EUR"),
    "SE": (_("Sweden"), "SEK"),
    "CH": (_("Switzerland"), "CHF"),
    "AE": (_("United Arab Emirates"), "USD"),
    "GB": (_("United Kingdom"), "GBP"),
    "US": (_("United States"), "USD"),
}

COUNTRY_CHOICES = [(code, name) for code, (name, _currency) in MARKETS.items()]
CURRENCIES = sorted({currency for _name, currency in MARKETS.values()})
CURRENCY_CHOICES = [(code, code) for code in CURRENCIES]


def currency_of(country: str) -> str:
    """Return the currency of a market; the programme bills elsewhere in US dollars."""
    return MARKETS[country][1] if country in MARKETS else "USD"
