"""
An operator's file between its preview and its import.

It waits half an hour in the shared cache, compressed, under a token only its operator knows:
nothing of it is on a list before it is confirmed, and nothing is left over if it never is.
"""

import secrets
import zlib
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO

from django.core.cache import cache

from tenants.acts import Act

from .price_list_import import PriceListImport, import_price_list

KEPT_FOR_SECONDS = 30 * 60


class UploadGone(Exception):
    """Nobody uploaded it, somebody else did, it was imported, or it waited too long."""


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    content: bytes
    market: str
    currency: str
    effective_on: date
    creates_offers: bool


def check(*, upload: Upload, act: Act) -> tuple[str, PriceListImport]:
    """
    Return a token to import the file with, and what that would do.

    :raises PriceListRefused: with every bad row
    :raises NotTheFirstOfAMonth:
    :raises AlreadyScheduled: as the import does
    """
    preview = _import(upload, act, is_dry_run=True)
    token = secrets.token_urlsafe(24)
    packed = replace(upload, content=zlib.compress(upload.content))
    cache.set(_key(token, act), packed, timeout=KEPT_FOR_SECONDS)
    return token, preview


def carry_out(*, token: str, act: Act) -> PriceListImport:
    """
    Import a file that was checked, once.

    :raises UploadGone: if there is none
    :raises PriceListRefused: if what it was checked against has changed since
    :raises AlreadyScheduled: likewise
    """
    key = _key(token, act)
    packed: Upload | None = cache.get(key)
    if packed is None or not cache.delete(key):
        raise UploadGone
    upload = replace(packed, content=zlib.decompress(packed.content))
    return _import(upload, act, is_dry_run=False)


def _import(upload: Upload, act: Act, *, is_dry_run: bool) -> PriceListImport:
    return import_price_list(
        file=BytesIO(upload.content),
        name=upload.name,
        market=upload.market,
        currency=upload.currency,
        effective_on=upload.effective_on,
        creates_offers=upload.creates_offers,
        act=act,
        is_dry_run=is_dry_run,
    )


def _key(token: str, act: Act) -> str:
    return f"price-list-upload:{act.by.pk if act.by else 0}:{token}"
