from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from .people import Membership


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def of(self, membership: Membership, list_name: str) -> Self:
        return self.filter(membership=membership, list_name=list_name).order_by("name", "pk")


class SavedView(models.Model):
    """
    A list as a person likes to see it: filters, order and columns under a name.

    It is the query of the list's address and nothing else, and belongs to the person in one
    workspace. The default one opens when the list is opened without a query.
    """

    membership = models.ForeignKey(
        Membership, models.CASCADE, related_name="saved_views", db_index=False
    )
    list_name = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000, blank=True)
    is_default = models.BooleanField(default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "membership", "list_name", Lower("name"), name="tenants_saved_view_named_once"
            ),
            models.UniqueConstraint(
                fields=["membership", "list_name"],
                condition=Q(is_default=True),
                name="tenants_one_default_view_per_list",
            ),
        ]

    def __str__(self) -> str:
        return self.name
