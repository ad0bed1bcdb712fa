"""An import in two steps: keep the file and show what it would do, then do it."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

from django.db import transaction

from tenants.acts import Act

from ..models import FileImport
from .import_offer_matrix import import_offer_matrix
from .import_report import ImportReport
from .import_subscriptions import import_subscriptions
from .import_tenants import import_tenants

# What a page can carry out while somebody waits; longer files are for the commands.
MAX_ROWS_ON_A_PAGE = 20_000
KEPT_FOR = timedelta(days=1)

SERVICES: dict[str, Callable[..., ImportReport]] = {
    FileImport.Kind.TENANTS: import_tenants,
    FileImport.Kind.SUBSCRIPTIONS: import_subscriptions,
    FileImport.Kind.OFFER_MATRIX: import_offer_matrix,
}


class AlreadyImported(Exception):
    """The file was carried out before; nothing was done now."""


def keep(*, kind: str, name: str, content: bytes, act: Act) -> FileImport:
    """
    Check a file and keep it for `carry_out`; forget those that nobody confirmed in a day.

    :raises ImportRefused: with every row that is wrong; nothing is kept then
    """
    assert act.by is not None, "an operator uploads it"
    report = preview(kind=kind, content=content, act=act)
    FileImport.objects.filter(imported_at=None, uploaded_at__lt=act.at - KEPT_FOR).delete()
    return FileImport.objects.create(
        kind=kind,
        name=name[:200],
        content=content,
        rows=report.rows,
        uploaded_at=act.at,
        uploaded_by=act.by,
    )


def preview(*, kind: str, content: bytes, act: Act) -> ImportReport:
    """
    Return what carrying it out would do today.

    :raises ImportRefused: with every row that is wrong
    """
    return SERVICES[kind](
        file=BytesIO(content), act=act, is_dry_run=True, max_rows=MAX_ROWS_ON_A_PAGE
    )


@transaction.atomic
def carry_out(*, upload: FileImport, act: Act) -> ImportReport:
    """
    Import a kept file, once.

    :raises AlreadyImported: if it was, two clicks at once included
    :raises ImportRefused: if something it names has changed since it was checked
    """
    kept = FileImport.objects.select_for_update().get(pk=upload.pk)
    if kept.imported_at is not None:
        raise AlreadyImported
    report = SERVICES[kept.kind](
        file=BytesIO(bytes(kept.content)), act=act, max_rows=MAX_ROWS_ON_A_PAGE
    )
    kept.content = b""
    kept.imported_at = act.at
    kept.imported_by = act.by
    kept.save(update_fields=["content", "imported_at", "imported_by"])
    return report
