"""What cells are made of; see templatetags/portal.py for the rest."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from csp_portal.templatetags.portal import icon


def linked(url: str, text: object, note: object = "") -> SafeString:
    """Return the link of a row's first cell, with a smaller second line."""
    if note:
        return format_html('<a href="{}">{}</a><small>{}</small>', url, text, note)
    return format_html('<a href="{}">{}</a>', url, text)


def with_note(text: object, note: object) -> SafeString:
    return format_html("{}<small>{}</small>", text, note) if note else format_html("{}", text)


def age_words(days: int) -> str:
    """Return "today", "1 day", "12 days"."""
    if days < 1:
        return _("today")
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


def pill(tone: str, text: object, symbol: str = "") -> SafeString:
    return format_html(
        '<span class="pill pill--{}">{}{}</span>', tone, icon(symbol) if symbol else "", text
    )
