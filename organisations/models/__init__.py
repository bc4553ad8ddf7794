"""The tables of organisations."""

from organisations.models.business import Business
from organisations.models.connection import Connection
from organisations.models.organisation import Organisation
from organisations.models.unit import BusinessUnit

__all__ = ["Business", "BusinessUnit", "Connection", "Organisation"]
