from django.db import models

from tenants.models import Membership, User

from .subscriptions import Subscription


class LicenceAssignment(models.Model):
    """
    One seat of a subscription, in use by one person of the tenant that holds it.

    `Subscription.assigned_seats` stays the number that counts: an import may report seats in
    use without saying by whom. The database refuses more assignments than that number.
    """

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="licences")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="licences")
    assigned_at = models.DateTimeField()
    assigned_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="subscriptions_one_licence_per_person",
                fields=["subscription", "membership"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscription} for {self.membership.user}"
