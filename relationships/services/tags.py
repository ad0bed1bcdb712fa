"""A partner's own words for its customers."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from csp_portal.shared.violations import broken_constraint
from tenants.acts import Act
from tenants.models import Partner, Tenant
from tenants.services import activity

from ..models import CustomerTag

MOST = 20
LONGEST = 40


class TagRefused(Exception):
    """The tag cannot be added or removed; the text says why."""


class NotATag(TagRefused):
    """Nothing, too long, or with characters that cannot be seen."""


class AlreadyTagged(TagRefused):
    """The customer has this tag, in whatever case."""


class TooManyTags(TagRefused):
    """The customer has 20 tags."""


class NotTagged(TagRefused):
    """The customer does not have this tag."""


def tag_word(typed: str) -> str:
    """
    Return the tag without spaces around it, and single ones inside.

    :raises NotATag: if nothing is left, or it is longer than 40, or not printable
    """
    word = " ".join(typed.split())
    if not word:
        raise NotATag(_("Write a tag: one or a few words."))
    if len(word) > LONGEST:
        raise NotATag(_("A tag has at most %d characters.") % LONGEST)
    if not word.isprintable():
        raise NotATag(_("A tag has only characters that can be seen."))
    return word


@transaction.atomic
def add_tag(*, partner: Partner, customer: Tenant, word: str, act: Act) -> CustomerTag:
    """
    Tag the customer; only the partner sees it, in its own activity too.

    :raises TagRefused: see the exceptions above
    """
    word = tag_word(word)
    try:
        with transaction.atomic():
            tag = CustomerTag.objects.create(partner=partner, customer=customer, word=word)
    except IntegrityError as error:
        broken = broken_constraint(error)
        if broken == "relationships_tag_once_per_customer":
            raise AlreadyTagged(_("Has the tag “%s” already.") % word) from error
        if broken == "relationships_few_tags":
            raise TooManyTags(
                _("Has %d tags, the most there can be. Remove one first.") % MOST
            ) from error
        raise
    activity.record(
        tenant=partner.tenant,
        act=act,
        action="customer.tagged",
        about=customer.public_id,
        summary=f"Tagged {customer.name} “{word}”",
        after={"tag": word},
    )
    return tag


@transaction.atomic
def remove_tag(*, partner: Partner, customer: Tenant, word: str, act: Act) -> None:
    """
    Take the tag from the customer, in whatever case it was typed.

    :raises NotTagged: if the customer does not have it
    """
    word = tag_word(word)
    removed, _by_model = (
        CustomerTag.objects.of(partner).worded(word).filter(customer=customer).delete()
    )
    if not removed:
        raise NotTagged(_("Does not have the tag “%s”.") % word)
    activity.record(
        tenant=partner.tenant,
        act=act,
        action="customer.untagged",
        about=customer.public_id,
        summary=f"Removed the tag “{word}” from {customer.name}",
        before={"tag": word},
    )
