"""How programme agreements stand, and what customers agreed to."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from tenants.models import Partner, Tenant

from ..domain.agreements import Agreement, Event, EventKind, Side, agreement_on
from ..models import AgreementEvent, CustomerAgreement, PartnerSuspension, Relationship


def agreement_of(partner: Partner, *, on: date) -> Agreement:
    events = AgreementEvent.objects.filter(partner=partner).order_by("pk")
    return agreement_on([event.as_event() for event in events], on)


def agreements_on(day: date) -> dict[int, Agreement]:
    """Return every partner's agreement by the partner's key, read at once; for operators."""
    events: defaultdict[int, list[Event]] = defaultdict(list)
    for event in AgreementEvent.objects.order_by("pk"):
        events[event.partner_id].append(event.as_event())
    return {
        pk: agreement_on(events[pk], day) for pk in Partner.objects.values_list("pk", flat=True)
    }


def agreement_history(partner: Partner) -> QuerySet[AgreementEvent]:
    """Return what happened to the partner's agreement, newest first."""
    return AgreementEvent.objects.filter(partner=partner).select_related("by").order_by("-pk")


@dataclass(frozen=True, slots=True)
class SellerStanding:
    """One of those who sell to a customer; the suspension is one in effect."""

    partner: Partner
    agreement: Agreement
    suspension: PartnerSuspension | None


def standings_of(*, partner: Partner, customer: Tenant | None, on: date) -> list[SellerStanding]:
    """
    Return how the partner stands, then the reseller of record if `customer` has one.

    One query: pages ask this before every click that sells something.
    """
    sellers = Q(pk=partner.pk)
    if customer is not None:
        through = Relationship.objects.active().filter(
            partner=partner, customer=customer, reseller__isnull=False
        )
        sellers |= Q(pk__in=through.values("reseller"))
    events = AgreementEvent.objects.filter(partner=OuterRef("pk")).order_by("pk")
    suspensions = PartnerSuspension.objects.on(on).filter(partner=OuterRef("pk")).order_by("pk")
    found = (
        Partner.objects.filter(sellers)
        .select_related("tenant")
        .annotate(
            events=ArraySubquery(events.values(x=JSONObject(kind="kind", side="side", on="on"))),
            suspended=ArraySubquery(
                suspensions.values(x=JSONObject(reason="reason", starts_on="starts_on"))
            ),
        )
    )
    standings = [
        SellerStanding(
            partner=seller,
            agreement=agreement_on([_event(values) for values in seller.events], on),
            suspension=next((_suspension(values) for values in seller.suspended), None),
        )
        for seller in found
    ]
    return sorted(standings, key=lambda standing: standing.partner.pk != partner.pk)


def _event(values: dict[str, str]) -> Event:
    return Event(EventKind(values["kind"]), Side(values["side"]), date.fromisoformat(values["on"]))


def _suspension(values: dict[str, str]) -> PartnerSuspension:
    starts_on = date.fromisoformat(values["starts_on"])
    return PartnerSuspension(reason=values["reason"], starts_on=starts_on)


def suspension_of(partner: Partner, *, on: date) -> PartnerSuspension | None:
    """Return the suspension in effect on `on`."""
    return PartnerSuspension.objects.on(on).filter(partner=partner).order_by("pk").first()


def customer_agreements(*, partner: Partner, customer: Tenant) -> QuerySet[CustomerAgreement]:
    """Return what the partner attested about the customer, newest first."""
    return (
        CustomerAgreement.objects.filter(partner=partner, customer=customer)
        .select_related("attested_by")
        .order_by("-pk")
    )


def has_customer_agreement(*, partner: Partner, customer: Tenant) -> bool:
    """Say whether the customer's agreement is attested, here or when its tenant was created."""
    return (
        customer_agreements(partner=partner, customer=customer).exists()
        or Relationship.objects.active()
        .filter(partner=partner, customer=customer, attested_on__isnull=False)
        .exists()
    )
