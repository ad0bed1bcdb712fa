"""The commands for recommendations: send them again, take them back."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.services import recommendations
from tenants.roles import Action

from .commands import Command, Work
from .subjects import RECOMMENDATION

REFUSALS = (
    recommendations.NoAddress,
    recommendations.RecommendationNotOpen,
    recommendations.SellingRefused,
    recommendations.MailNotSent,
)


def _send(work: Work) -> str:
    recommendations.send(recommendation=work.what, act=work.act)
    return _("sent with a new link")


def _withdraw(work: Work) -> str:
    recommendations.withdraw(recommendation=work.what, act=work.act)
    return _("withdrawn")


SEND = Command(
    "send",
    "send",
    gettext_lazy("Send again"),
    gettext_lazy("Send recommendations again"),
    gettext_lazy("Each is mailed with a new link; the link that was sent before dies."),
    Action.RECOMMEND,
    RECOMMENDATION,
    _send,
    REFUSALS,
)
WITHDRAW = Command(
    "withdraw",
    "dismiss",
    gettext_lazy("Withdraw"),
    gettext_lazy("Withdraw recommendations"),
    gettext_lazy("Each link leads to a page that says so. What was bought stays."),
    Action.RECOMMEND,
    RECOMMENDATION,
    _withdraw,
    REFUSALS,
)
