"""How programme agreements stand, and what customers agreed to."""

from collections import defaultdict
from datetime import date

from django.db.models import QuerySet

from tenants.models import Partner, Tenant

from ..domain.agreements import Agreement, Event, agreement_on
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
