from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from subscriptions.management import file_import
from subscriptions.services.imports import import_offer_matrix


class Command(BaseCommand):
    help = "Replace the offer matrix by that of a CSV file: all rows or none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        file_import.add_arguments(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        file_import.run(self, import_offer_matrix, options)
