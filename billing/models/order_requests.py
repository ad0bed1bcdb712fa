import uuid
from typing import Self

from django.db import models
from django.db.models import Q

from subscriptions.models import Offer, Subscription, Term
from tenants.models import Partner, Tenant, User

from .orders import Order
from .price_lists import Plan, Segment


class OrderRequestQuerySet(models.QuerySet["OrderRequest"]):
    def of(self, partner: Partner) -> Self:
        """Return what `partner` asked for as reseller, or is asked for as provider."""
        return self.filter(Q(provider=partner) | Q(reseller=partner))

    def waiting_for(self, partner: Partner) -> Self:
        """Return those whose next step is that partner's."""
        return self.filter(Q(provider=partner, state="open") | Q(reseller=partner, state="changed"))


class OrderRequest(models.Model):
    """
    A reseller asks its provider to order, or to change seats, for a customer of both.

    Open until the provider orders it or declines, or the reseller withdraws. A provider that
    would rather order something else changes the seats; the reseller then agrees, and only
    then it is open again. It costs nothing and promises nothing: the provider's quote does.
    """

    class Kind(models.TextChoices):
        NEW = "new", "New subscription"
        SEATS = "seats", "Change of seats"

    class State(models.TextChoices):
        OPEN = "open", "Waiting for the provider"
        CHANGED = "changed", "Changed, waiting for the reseller"
        ORDERED = "ordered", "Ordered"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    reseller = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=5, choices=Kind)
    subscription = models.ForeignKey(
        Subscription, models.PROTECT, null=True, blank=True, related_name="+"
    )
    offer = models.ForeignKey(Offer, models.PROTECT, null=True, blank=True, related_name="+")
    base = models.ForeignKey(Subscription, models.PROTECT, null=True, blank=True, related_name="+")
    segment = models.CharField(max_length=10, choices=Segment, blank=True)
    duration = models.CharField(max_length=3, choices=Term.Duration, blank=True)
    plan = models.CharField(max_length=7, choices=Plan, blank=True)
    seats = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    order = models.OneToOneField(
        Order, models.PROTECT, null=True, blank=True, related_name="request"
    )

    objects = OrderRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="billing_request_is_for_an_offer_or_a_subscription",
                condition=Q(kind="new", offer__isnull=False, subscription__isnull=True)
                | Q(kind="seats", offer__isnull=True, subscription__isnull=False),
            ),
            models.CheckConstraint(
                name="billing_request_ordered_with_its_order",
                condition=Q(state="ordered", order__isnull=False)
                | (
                    Q(state__in=["open", "changed", "declined", "withdrawn"])
                    & Q(order__isnull=True)
                ),
            ),
            models.CheckConstraint(
                name="billing_request_asks_for_seats", condition=Q(seats__range=(1, 1_000_000))
            ),
        ]
        indexes = [
            models.Index(fields=["provider", "-created_at"], name="billing_requests_to_provider"),
            models.Index(fields=["reseller", "-created_at"], name="billing_requests_of_reseller"),
        ]

    def __str__(self) -> str:
        return f"{self.seats} x {self.title} for {self.tenant}"

    @property
    def title(self) -> str:
        """The offer's name, of what is wanted or of what shall change."""
        if self.subscription:
            return self.subscription.title
        return self.offer.title if self.offer else ""

    @property
    def is_closed(self) -> bool:
        return self.state in {self.State.ORDERED, self.State.DECLINED, self.State.WITHDRAWN}


class OrderRequestMessage(models.Model):
    """One step or remark in a request's thread. Append-only; both sides read all of it."""

    class Event(models.TextChoices):
        ASKED = "asked", "Asked"
        WROTE = "wrote", "Wrote"
        CHANGED = "changed", "Changed it"
        AGREED = "agreed", "Agreed to the change"
        ORDERED = "ordered", "Ordered it"
        DECLINED = "declined", "Declined it"
        WITHDREW = "withdrew", "Withdrew it"

    request = models.ForeignKey(OrderRequest, models.PROTECT, related_name="messages")
    event = models.CharField(max_length=8, choices=Event)
    what = models.CharField(max_length=200, blank=True, help_text="What the step changed.")
    text = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    acting_for = models.ForeignKey(Tenant, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.get_event_display()}: {self.text}"
