from django.db import models
from django.db.models import Q

from tenants.models import User

# Nobody has asked for more; a typing mistake should not open the programme.
MOST_ALLOWED = 10


class PartnerPolicy(models.Model):
    """
    How many CSP partners a customer may have at once: the operators' setting, one row (R7).

    Without the row it is one. A new relationship reads it FOR SHARE, so that it cannot be
    lowered while one is being made; see the guards.
    """

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    most_partners = models.PositiveSmallIntegerField("CSP partners per customer, at most")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name_plural = "partner policy"
        constraints = [
            models.CheckConstraint(name="relationships_one_policy", condition=Q(id=1)),
            models.CheckConstraint(
                name="relationships_policy_within_reason",
                condition=Q(most_partners__range=(1, MOST_ALLOWED)),
            ),
        ]

    def __str__(self) -> str:
        return f"At most {self.most_partners} CSP partners per customer"
