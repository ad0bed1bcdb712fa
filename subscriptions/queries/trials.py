"""What a customer can try, and what it has tried."""

from dataclasses import dataclass

from tenants.models import Tenant

from ..models import Offer, Subscription


@dataclass(frozen=True, slots=True)
class TrialOffer:
    """An offer to try, with the trial the tenant had of it, if any."""

    offer: Offer
    trial: Subscription | None


def offers_to_try(tenant: Tenant) -> list[TrialOffer]:
    had = {
        trial.offer_id: trial
        for trial in Subscription.objects.filter(tenant=tenant, is_trial=True, offer__isnull=False)
    }
    offers = Offer.objects.for_trial().order_by("title", "id")
    return [TrialOffer(offer, had.get(offer.pk)) for offer in offers]
