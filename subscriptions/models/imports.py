import uuid

from django.db import models

from tenants.models import User


class FileImport(models.Model):
    """
    A file an operator uploaded: first shown as a preview, then carried out, once.

    `content` is kept until then and emptied afterwards; the row stays, to say who brought
    in what and when.
    """

    class Kind(models.TextChoices):
        TENANTS = "tenants", "Tenants"
        SUBSCRIPTIONS = "subscriptions", "Subscriptions of other channels"
        OFFER_MATRIX = "offer_matrix", "Offer matrix"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=13, choices=Kind)
    name = models.CharField("file", max_length=200)
    content = models.BinaryField()
    rows = models.PositiveIntegerField()
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    imported_at = models.DateTimeField(null=True, blank=True)
    imported_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "import"

    def __str__(self) -> str:
        return self.name
