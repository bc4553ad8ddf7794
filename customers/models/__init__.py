"""The tables of customers and people."""

from customers.models.acting import Impersonation
from customers.models.invitations import Invitation, OwnershipTransfer
from customers.models.lifecycle import Export, Forgotten, ImportBatch, Merge, Removal
from customers.models.signup import AccessRequest, ExternalId, PendingSignUp, SignUpMode
from customers.models.user import StaffUser, User

__all__ = [
    "AccessRequest",
    "Export",
    "ExternalId",
    "Forgotten",
    "Impersonation",
    "ImportBatch",
    "Invitation",
    "Merge",
    "OwnershipTransfer",
    "PendingSignUp",
    "Removal",
    "SignUpMode",
    "StaffUser",
    "User",
]
