import uuid
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower

from ..roles import ROLE_LABELS, Action, Role, is_allowed
from .tenants import Partner, Tenant


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """A person who can sign in, by e-mail. What they may do lives on their memberships."""

    username = None  # type: ignore[assignment]  # people sign in by e-mail
    email = models.EmailField("e-mail address", unique=True)
    language = models.CharField(
        max_length=5,
        default="en",
        db_default="en",
        help_text="What letters to the person are written in: the language of the last sign-in.",
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()  # type: ignore[assignment,misc]  # no username to manage

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="tenants_email_in_lower_case", condition=Q(email=Lower("email"))
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.email


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> Self:
        """Return those that open a workspace."""
        return self.filter(disabled_at__isnull=True)

    def of_user(self, user: User) -> Self:
        """Return a person's memberships with what every page needs to know of them."""
        resells = Partner.objects.filter(tenant=OuterRef("tenant"), provider_links__isnull=False)
        return (
            self.active()
            .filter(user=user)
            .select_related("tenant", "tenant__partner")
            .annotate(resells=Exists(resells))
            .order_by("tenant__name", "id")
        )


class Membership(models.Model):
    """
    A person's roles in one tenant: the workspace they can work in.

    A disabled one opens nothing; it can be restored for 30 days.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="memberships")
    roles = ArrayField(
        models.CharField(max_length=20, choices=[(r.value, ROLE_LABELS[r]) for r in Role])
    )

    disabled_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    # Whether the partner has had a provider, by relation and without an import upwards: filled
    # by `of_user`.
    resells = False

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="tenants_one_membership_per_person_and_tenant", fields=["user", "tenant"]
            ),
            models.CheckConstraint(
                name="tenants_membership_has_a_role", condition=Q(roles__len__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.tenant}"

    @property
    def is_disabled(self) -> bool:
        return self.disabled_at is not None

    @property
    def is_admin(self) -> bool:
        """Whether the person runs the organisation: its Tenant admin or Global admin."""
        return bool(self.role_set & {Role.TENANT_ADMIN, Role.GLOBAL_ADMIN})

    @property
    def role_set(self) -> frozenset[Role]:
        return frozenset(Role(role) for role in self.roles)

    @property
    def role_names(self) -> str:
        return ", ".join(ROLE_LABELS[Role(role)] for role in self.roles)

    def may(self, action: Action) -> bool:
        """Tell whether the roles allow it in this kind of organisation; see `tenants.roles`."""
        return is_allowed(self.role_set, action, self.tenant.kind)
