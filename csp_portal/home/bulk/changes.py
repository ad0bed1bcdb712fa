"""The commands that cost nothing: automatic renewal, tags, invitations."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relationships.services import invitations, tags
from relationships.views.presentation import STATE_LABELS
from subscriptions.services import lifecycle
from subscriptions.services.errors import SubscriptionRefused
from tenants.roles import Action

from .commands import Command, Note, NotYours, Work
from .subjects import CUSTOMER, INVITATION, SUBSCRIPTION


class NoAddress(Exception):
    """It was made without an e-mail address."""


def require_sold_by(work: Work) -> None:
    """R3: a partner changes what it sold through CSP and nothing else."""
    if work.what.partner_id != work.partner.pk:
        raise NotYours(_("You did not sell it: only its own channel changes it."))


def _renew(work: Work) -> str:
    require_sold_by(work)
    lifecycle.set_auto_renew(subscription=work.what, is_on=True, act=work.act)
    return _("auto-renew is on")


def _let_end(work: Work) -> str:
    require_sold_by(work)
    lifecycle.set_auto_renew(subscription=work.what, is_on=False, act=work.act)
    return _("auto-renew is off")


def _tag(work: Work) -> str:
    tags.add_tag(partner=work.partner, customer=work.what, word=work.note, act=work.act)
    return _("tagged")


def _untag(work: Work) -> str:
    tags.remove_tag(partner=work.partner, customer=work.what, word=work.note, act=work.act)
    return _("removed")


def _send(work: Work) -> str:
    _require_sender(work)
    if not work.what.email:
        raise NoAddress(_("Made without an e-mail address: copy a new link instead."))
    try:
        invitations.send(invitation=work.what, act=work.act)
    except invitations.InvitationNotOpen as error:
        raise _not_open(error) from error
    return _("sent with a new link")


def _withdraw(work: Work) -> str:
    _require_sender(work)
    try:
        invitations.withdraw(invitation=work.what, act=work.act)
    except invitations.InvitationNotOpen as error:
        raise _not_open(error) from error
    return _("withdrawn")


def _require_sender(work: Work) -> None:
    if work.what.sender != work.partner:
        raise NotYours(_("Made by the other side: only they change it."))


def _not_open(error: invitations.InvitationNotOpen) -> NotYours:
    state = str(STATE_LABELS[error.state]).lower()
    return NotYours(_("Nothing changed: it is %s.") % state)


RENEWAL_REFUSALS = (SubscriptionRefused, NotYours)
MAIL_REFUSALS = (NotYours, NoAddress, invitations.MailNotSent, invitations.NotLinked)
WORD = Note(
    gettext_lazy("Tag"),
    gettext_lazy("Tags are words of your organisation. The customers do not see them."),
    clean=tags.tag_word,
    is_required=True,
)

RENEW = Command(
    "on",
    "arrow-repeat-all",
    gettext_lazy("Auto-renew on"),
    gettext_lazy("Turn auto-renew on"),
    gettext_lazy("Each renews at the end of its term, at the price in force that day."),
    Action.ORDER,
    SUBSCRIPTION,
    _renew,
    RENEWAL_REFUSALS,
)
LET_END = Command(
    "off",
    "dismiss",
    gettext_lazy("Auto-renew off"),
    gettext_lazy("Turn auto-renew off"),
    gettext_lazy("Each ends for good with its term unless auto-renew is turned on again."),
    Action.ORDER,
    SUBSCRIPTION,
    _let_end,
    RENEWAL_REFUSALS,
)
TAG = Command(
    "tag",
    "tag",
    gettext_lazy("Tag"),
    gettext_lazy("Tag customers"),
    gettext_lazy("Each customer gets the tag; a customer has at most 20."),
    Action.TAG_CUSTOMERS,
    CUSTOMER,
    _tag,
    (tags.TagRefused,),
    note=WORD,
)
UNTAG = Command(
    "untag",
    "dismiss",
    gettext_lazy("Remove tag"),
    gettext_lazy("Remove a tag from customers"),
    gettext_lazy("Each customer that has the tag loses it."),
    Action.TAG_CUSTOMERS,
    CUSTOMER,
    _untag,
    (tags.TagRefused,),
    note=WORD,
)
SEND = Command(
    "send",
    "send",
    gettext_lazy("Send again"),
    gettext_lazy("Send invitations again"),
    gettext_lazy("Each is mailed with a new link; the link that was sent before dies."),
    Action.INVITE_CUSTOMERS,
    INVITATION,
    _send,
    MAIL_REFUSALS,
)
WITHDRAW = Command(
    "withdraw",
    "dismiss",
    gettext_lazy("Withdraw"),
    gettext_lazy("Withdraw invitations"),
    gettext_lazy("Each link leads to a page that says so. Accepted ones stay accepted."),
    Action.INVITE_CUSTOMERS,
    INVITATION,
    _withdraw,
    MAIL_REFUSALS,
)
