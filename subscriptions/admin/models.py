"""What operators see of subscriptions: offers to edit, the rest to read."""

from typing import Any

from django.contrib import admin
from django.urls import URLPattern

from ..models import (
    Offer,
    OfferEquivalence,
    OfferRule,
    ScheduledChange,
    SeatChange,
    Subscription,
    SubscriptionNotice,
    Term,
)
from . import acts


class ReadOnly:
    """Facts are written by services; a page that edited them would go past the rules."""

    def has_add_permission(self, *_request_and_object: Any) -> bool:
        return False

    def has_change_permission(self, *_request_and_object: Any) -> bool:
        return False

    def has_delete_permission(self, *_request_and_object: Any) -> bool:
        return False


@admin.register(Offer)
class OfferAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # has none at run time
    list_display = ("title", "sku", "product_family", "is_add_on", "is_trial", "state")
    list_filter = ("state", "is_add_on", "is_trial")
    search_fields = ("title", "sku")
    ordering = ("title", "sku")
    filter_horizontal = ("add_on_to",)

    def has_delete_permission(self, *_request_and_object: Any) -> bool:
        return False  # withdraw it instead: subscriptions and prices name it


@admin.register(OfferEquivalence)
class OfferEquivalenceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # has none at run time
    list_display = ("__str__", "note")
    list_select_related = ("offer", "replacement")
    search_fields = ("offer__title", "title", "replacement__title")
    autocomplete_fields = ("offer", "replacement")
    ordering = ("offer__title", "title", "id")


@admin.register(OfferRule)
class OfferRuleAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # has none at run time
    list_display = ("offer", "customer_limit", "limit_kind", "imported_at")
    list_select_related = ("offer",)
    search_fields = ("offer__title", "offer__sku")
    ordering = ("offer__title", "id")


@admin.register(ScheduledChange)
class ScheduledChangeAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # has none at run time
    list_display = ("subscription", "takes_effect_on", "seats", "offer", "outcome", "created_by")
    list_filter = ("outcome",)
    list_select_related = ("subscription", "offer", "created_by")
    ordering = ("-takes_effect_on", "-id")
    show_full_result_count = False


@admin.register(SubscriptionNotice)
class SubscriptionNoticeAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # has none at run time
    list_display = ("subscription", "kind", "about_on", "days", "sent_on")
    list_filter = ("kind",)
    list_select_related = ("subscription",)
    ordering = ("-sent_on", "-id")
    show_full_result_count = False


class TermInline(ReadOnly, admin.StackedInline):  # type: ignore[type-arg]  # has none at run time
    model = Term
    ordering = ("number",)


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # has none at run time
    list_display = ("title", "tenant", "channel", "state", "seats", "ends_on", "reference")
    list_filter = ("channel", "state", "is_trial")
    list_select_related = ("tenant",)
    search_fields = ("title", "reference", "tenant__name", "tenant__domain")
    ordering = ("tenant__name", "title", "id")
    inlines = (TermInline,)
    show_full_result_count = False
    change_form_template = "admin/subscriptions/subscription_change.html"

    def get_urls(self) -> list[URLPattern]:
        return [*acts.urls(self.admin_site.admin_view), *super().get_urls()]


@admin.register(SeatChange)
class SeatChangeAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # has none at run time
    list_display = (
        "effective_on",
        "kind",
        "term",
        "seats_before",
        "seats_after",
        "billable_delta",
        "by",
    )
    list_filter = ("kind",)
    list_select_related = ("term__subscription", "by")
    ordering = ("-effective_on", "-id")
    show_full_result_count = False
