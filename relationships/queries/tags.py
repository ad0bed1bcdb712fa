from tenants.models import Partner, Tenant

from ..models import CustomerTag


def tags_of(partner: Partner, customer: Tenant) -> list[str]:
    """Return the partner's words for the customer, in alphabetical order."""
    words = CustomerTag.objects.of(partner).filter(customer=customer).values_list("word", flat=True)
    return sorted(words, key=str.casefold)
