from django.db import models

from .people import User
from .tenants import Tenant


class ActivityQuerySet(models.QuerySet["Activity"]):
    def newest_first(self) -> "ActivityQuerySet":
        return self.order_by("-seq")


class Activity(models.Model):
    """
    One change, as the tenant it concerns may read it. Append-only.

    Rows are written by the database function `tenants_append_activity`, in the
    transaction of the change; each carries the hash of the one before it in the same
    tenant's chain. `seq` counts within the tenant.
    """

    # `tenants_activity_in_order` is its index
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="activities", db_index=False)
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    acting_for = models.ForeignKey(Tenant, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=60)
    about = models.CharField(max_length=80, help_text="The public id of what changed.")
    summary = models.CharField(max_length=300)
    before = models.JSONField()
    after = models.JSONField()
    previous_hash = models.BinaryField()
    hash = models.BinaryField()

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "activities"
        constraints = [
            models.UniqueConstraint(name="tenants_activity_in_order", fields=["tenant", "seq"]),
        ]
        indexes = [models.Index(name="tenants_activity_by_day", fields=["tenant", "at"])]

    def __str__(self) -> str:
        return self.summary


class ActivityHead(models.Model):
    """The end of a tenant's chain; locked while the next row is appended."""

    tenant = models.OneToOneField(Tenant, models.PROTECT, primary_key=True)
    seq = models.BigIntegerField()
    hash = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.tenant} at {self.seq}"
