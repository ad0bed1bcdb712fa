from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from .offers import Offer


class OfferEquivalence(models.Model):
    """
    Operators' word that a CSP offer replaces what somebody holds from another channel.

    What it replaces is one of our offers, or a title for what only imports know ("Office
    Suite E1 Open licence"). The same offer replaces itself; that needs no row.
    """

    offer = models.ForeignKey(
        Offer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        help_text="What is replaced.",
    )
    title = models.CharField(
        max_length=200,
        blank=True,
        help_text="Instead of an offer: the title that imported subscriptions have.",
    )
    replacement = models.ForeignKey(
        Offer, models.PROTECT, related_name="replaces", help_text="The CSP offer that does as much."
    )
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "equivalent offer"
        constraints = [
            models.CheckConstraint(
                name="subscriptions_equivalence_of_an_offer_or_a_title",
                condition=Q(offer__isnull=False, title="") | (Q(offer__isnull=True) & ~Q(title="")),
            ),
            models.CheckConstraint(
                name="subscriptions_equivalence_of_two_offers",
                condition=Q(offer__isnull=True) | ~Q(offer=F("replacement")),
            ),
            models.UniqueConstraint(
                name="subscriptions_equivalence_of_offers_said_once",
                fields=["offer", "replacement"],
                condition=Q(offer__isnull=False),
            ),
            models.UniqueConstraint(
                Lower("title"),
                "replacement",
                condition=Q(offer__isnull=True),
                name="subscriptions_equivalence_of_a_title_said_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offer or self.title} → {self.replacement}"
