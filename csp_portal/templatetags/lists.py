"""Tags of the list templates. They are not builtins: `{% load lists %}`."""

from django import template
from django.http import QueryDict
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from csp_portal.lists.columns import Column

from .forms import sort_th
from .portal import icon

register = template.Library()

# What does not survive another filter: the page of the rows that were found before.
GONE = ("page", "panel", "format")


@register.simple_tag(takes_context=True)
def querystring_of(context: Context, key: str, value: str) -> str:
    """
    Return the address's query with one filter changed; an empty value takes it out.

    It is never empty: an address without any query opens the person's default view.
    """
    query: QueryDict = context["request"].GET.copy()
    for gone in GONE:
        query.pop(gone, None)
    if value:
        query[key] = value
    else:
        query.pop(key, None)
    return f"?{query.urlencode() or 'view='}"


# What became of a row of a command: tone and icon.
OUTCOMES = {
    "done": ("ok", "checkmark-circle-16-filled"),
    "refused": ("bad", "dismiss-circle-16-filled"),
    "gone": ("off", "dismiss-circle-16"),
    "failed": ("bad", "warning-16-filled"),
}


@register.simple_tag
def outcome_status(code: str, words: str) -> SafeString:
    """Return what became of a row in words, with the look of its outcome."""
    tone, symbol = OUTCOMES.get(code, ("info", "clock-16"))
    return format_html('<span class="status status--{}">{}{}</span>', tone, icon(symbol), words)


@register.simple_tag(takes_context=True)
def column_head(context: Context, column: Column, is_first: bool) -> SafeString:  # noqa: FBT001 -- a template tag takes its arguments by position
    css = "c-name" if is_first else column.css
    if column.order:
        return sort_th(context, column.key, column.label, css, context["asked"].order)
    return format_html(
        '<th scope="col"{}>{}</th>',
        format_html(' class="{}"', css) if css else "",
        column.label,
    )
