"""What stops a command for many rows. The text of each is for the person who asked."""

from django.utils.translation import gettext as _


class BulkRefused(Exception):
    """The command is not carried out; the text says why and what to do."""


class NothingTicked(BulkRefused):
    def __init__(self) -> None:
        super().__init__(_("No row was ticked. Go back, tick some and choose the command again."))


class TooManyRows(BulkRefused):
    def __init__(self, most: int) -> None:
        super().__init__(
            _(
                "The filters match more than %(most)s rows, and one command takes %(most)s at "
                "most. Filter for fewer, and repeat it for the others."
            )
            % {"most": f"{most:,}"}
        )


class NotReady(BulkRefused):
    def __init__(self) -> None:
        super().__init__(_("It is still being prepared. Confirm it when all rows are there."))


class PricesTooOld(BulkRefused):
    def __init__(self) -> None:
        super().__init__(
            _("These prices are older than 30 minutes. Nothing was changed; see them anew.")
        )
