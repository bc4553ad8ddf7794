"""Things for tests, made straight from the models; whatever is not said is plausible and valid."""

from tests.factories.catalogue import (
    FeeFactory,
    PaymentMethodFactory,
    ProductFactory,
    ShippingMethodFactory,
    VariantFactory,
)
from tests.factories.cycles import CycleFactory, ExchangeFactory, carry, charge
from tests.factories.enterprises import (
    BusinessFactory,
    OrganisationFactory,
    UnitFactory,
    archive,
    grant,
    hub,
    producer,
    ready,
    withdraw,
)
from tests.factories.people import PASSWORD, MembershipFactory, StaffFactory, UserFactory, access, manager_of

__all__ = [
    "PASSWORD",
    "BusinessFactory",
    "CycleFactory",
    "ExchangeFactory",
    "FeeFactory",
    "MembershipFactory",
    "OrganisationFactory",
    "PaymentMethodFactory",
    "ProductFactory",
    "ShippingMethodFactory",
    "StaffFactory",
    "UnitFactory",
    "UserFactory",
    "VariantFactory",
    "access",
    "archive",
    "carry",
    "charge",
    "grant",
    "hub",
    "manager_of",
    "producer",
    "ready",
    "withdraw",
]
