import uuid
from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q

from tenants.models import Partner, Tenant
from tenants.roles import Kind

from ..domain.channels import ELSEWHERE, RULES, Channel
from ..domain.lifecycle import LIVE, STATE_LABELS, State
from .offers import Offer


def _goes_on(prefix: str = "") -> Q:
    withdrawn = {f"{prefix}offer__state": Offer.OfferState.WITHDRAWN}
    running = {f"{prefix}state__in": [State.ACTIVE, State.GRACE], f"{prefix}auto_renew": True}
    return Q(**running) & ~Q(**withdrawn)


# What `Subscription.renews` says, for a query.
GOES_ON = _goes_on() & (Q(base=None) | _goes_on("base__"))


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def live(self) -> Self:
        return self.filter(state__in=LIVE)

    def csp(self) -> Self:
        return self.filter(channel=Channel.CSP)

    def direct(self) -> Self:
        """Return what customers bought from the vendor themselves, without trials."""
        return self.filter(channel=Channel.DIRECT, is_trial=False)

    def sold_by(self, partner: Partner) -> Self:
        return self.filter(channel=Channel.CSP, partner=partner)

    def involving(self, partner: Partner) -> Self:
        """Return CSP ones that `partner` transacts or is reseller of record of."""
        mine = Q(partner=partner) | Q(reseller=partner)
        if partner.kind == Kind.INDIRECT_PROVIDER:
            mine = Q(partner=partner)
        elif partner.kind == Kind.INDIRECT_RESELLER:
            mine = Q(reseller=partner)
        return self.filter(mine, channel=Channel.CSP)

    def of_tenant(self, tenant: Tenant) -> Self:
        return self.filter(tenant=tenant)


class Subscription(models.Model):
    """
    Seats of an offer that a tenant holds, from one channel. It never changes channel (R4).

    `seats` are purchased seats, `assigned_seats` those in use. `starts_on` and `ends_on`
    are the running term's, `ends_on` being the first day after it. A CSP subscription's
    seats and state are written only by the facts in `SeatChange`; one of another channel
    only by the path that owns it: the database refuses anything else (R3, R6).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="subscriptions")
    channel = models.CharField(max_length=12, choices=[(c.value, RULES[c].label) for c in Channel])
    reference = models.CharField(
        max_length=100,
        blank=True,
        help_text="The other system's subscription ID or agreement, unique in its channel.",
    )
    offer = models.ForeignKey(
        Offer, models.PROTECT, null=True, blank=True, related_name="subscriptions"
    )
    title = models.CharField(max_length=200)
    partner = models.ForeignKey(
        Partner,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sold_subscriptions",
        help_text="Who transacts a CSP subscription.",
    )
    reseller = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="resold_subscriptions"
    )
    partner_of_record = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="advised_subscriptions"
    )
    base = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="add_ons")
    moved_from = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="moved_to",
        help_text="The row it was before it moved to this partner or reseller.",
    )
    state = models.CharField(max_length=10, choices=[(s.value, STATE_LABELS[s]) for s in State])
    is_trial = models.BooleanField(default=False)
    seats = models.PositiveIntegerField()
    assigned_seats = models.PositiveIntegerField(default=0)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="First day after the term.")
    auto_renew = models.BooleanField(default=True)
    suspended_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    # R8: see Tenant.ExclusiveChannel. The database fills it; a composite foreign key uses it.
    exclusive_channel = models.GeneratedField(
        expression=models.Case(
            models.When(
                channel__in=["csp", "syndication"],
                state__in=["active", "grace", "suspended"],
                then=F("channel"),
            ),
            default=models.Value(None),
            output_field=models.CharField(max_length=12),
        ),
        output_field=models.CharField(max_length=12),
        db_persist=True,
    )

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="subscriptions_csp_has_its_partner_and_offer",
                condition=Q(channel="csp", partner__isnull=False, offer__isnull=False)
                | (~Q(channel="csp") & Q(partner__isnull=True, reseller__isnull=True)),
            ),
            models.CheckConstraint(
                name="subscriptions_only_advisor_has_a_partner_of_record",
                condition=Q(partner_of_record__isnull=True) | Q(channel="advisor"),
            ),
            # "There are no trials in CSP" (R11).
            models.CheckConstraint(
                name="subscriptions_no_trial_in_csp",
                condition=~Q(channel="csp", is_trial=True),
            ),
            models.CheckConstraint(
                name="subscriptions_seats_cover_the_assigned",
                condition=Q(seats__gte=F("assigned_seats")),
            ),
            models.CheckConstraint(
                name="subscriptions_dates_are_sane",
                condition=Q(starts_on__range=(date(2010, 1, 1), date(2100, 1, 1)))
                & (Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on"))),
            ),
            models.CheckConstraint(
                name="subscriptions_only_csp_and_direct_add_ons",
                condition=Q(base__isnull=True) | Q(channel__in=["csp", "direct"]),
            ),
            # A Direct trial is given once per offer and customer.
            models.UniqueConstraint(
                name="subscriptions_one_trial_per_offer_and_customer",
                fields=["tenant", "offer"],
                condition=Q(is_trial=True, offer__isnull=False),
            ),
            models.UniqueConstraint(
                name="subscriptions_reference_once_per_channel",
                fields=["channel", "reference"],
                condition=~Q(reference=""),
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "ends_on"], name="subscriptions_by_partner"),
            # The list of all customers' live subscriptions, by the end of the term. They hold
            # what its filters ask, so that a million rows are narrowed without reading one;
            # the other states and the few that do not renew have an index of their own.
            models.Index(
                fields=["ends_on", "id"],
                include=["tenant", "channel", "state", "auto_renew"],
                condition=Q(state__in=["active", "grace", "suspended"]),
                name="subscriptions_live",
            ),
            models.Index(
                fields=["state", "ends_on", "id"],
                include=["tenant", "channel", "auto_renew"],
                condition=~Q(state="active"),
                name="subscriptions_not_active",
            ),
            models.Index(
                fields=["ends_on", "id"],
                include=["tenant", "channel", "state"],
                condition=Q(auto_renew=False),
                name="subscriptions_not_renewed",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def seller(self) -> Partner | None:
        """Who bills and supports the customer for a CSP one: its reseller, if it has one."""
        return self.reseller or self.partner

    @property
    def is_csp(self) -> bool:
        return self.channel == Channel.CSP

    @property
    def ends_elsewhere(self) -> bool:
        """Whether it runs where the portal cannot see it end: operators record that."""
        return self.channel in ELSEWHERE and self.is_live

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def last_day(self) -> date | None:
        """The last day of the term, as screens show it."""
        return self.ends_on - timedelta(days=1) if self.ends_on else None

    @property
    def is_offer_withdrawn(self) -> bool:
        return self.offer is not None and self.offer.state == Offer.OfferState.WITHDRAWN

    @property
    def renews(self) -> bool:
        """
        Whether it goes on after its term, as things are.

        A suspended one is cancelled then, one of a withdrawn offer expires unless another
        offer is scheduled, an add-on goes with its base.
        """
        is_kept = self.auto_renew and not self.is_offer_withdrawn
        is_running = self.state in {State.ACTIVE, State.GRACE}
        return is_kept and is_running and (self.base is None or self.base.renews)
