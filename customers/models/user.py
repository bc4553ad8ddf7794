"""A person with a login."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from common.audit import audited
from common.ids import PublicIdField
from common.models import Dated
from customers.validators import staff_email
from organisations.validators import validate_one_line


class UserManager(BaseUserManager["User"]):
    """Makes users; e-mail is the name they sign in with."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person without staff rights. The password is hashed; none means that none works."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """The first member of staff (the only way in without other staff). Her address is one of ours, as everybody's.

        Raises:
            ValidationError: it is none; ``createsuperuser`` says so.
        """
        return self.create_user(staff_email(email), password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """Sign-in does not mind the case of the e-mail."""
        return self.get(email__iexact=username)


@audited(exclude=["password", "last_login"])
class User(AbstractBaseUser, PermissionsMixin, Dated):
    """A person with a login. Belongs to organisations through memberships; staff belong to none."""

    public_id = PublicIdField(prefix="usr")
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150, validators=[validate_one_line])
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("staff"), default=False)
    #: Her personal data has been erased; the row stays, because history refers to it.
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(condition=~Q(is_superuser=True) | Q(is_staff=True), name="user_superuser_is_staff"),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(is_active=False), name="user_erased_is_inactive"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """The name as the person writes it."""
        return self.name

    def get_short_name(self) -> str:
        """What to greet the person with."""
        return self.name.split(" ")[0] or self.email


class StaffUserManager(UserManager):
    """Hectare's own people only."""

    def get_queryset(self) -> models.QuerySet[User]:
        """Without customers' people."""
        return super().get_queryset().filter(is_staff=True)


class StaffUser(User):
    """The same account, seen as a member of Hectare's staff: they have pages of their own."""

    objects: ClassVar[UserManager] = StaffUserManager()

    class Meta:
        proxy = True
        verbose_name = _("staff user")
        verbose_name_plural = _("staff users")
