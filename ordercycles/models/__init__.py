"""The tables of order cycles."""

from ordercycles.models.catalogue import Product, Variant
from ordercycles.models.cycle import CycleFee, OrderCycle
from ordercycles.models.exchange import Exchange, ExchangeFee, ExchangeVariant
from ordercycles.models.fees import Fee
from ordercycles.models.methods import PaymentMethod, ShippingMethod
from ordercycles.models.notices import Notice
from ordercycles.models.offers import RecordedOffer

__all__ = [
    "CycleFee",
    "Exchange",
    "ExchangeFee",
    "ExchangeVariant",
    "Fee",
    "Notice",
    "OrderCycle",
    "PaymentMethod",
    "Product",
    "RecordedOffer",
    "ShippingMethod",
    "Variant",
]
