"""Organisations, units, enterprises, and the grants between them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission
from factory import declarations as make
from factory.django import DjangoModelFactory

from common import clock
from organisations.enums import BusinessKind, GrantKind, Sells
from organisations.models import Business, BusinessUnit, Organisation
from permissions.models import Grant


class OrganisationFactory(DjangoModelFactory[Organisation]):
    """A customer."""

    class Meta:
        model = Organisation

    name = make.Sequence(lambda n: f"Company {n}")
    town = "Exeter"
    postcode = "EX4 3PQ"


class UnitFactory(DjangoModelFactory[BusinessUnit]):
    """A unit, of an organisation of its own unless one is given."""

    class Meta:
        model = BusinessUnit

    organisation = make.SubFactory(OrganisationFactory)
    name = make.Sequence(lambda n: f"Unit {n}")
    town = "Exeter"
    postcode = "EX4 3PQ"


class BusinessFactory(DjangoModelFactory[Business]):
    """An enterprise with its group, a producing farm unless told otherwise. ``name`` is its unit's.

    ``BusinessFactory(name="Exe Hub", organisation=org, sells="any")``
    """

    class Meta:
        model = Business

    class Params:
        name = make.Sequence(lambda n: f"Enterprise {n}")
        organisation = make.SubFactory(OrganisationFactory, name=make.SelfAttribute("..name"))

    unit = make.SubFactory(
        UnitFactory, name=make.SelfAttribute("..name"), organisation=make.SelfAttribute("..organisation")
    )
    group = make.LazyAttribute(lambda made: Group.objects.create(name=f"enterprise:{made.unit.public_id}"))
    kind = BusinessKind.FARM
    is_producer = True
    sells = Sells.NONE
    contact_email = make.LazyAttribute(lambda made: f"{made.unit.public_id}@enterprise.example")


def producer(name: str = "", **values: Any) -> Business:
    """A producer that sells nothing itself."""
    return BusinessFactory.create(**({"name": name} if name else {}), **values)


def hub(name: str = "", *, is_ready: bool = True, **values: Any) -> Business:
    """A hub that is no producer; ready to trade unless told otherwise."""
    values = {"kind": BusinessKind.STORE, "is_producer": False, "sells": Sells.ANY} | values
    made = BusinessFactory.create(**({"name": name} if name else {}), **values)
    return ready(made) if is_ready else made


def ready(business: Business) -> Business:
    """Give an enterprise what a hub needs: a shipping method, a payment method, a confirmed contact e-mail."""
    from tests.factories.catalogue import PaymentMethodFactory, ShippingMethodFactory  # they need enterprises

    ShippingMethodFactory.create(hub=business)
    PaymentMethodFactory.create(hub=business)
    business.contact_email = business.contact_email or f"{business.unit.public_id}@enterprise.example"
    business.contact_email_confirmed_at = clock.now()
    business.save(update_fields=["contact_email", "contact_email_confirmed_at"])
    return business


def grant(granter: Business, grantee: Business, kind: str = GrantKind.ADD_TO_ORDER_CYCLE) -> Grant:
    """``granter → grantee``, as the table holds it."""
    permission = Permission.objects.get(content_type__app_label="organisations", codename=kind)
    made: Grant = Grant.objects.create(content_object=granter, group=grantee.group, permission=permission)
    return made


def withdraw(granter: Business, grantee: Business, kind: str = GrantKind.ADD_TO_ORDER_CYCLE) -> None:
    """Take the grant out of the table."""
    Grant.objects.filter(content_object=granter, group=grantee.group, permission__codename=kind).delete()


def archive(row: Any) -> None:
    """Put a row away (the unit, of an enterprise)."""
    row = row.unit if isinstance(row, Business) else row
    row.archived_at = clock.now()
    row.save(update_fields=["archived_at"])
