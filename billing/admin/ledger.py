"""
The ledger in the admin: to read, with one button, to try again what failed to close.

What was charged or issued is never edited; the database would refuse it too.
"""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from csp_portal.shared import clock
from subscriptions.admin.models import ReadOnly
from tenants.acts import Act

from ..models import Charge, Invoice, LockedPrice, MonthClose, NumberSeries, Order, OrderLine, Quote
from ..services import closing


class Ledger(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # has none at run time
    # counting millions of rows would take longer than reading a page of them
    show_full_result_count = False


@admin.register(MonthClose)
class MonthCloseAdmin(Ledger):
    list_display = ("month", "seller", "state", "invoices", "lines", "attempts", "failure")
    list_filter = ("state", "month")
    list_select_related = ("seller",)
    search_fields = ("seller__name", "seller__domain")
    ordering = ("-month", "seller__name")
    actions = ("close_again",)

    @admin.action(description="Try again to close", permissions=["change_any"])
    def close_again(self, request: HttpRequest, closes: QuerySet[MonthClose]) -> None:
        """Close the chosen months in order, what is closed stays; the sweep mails the invoices."""
        act = Act(
            by=request.user,  # type: ignore[arg-type]  # the admin site lets nobody else in
            organisation=None,
            at=clock.now(),
            on=clock.today(),
        )
        for close in closes.select_related("seller").order_by("month", "seller_id"):
            result = closing.close_recording_failure(
                seller=close.seller, month=close.month, act=act, waits=False
            )
            self._say(request, result)

    def has_change_any_permission(self, request: HttpRequest, _obj: Any = None) -> bool:
        return request.user.has_perm("billing.change_monthclose")

    def _say(self, request: HttpRequest, result: closing.CloseResult) -> None:
        values = {
            "close": f"{result.month:%Y-%m} {result.seller}",
            "failure": result.failure,
            "invoices": result.invoices,
            "lines": result.lines,
        }
        if result.failure:
            self.message_user(request, _("%(close)s: %(failure)s") % values, messages.ERROR)
        elif result.is_new:
            text = _("%(close)s: %(invoices)d invoices, %(lines)d lines")
            self.message_user(request, text % values, messages.SUCCESS)
        else:
            self.message_user(request, _("%(close)s was closed before; 0 changes") % values)


@admin.register(Invoice)
class InvoiceAdmin(Ledger):
    list_display = (
        *("number", "seller", "buyer", "month", "currency", "line_count", "total", "due_on"),
        *("mailed_at", "paid_on"),
    )
    list_filter = ("month", "currency")
    list_select_related = ("seller", "buyer")
    search_fields = ("number", "seller__name", "buyer__name", "buyer__domain")
    ordering = ("-month", "seller_id", "number")


@admin.register(Charge)
class ChargeAdmin(Ledger):
    list_display = (
        *("charge_type", "locked_price", "period_from", "period_until", "charged_from"),
        *("seats", "amount", "invoice"),
    )
    list_select_related = ("locked_price", "invoice")
    ordering = ("-id",)


@admin.register(LockedPrice)
class LockedPriceAdmin(Ledger):
    list_display = (
        *("offer_title", "leg", "seller", "buyer", "unit_price", "currency", "plan"),
        "price_source",
    )
    list_select_related = ("seller", "buyer")
    ordering = ("-id",)


@admin.register(Quote)
class QuoteAdmin(Ledger):
    list_display = ("public_id", "kind", "partner", "tenant", "on", "created_by", "expires_at")
    list_filter = ("kind",)
    list_select_related = ("partner__tenant", "tenant", "created_by")
    ordering = ("-id",)


class OrderLineInline(ReadOnly, admin.StackedInline):  # type: ignore[type-arg]  # as above
    model = OrderLine
    ordering = ("id",)


@admin.register(Order)
class OrderAdmin(Ledger):
    list_display = ("public_id", "partner", "tenant", "subscription", "placed_at", "placed_by")
    list_select_related = ("partner__tenant", "tenant", "subscription", "placed_by")
    ordering = ("-id",)
    inlines = (OrderLineInline,)


@admin.register(NumberSeries)
class NumberSeriesAdmin(Ledger):
    list_display = ("seller", "year", "last")
    list_select_related = ("seller",)
    ordering = ("-year", "seller__name")
