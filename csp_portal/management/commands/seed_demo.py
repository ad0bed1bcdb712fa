"""Build the demo world, once; with --scale, many customers beside it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from csp_portal import demo_world
from csp_portal.scale import world as scale
from csp_portal.shared import clock


class Command(BaseCommand):
    help = (
        "Build the demo world; does nothing when there is one already. With --scale N, add N "
        "customers and ten times as many subscriptions to it, for looking at long lists."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scale", type=int, default=0, metavar="N", help="customers to add")

    def handle(self, *_args: Any, **options: Any) -> None:
        with transaction.atomic():
            is_new = demo_world.seed(today=clock.today())
        self.stdout.write("The demo world is built." if is_new else "There is a world already.")
        if options["scale"]:
            self._add(options["scale"])

    def _add(self, customers: int) -> None:
        try:
            scale.build(customers=customers, today=clock.today(), say=self.stdout.write)
        except scale.CannotAdd as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{customers:,} customers were added.")
