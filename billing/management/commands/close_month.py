"""Close a month: renew what is due, write the charges, number and finalise the invoices."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.services import closing
from csp_portal.shared import clock
from csp_portal.shared.money import format_money
from tenants.acts import Act
from tenants.models import Tenant


class Command(BaseCommand):
    help = "Close a month for every seller, earlier open months first. Safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", type=_month, metavar="YYYY-MM")
        parser.add_argument("--seller", metavar="DOMAIN", help="only this seller")
        parser.add_argument(
            "--dry-run", action="store_true", help="do all of it, report, and take it back"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        act = Act.of_the_portal(at=clock.now(), on=clock.today())
        try:
            results = closing.close_month(
                month=options["month"],
                act=act,
                is_dry_run=options["dry_run"],
                seller=_seller(options["seller"]),
            )
        except closing.MonthNotOver as error:
            raise CommandError(str(error)) from error
        for result in results:
            self.stdout.write(_sentence(result))
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was kept.")
        if any(result.failure for result in results):
            raise CommandError("Not everything was closed; see above.")


def _sentence(result: closing.CloseResult) -> str:
    which = f"{result.month:%Y-%m} {result.seller}:"
    if result.failure:
        return f"{which} FAILED: {result.failure}"
    totals = ", ".join(format_money(t, currency) for currency, t in result.totals.items())
    made = f"{result.invoices} invoices, {result.lines} lines" + (f", {totals}" if totals else "")
    return f"{which} {made}" if result.is_new else f"{which} was closed before, {made}"


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a month like 2026-11") from error


def _seller(domain: str | None) -> Tenant | None:
    if domain is None:
        return None
    found = Tenant.objects.with_domain(domain).first()
    if found is None:
        raise CommandError(f"No tenant has the domain {domain}.")
    return found
