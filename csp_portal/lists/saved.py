"""The saved views of a list, read once for each request."""

from tenants.http import PortalRequest
from tenants.models import SavedView

from .columns import Listing


def saved_views(request: PortalRequest, listing: Listing) -> list[SavedView]:
    assert request.membership is not None  # every list requires one
    read: dict[str, list[SavedView]] = request.__dict__.setdefault("saved_views", {})
    if listing.name not in read:
        read[listing.name] = list(SavedView.objects.of(request.membership, listing.name))
    return read[listing.name]
