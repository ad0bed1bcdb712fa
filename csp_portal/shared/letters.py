"""E-mails in text and HTML, in the reader's language. Links start at the configured address."""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

log = logging.getLogger(__name__)


def absolute(url_name: str, *args: object, **kwargs: object) -> str:
    """Return the address of a page as mails need it."""
    return settings.BASE_URL + reverse(url_name, args=args or None, kwargs=kwargs or None)


def compose(
    *, to: str, template: str, language: str, context: Mapping[str, Any]
) -> EmailMultiAlternatives:
    """
    Return the mail made of `letters/<template>.subject.txt`, `.txt` and `.html`.

    It is not sent. A subject is one line whatever the values in it.
    """
    values = {**context, "base_url": settings.BASE_URL}
    with translation.override(language):
        subject = render_to_string(f"letters/{template}.subject.txt", values)
        text = render_to_string(f"letters/{template}.txt", values)
        html = render_to_string(f"letters/{template}.html", values)
    mail = EmailMultiAlternatives(subject=" ".join(subject.split()), body=text.strip(), to=[to])
    mail.attach_alternative(html, "text/html")
    return mail


def send_after_commit(mail: EmailMultiAlternatives) -> None:
    """Send it once what it tells of is committed. One that fails is logged and stops nothing."""
    transaction.on_commit(partial(_send, mail))


def _send(mail: EmailMultiAlternatives) -> None:
    try:
        mail.send()
    except OSError:  # smtplib's errors are among them
        log.exception("the letter %r could not be sent to %s", mail.subject, mail.to)
