from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Trim

from tenants.models import Partner, Tenant


class CustomerTagQuerySet(models.QuerySet["CustomerTag"]):
    def of(self, partner: Partner) -> Self:
        return self.filter(partner=partner)

    def worded(self, word: str) -> Self:
        """Return those with this word, whatever its case."""
        return self.annotate(folded=Lower("word")).filter(folded=word.lower())


class CustomerTag(models.Model):
    """A partner's own word for a customer. Nobody else sees it, the customer included."""

    partner = models.ForeignKey(
        Partner, models.PROTECT, related_name="customer_tags", db_index=False
    )
    customer = models.ForeignKey(Tenant, models.PROTECT, related_name="tags", db_index=False)
    word = models.CharField(max_length=40)

    objects = CustomerTagQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "partner", "customer", Lower("word"), name="relationships_tag_once_per_customer"
            ),
            models.CheckConstraint(
                name="relationships_tag_is_a_word", condition=~Q(word="") & Q(word=Trim("word"))
            ),
        ]
        indexes = [
            # the filter by a word, and the list of a partner's words
            models.Index("partner", Lower("word"), "customer", name="relationships_tags_by_word"),
        ]

    def __str__(self) -> str:
        return self.word
