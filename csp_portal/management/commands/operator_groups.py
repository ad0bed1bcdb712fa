"""Make the operators' groups of csp_portal/operators.py; after `migrate`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from csp_portal.operators import GROUPS, make_groups


class Command(BaseCommand):
    help = "Make the operators' groups, or bring them back to what they may do. Safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what they may do")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not options["dry_run"]:
            make_groups()
        for name, codes in GROUPS.items():
            self.stdout.write(f"{name}: {' '.join(codes.split())}")
