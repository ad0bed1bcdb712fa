"""A person's own views of the lists. They concern nobody else, so no activity is recorded."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from csp_portal.shared.violations import broken_constraint

from ..models import Membership, SavedView

MOST = 30


class SavedViewRefused(Exception):
    """The view cannot be saved so; the text says why and what to do."""


class ViewNamedTwice(SavedViewRefused):
    """The person has another view of this list by that name."""


class TooManyViews(SavedViewRefused):
    """The person has as many views of this list as fit into its menu."""


@transaction.atomic
def save_view(
    *, membership: Membership, list_name: str, name: str, query: str, is_default: bool = False
) -> SavedView:
    """
    Remember the query under the name; a view that has the name already is replaced.

    :raises TooManyViews: if the list has 30 views of the person
    """
    Membership.objects.select_for_update(no_key=True, of=("self",)).get(pk=membership.pk)
    views = SavedView.objects.of(membership, list_name)
    view = views.filter(name__iexact=name).first()
    if view is None:
        if len(views) >= MOST:
            raise TooManyViews(
                _("You have %d views of this list. Delete one before you save another.") % MOST
            )
        view = SavedView(membership=membership, list_name=list_name)
    view.name, view.query = name, query
    view.save()
    if is_default:
        make_default(view=view)
    return view


def rename_view(*, view: SavedView, name: str) -> None:
    """
    Give the view another name.

    :raises ViewNamedTwice: if the person has another view of the list by that name
    """
    view.name = name
    try:
        with transaction.atomic():
            view.save(update_fields=["name"])
    except IntegrityError as error:
        if broken_constraint(error) != "tenants_saved_view_named_once":
            raise
        raise ViewNamedTwice(
            _("You have another view named “%s”. Choose another name.") % name
        ) from error


@transaction.atomic
def make_default(*, view: SavedView) -> None:
    """Let the list open with this view, and with no other."""
    clear_default(membership=view.membership, list_name=view.list_name)
    view.is_default = True
    view.save(update_fields=["is_default"])


def clear_default(*, membership: Membership, list_name: str) -> None:
    SavedView.objects.of(membership, list_name).filter(is_default=True).update(is_default=False)


def delete_view(*, view: SavedView) -> None:
    view.delete()
