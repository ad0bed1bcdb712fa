"""Announce price lists that became public; the job that beat runs."""

from argparse import ArgumentParser
from datetime import date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand

from csp_portal.shared import clock
from tenants.acts import Act

from ...queries.price_lists import lists_to_announce
from ...services import price_lists


class Command(BaseCommand):
    help = (
        "Mail partners about the price lists that became public, and record that. Partners see "
        "a list from its own date on, whether this ran or not."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--on",
            type=date.fromisoformat,
            metavar="DATE",
            help="as it would be at 00:00 business time of that day; default is now",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def handle(self, *_args: Any, **options: Any) -> None:
        on: date = options["on"] or clock.today()
        at = (
            datetime.combine(on, time(), tzinfo=clock.business_zone())
            if options["on"]
            else clock.now()
        )
        if options["dry_run"]:
            lists = list(lists_to_announce(at=at))
        else:
            lists = price_lists.publish_due(act=Act.of_the_portal(at=at, on=on))
        verb = "Would announce" if options["dry_run"] else "Announced"
        for each in lists:
            self.stdout.write(f"{verb}: {each}")
        self.stdout.write(f"{verb} {len(lists)} price lists.")
