"""Build the demo world, once."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from csp_portal import demo_world
from csp_portal.shared import clock


class Command(BaseCommand):
    help = "Build the demo world; does nothing when there is one already."

    @transaction.atomic
    def handle(self, *_args: Any, **_options: Any) -> None:
        is_new = demo_world.seed(today=clock.today())
        self.stdout.write("The demo world is built." if is_new else "There is a world already.")
