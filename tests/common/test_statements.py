"""Queries that are turned into SQL once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.test.utils import CaptureQueriesContext

from common import clock
from common.statements import Place, PlaceOfKeys, Statement
from permissions.models import Membership
from tests.factories import hub, manager_of, producer

pytestmark = pytest.mark.django_db


def test_rows_hold_what_is_put_in() -> None:
    exe, ash = hub("Exe Hub"), producer("Ashclyst Dairy")
    names = Statement(
        lambda: type(exe.unit).objects.filter(pk=PlaceOfKeys("keys"), created_at__lt=Place("now")).values_list("name")
    )
    later = clock.now() + timedelta(hours=1)
    assert names.rows(keys=[exe.unit.pk], now=later) == [("Exe Hub",)]
    assert names.rows(keys=[ash.unit.pk], now=later) == [("Ashclyst Dairy",)]
    assert names.rows(keys=[ash.unit.pk], now=later - timedelta(days=1)) == []
    assert names.rows(keys=[], now=later) == []


def test_instances_are_what_the_query_would_give() -> None:
    people = [manager_of(hub("Exe Hub")), manager_of(hub("Deane Hub"), role="viewer")]

    def query(user: Any) -> QuerySet[Membership]:
        living = Membership.objects.filter(pk=OuterRef("pk"), is_active=True)
        return Membership.objects.filter(user_id=user).select_related("user", "role").annotate(living=Exists(living))

    kept = Statement(lambda: query(Place("user")))
    for person in people:
        (found,), (expected,) = kept.instances(user=person.pk), query(person.pk)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert vars(found.user) | {"_state": None} == vars(expected.user) | {"_state": None}
            assert found.role.permissions == expected.role.permissions
            assert (found, found.pk, found.living, found._state.db) == (expected, expected.pk, True, "default")
        assert len(asked) == 0


def test_what_is_not_put_in_is_told() -> None:
    kept = Statement(lambda: Membership.objects.filter(user_id=Place("user")))
    with pytest.raises(KeyError, match="user"):
        kept.instances()
