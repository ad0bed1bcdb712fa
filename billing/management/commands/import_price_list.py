"""Import a price list file as a draft, or check it."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from csp_portal.shared import clock
from tenants.acts import Act

from ...services import price_lists
from ...services.price_list_files import market_and_currency_of

REFUSALS = (
    price_lists.AlreadyScheduled,
    price_lists.EmptyPriceList,
    price_lists.NotTheFirstOfAMonth,
    price_lists.TooLate,
)


def letters(count: int) -> Any:
    def checked(text: str) -> str:
        if not re.fullmatch(f"[A-Za-z]{{{count}}}", text):
            raise ArgumentTypeError(f"expected {count} letters")
        return text.upper()

    return checked


class Command(BaseCommand):
    help = "Import a price list (either format) as a draft: all rows, or none and why."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--effective",
            type=date.fromisoformat,
            required=True,
            metavar="YYYY-MM-01",
            help="the first of the month it takes effect in",
        )
        parser.add_argument("--market", type=letters(2), help="default: what the file says")
        parser.add_argument("--currency", type=letters(3), help="default: what the file says")
        parser.add_argument(
            "--create-offers", action="store_true", help="unknown products become draft offers"
        )
        parser.add_argument(
            "--schedule", action="store_true", help="fix it at once: it can never change again"
        )
        parser.add_argument("--dry-run", action="store_true", help="check and preview only")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            with options["file"].open("rb") as file, transaction.atomic():
                self._import(file, options)
        except OSError as error:
            raise CommandError(str(error)) from error
        except price_lists.PriceListRefused as refused:
            for problem in refused.problems:
                self.stderr.write(str(problem))
            raise CommandError(
                f"{len(refused.problems)} problems; nothing was imported."
            ) from refused
        except REFUSALS as refused:
            raise CommandError(f"{refused}; nothing was imported.") from refused

    def _import(self, file: BinaryIO, options: dict[str, Any]) -> None:
        market, currency = options["market"], options["currency"]
        if not (market and currency):
            found = market_and_currency_of(file)
            market, currency = market or found[0], currency or found[1]
        if not (market and currency):
            raise CommandError("The file does not name its market; give --market and --currency.")
        act = Act.of_the_portal(at=clock.now(), on=clock.today())
        done = price_lists.import_price_list(
            file=file,
            name=options["file"].name,
            market=market,
            currency=currency,
            effective_on=options["effective"],
            creates_offers=options["create_offers"],
            act=act,
            is_dry_run=options["dry_run"],
            progress=self._say_progress if options["verbosity"] > 1 else None,
        )
        self._report(done)
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was kept.")
        elif options["schedule"]:
            price_lists.schedule(price_list=done.price_list, act=act)
            visible = done.price_list.visible_from
            self.stdout.write(f"Scheduled: partners see it from {visible:%Y-%m-%d %H:%M %Z}.")
        else:
            self.stdout.write("It is a draft; schedule it in the admin or with --schedule.")

    def _report(self, done: price_lists.PriceListImport) -> None:
        for notice in done.notices:
            self.stdout.write(f"Note: {notice}")
        counts = ", ".join(f"{mark} {count}" for mark, count in done.counts.items())
        against = done.follows or "nothing before it"
        self.stdout.write(f"{done.price_list}: {done.prices} prices; against {against}: {counts}.")
        if done.new_offers:
            self.stdout.write(f"{done.new_offers} offers are new, in state draft.")

    def _say_progress(self, lines: int) -> None:
        self.stdout.write(f"{lines} lines read")
