"""What the views of all lists share."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from allauth.account.decorators import reauthentication_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from tenants.http import PortalRequest

from .asking import Asked
from .columns import Listing
from .exporting import exported
from .saved import saved_views


def default_view(request: PortalRequest, listing: Listing) -> HttpResponse | None:
    """Return the way to the person's default view, if the address asks for nothing."""
    if request.GET or request.membership is None:
        return None
    view = next((view for view in saved_views(request, listing) if view.is_default), None)
    return redirect(f"{request.path}?view={view.pk}&{view.query}") if view else None


def file_of(
    request: PortalRequest,
    asked: Asked,
    found: QuerySet[Any],
    rows_of: Callable[[Sequence[Any]], Sequence[Any]],
) -> HttpResponse:
    """Return the file; whoever takes along data of all customers signs in again first."""
    # a streaming answer has what the decorators of views need, and is typed apart from others
    return cast("HttpResponse", _fresh(request, asked, found, rows_of))


# security.md: the export of all customers asks for the password again.
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth is untyped
def _fresh(
    _request: HttpRequest,
    asked: Asked,
    found: QuerySet[Any],
    rows_of: Callable[[Sequence[Any]], Sequence[Any]],
) -> HttpResponseBase:
    return exported(asked, found, rows_of)
