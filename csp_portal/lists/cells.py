"""What cells are made of; see templatetags/portal.py for the rest."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from csp_portal.templatetags.portal import icon


def linked(url: str, text: object, note: object = "") -> SafeString:
    """Return the link of a row's first cell, with a smaller second line."""
    if note:
        return format_html('<a href="{}">{}</a><small>{}</small>', url, text, note)
    return format_html('<a href="{}">{}</a>', url, text)


def with_note(text: object, note: object) -> SafeString:
    return format_html("{}<small>{}</small>", text, note) if note else format_html("{}", text)


def pill(tone: str, text: object, symbol: str = "") -> SafeString:
    return format_html(
        '<span class="pill pill--{}">{}{}</span>', tone, icon(symbol) if symbol else "", text
    )
