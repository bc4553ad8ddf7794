"""Kinds of page that no story comes to: sound on a desk, and no wider than a phone.

Every page of the site is opened by ``make screens``.
"""

from __future__ import annotations

import pytest
from django.urls import reverse

from customers.models import User
from permissions.models import Membership, Role
from tests.e2e.support import MakePerson, Valley
from tests.factories import StaffFactory

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

#: A matrix, a list of people, a form of many kinds of fields, a trail, what an organisation is, and one's own page.
OF_AN_ORGANISATION = ("organisation", "people", "invite", "roles", "audit", "connections")


def test_pages_of_an_owner(network: Valley, person: MakePerson) -> None:
    user, company = network.person(network.exe), network.exe.unit.organisation
    Membership.objects.filter(user=user).update(role=Role.objects.get(organisation=None, key="owner"), all_units=True)
    olga = person(user)
    for name in OF_AN_ORGANISATION:
        olga.go(reverse(name, args=[company.public_id]))
    olga.go(reverse("particulars", args=[company.public_id, network.exe.public_id]))
    for name in ("products", "account"):
        olga.go(reverse(name))


def test_pages_of_staff(network: Valley, person: MakePerson) -> None:
    staff: User = StaffFactory.create()
    sam = person(staff)
    for name in ("admin:index", "admin:ordercycles_ordercycle_changelist", "admin:ordercycles_ordercycle_add"):
        sam.go(reverse(name))
    sam.go(f"{reverse('admin:explain_access')}?user={network.person(network.exe).public_id}")
