"""Users, their memberships, and what they may."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from factory import declarations as make
from factory.django import DjangoModelFactory

from customers.models import User
from organisations.models import Business, BusinessUnit
from permissions.access import Access
from permissions.models import Membership, Role
from tests.factories.enterprises import OrganisationFactory

PASSWORD = "correct horse battery staple"


class UserFactory(DjangoModelFactory[User]):
    """A person with a confirmed e-mail and the password ``PASSWORD``."""

    class Meta:
        model = User

    name = make.Sequence(lambda n: f"Person {n}")
    email = make.Sequence(lambda n: f"person{n}@people.example")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **values: Any) -> User:
        user = model_class.objects.create_user(values.pop("email"), values.pop("password", PASSWORD), **values)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user


class StaffFactory(UserFactory):
    """A member of Hectare's staff, a superuser."""

    email = make.Sequence(lambda n: f"staff{n}@hectare.farm")
    is_staff = True
    is_superuser = True


class MembershipFactory(DjangoModelFactory[Membership]):
    """A membership. ``role`` is the key of a built-in role or a ``Role``; ``units`` limits it to those."""

    class Meta:
        model = Membership
        skip_postgeneration_save = True

    user = make.SubFactory(UserFactory)
    organisation = make.SubFactory(OrganisationFactory)
    role = "owner"

    @classmethod
    def _create(cls, model_class: type[Membership], *args: Any, **values: Any) -> Membership:
        role = values.pop("role")
        units = values.pop("units", None)
        values["role"] = role if isinstance(role, Role) else Role.objects.get(organisation=None, key=role)
        made = model_class.objects.create(all_units=units is None, **values)
        if units is not None:
            made.units.set(units)
        return made


def manager_of(*enterprises: Business, role: str = "manager", user: User | None = None) -> User:
    """A user with the role over exactly these enterprises (one membership for each organisation)."""
    user = user or UserFactory.create()
    by_organisation: dict[int, list[BusinessUnit]] = {}
    for enterprise in enterprises:
        by_organisation.setdefault(enterprise.unit.organisation_id, []).append(enterprise.unit)
    for units in by_organisation.values():
        MembershipFactory.create(user=user, organisation=units[0].organisation, role=role, units=units)
    return user


def access(*enterprises: Business, role: str = "manager") -> Access:
    """The access of a new user with the role over exactly these enterprises."""
    return Access.for_user(manager_of(*enterprises, role=role))
