import uuid

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from subscriptions.models import Offer, SeatChange, Subscription, Term
from tenants.models import Partner, Tenant, User

from .price_lists import Plan, Segment
from .recommendations import RecommendedItem


class Quote(models.Model):
    """
    What a change will cost, fixed for 30 minutes: the promise that an order then keeps.

    `on` is the business day it is priced for. `lines` are the charges it will make, per
    leg, as shown; confirming computes them again and refuses if anything differs.
    """

    class QuoteKind(models.TextChoices):
        NEW = "new", "New subscription"
        SEATS = "seats", "Change of seats"
        SUSPEND = "suspend", "Suspension"
        REACTIVATE = "reactivate", "Reactivation"
        CANCEL = "cancel", "Cancellation"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=QuoteKind)
    partner = models.ForeignKey(
        Partner,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who sells it through CSP; nobody if the customer buys from the vendor.",
    )
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+")
    subscription = models.ForeignKey(
        Subscription, models.PROTECT, null=True, blank=True, related_name="+"
    )
    term = models.ForeignKey(Term, models.PROTECT, null=True, blank=True, related_name="+")
    offer = models.ForeignKey(Offer, models.PROTECT, null=True, blank=True, related_name="+")
    base = models.ForeignKey(Subscription, models.PROTECT, null=True, blank=True, related_name="+")
    segment = models.CharField(max_length=10, choices=Segment, blank=True)
    duration = models.CharField(max_length=3, choices=Term.Duration, blank=True)
    plan = models.CharField(max_length=7, choices=Plan, blank=True)
    seats = models.PositiveIntegerField(null=True, blank=True)
    recommended = models.ForeignKey(
        RecommendedItem, models.PROTECT, null=True, blank=True, related_name="quotes"
    )
    request = models.ForeignKey(
        "billing.OrderRequest",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="quotes",
        help_text="The reseller's request that confirming it answers.",
    )
    reason = models.CharField(max_length=300, blank=True)
    on = models.DateField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    lines = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        indexes = [
            # orders of the kinds that are rarer than new subscriptions
            models.Index(
                fields=["partner", "kind"],
                condition=~Q(kind="new"),
                name="billing_quotes_of_other_kinds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} for {self.tenant}"


class Order(models.Model):
    """A confirmed quote. One quote makes one order, however often it is confirmed."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    quote = models.OneToOneField(Quote, models.PROTECT, related_name="order")
    partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="orders"
    )
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="orders")
    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="orders")
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "-placed_at"], name="billing_orders_newest_first"),
            # the list of a partner's orders for all customers
            models.Index(
                fields=["partner", "placed_at", "id"],
                include=["tenant"],
                name="billing_orders_of_a_partner",
            ),
        ]

    def __str__(self) -> str:
        return f"Order {self.public_id}"


class OrderLine(models.Model):
    """A fact that an order made: usually one, more when add-ons follow their base."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="lines")
    seat_change = models.OneToOneField(SeatChange, models.PROTECT, related_name="order_line")

    def __str__(self) -> str:
        return f"{self.order}: {self.seat_change}"
