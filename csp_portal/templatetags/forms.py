"""
What ties a page to its address, its forms and its workspace: links, hidden fields, controls.

A builtin library like `portal`: no template loads it.
"""

from django import template
from django.contrib.messages.storage.base import Message
from django.forms import BoundField
from django.http import QueryDict
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .portal import Text, icon

register = template.Library()


@register.filter
def undo_url(message: Message) -> str:
    """Return the address that undoes what a message says, from its `extra_tags`."""
    tags = (message.extra_tags or "").split()
    return next((tag.removeprefix("undo=") for tag in tags if tag.startswith("undo=")), "")


def _query(context: Context) -> QueryDict:
    request = context.get("request")
    return QueryDict(mutable=True) if request is None else request.GET.copy()


@register.simple_tag(takes_context=True)
def sort_th(
    context: Context, key: str, label: Text, css: str = "", current: str | None = None
) -> SafeString:
    """Draw a column head that sorts by `key`, the other way round on the second click."""
    query = _query(context)
    sort = query.get("sort") or current or ""
    direction = {key: "ascending", f"-{key}": "descending"}.get(sort, "")
    query["sort"] = f"-{key}" if direction == "ascending" else key
    for gone in ("page", "panel", "after", "before"):
        query.pop(gone, None)
    arrow = {"ascending": icon("arrow-up-16"), "descending": icon("arrow-down-16")}
    return format_html(
        '<th scope="col"{}{}><a href="?{}" hx-boost="true">{}{}</a></th>',
        format_html(' class="{}"', css) if css else "",
        format_html(' aria-sort="{}"', direction) if direction else "",
        query.urlencode(),
        label,
        arrow.get(direction, ""),
    )


@register.simple_tag(takes_context=True)
def keep(context: Context, names: str) -> SafeString:
    """Repeat values of the address as hidden fields, so that a GET form keeps them."""
    query = _query(context)
    pairs = (
        (name, value)
        for name in (part.strip() for part in names.split(","))
        for value in query.getlist(name)
    )
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', pairs)


@register.simple_tag
def panel_link() -> SafeString:
    """Write the htmx attributes of a link that opens or closes the side panel."""
    return SafeString(
        'hx-boost="true" hx-target="#panel-host" hx-select="#panel-host" hx-swap="outerHTML"'
        " data-panel-link"
    )


@register.simple_tag(takes_context=True)
def workspace_input(context: Context) -> SafeString:
    """Say for which workspace a form was filled in: the person may have switched since."""
    public_id = getattr(context.get("workspace"), "public_id", None)
    if public_id is None:
        return SafeString("")
    return format_html('<input type="hidden" name="workspace" value="{}">', public_id)


@register.filter
def field_kind(field: BoundField) -> str:
    """Name the shape of a form field: how label and control stand to each other."""
    kind: str = getattr(field.field.widget, "input_type", "") or ""
    if kind == "checkbox" and getattr(field.field.widget, "allow_multiple_selected", False):
        return "list"
    kinds = {"checkbox": "check", "radio": "list", "select": "select"}
    if kind in kinds:
        many = getattr(field.field.widget, "allow_multiple_selected", False)
        return "many" if kind == "select" and many else kinds[kind]
    return "text"


@register.simple_tag
def control(field: BoundField, **attributes: str) -> SafeString:
    """
    Draw the control of a form field, tied to its help and its errors.

    Django 5.2 ties the help and marks an invalid field; the errors are tied here.
    """
    described = [f"{field.auto_id}_helptext"] if field.help_text else []
    if field.errors:
        described.append(f"{field.auto_id}_error")
        attributes["aria-invalid"] = "true"
    if described and field_kind(field) != "list":
        attributes["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs={key.replace("_", "-"): v for key, v in attributes.items()})
