"""
The demo's mailbox: the letters that Django's file backend wrote, newest first.

Only routed when `settings.DEMO` is on. Shows the text part, never the HTML one: it needs
inline styles, which the portal's headers refuse.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from tenants.permissions import open_to_anyone

# The file backend ends every letter of a file with such a line.
_RULE = re.compile(rb"\n-{79}\n")
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:)]")
NEWEST = 200


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter. Its name is the file's and its place in it: `20261122-….log.0`."""

    name: str
    subject: str
    sender: str
    to: str
    sent_at: datetime | None
    text: str

    @property
    def preview(self) -> str:
        return " ".join(self.text.split())[:140]


def _letter(name: str, raw: bytes) -> Letter:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    sent_at = parsedate_to_datetime(str(message["Date"])) if message["Date"] else None
    return Letter(
        name=name,
        subject=str(message.get("Subject", "")),
        sender=str(message.get("From", "")),
        to=str(message.get("To", "")),
        # RFC 5322: "-0000" is UTC, and Python makes it naive.
        sent_at=sent_at.replace(tzinfo=sent_at.tzinfo or UTC) if sent_at else None,
        text=str(body.get_content()) if body else "",
    )


def _letters_of(file: Path) -> list[Letter]:
    parts = [part.strip(b"\n") for part in _RULE.split(file.read_bytes())]
    return [_letter(f"{file.name}.{n}", part) for n, part in enumerate(parts) if part]


def letters() -> Iterator[Letter]:
    """Yield the letters, newest first."""
    folder = Path(settings.EMAIL_FILE_PATH)
    files = sorted(folder.glob("*.log"), key=lambda f: f.stat().st_mtime_ns, reverse=True)
    for file in files:
        yield from reversed(_letters_of(file))


def with_links(text: str) -> SafeString:
    """Escape the text, and make links of the addresses that lead into this portal."""
    parts: list[str] = []
    end = 0
    for match in _LINK.finditer(text):
        url = match.group()
        parts.append(conditional_escape(text[end : match.start()]))
        ours = url == settings.BASE_URL or url.startswith(f"{settings.BASE_URL}/")
        # The path alone: the demo may be opened under another host name than BASE_URL.
        path = url.removeprefix(settings.BASE_URL) or "/"
        parts.append(
            format_html('<a href="{}">{}</a>', path, url) if ours else conditional_escape(url)
        )
        end = match.end()
    parts.append(conditional_escape(text[end:]))
    return mark_safe("".join(parts))  # noqa: S308 -- every part is escaped above


@open_to_anyone
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """List the newest letters; `?q=` looks in subject, addresses and text."""
    wanted = request.GET.get("q", "").strip().lower()
    found = []
    for letter in letters():
        if wanted in f"{letter.subject} {letter.to} {letter.text}".lower():
            found.append(letter)
        if len(found) == NEWEST:
            break
    return render(request, "mailbox/list.html", {"letters": found, "q": wanted})


@open_to_anyone
@require_safe
def message(request: HttpRequest, name: str) -> HttpResponse:
    file_name, _, _ = name.rpartition(".")
    # Path.name drops any folder: nothing outside the mail folder can be named.
    file = Path(settings.EMAIL_FILE_PATH) / Path(file_name).name
    if file.suffix != ".log" or not file.is_file():
        raise Http404
    letter = next((letter for letter in _letters_of(file) if letter.name == name), None)
    if letter is None:
        raise Http404
    context = {"letter": letter, "text": with_links(letter.text)}
    return render(request, "mailbox/message.html", context)
