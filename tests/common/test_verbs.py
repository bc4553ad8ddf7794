"""The shape of a verb."""

from __future__ import annotations

import pghistory
import pytest

from common.verbs import first, verb
from customers.models import User
from permissions.access import Access
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@verb
def _inner(actor: Access, *, user: User, name: str) -> User:
    user.name = name
    user.save(update_fields=["name"])
    return user


@verb
def _outer(actor: Access, *, user: User) -> User:
    _inner(Access(actor="usr_other", name="Other"), user=user, name="Outer")
    return user


def _told(user: User) -> list[tuple[str, str]]:
    events = pghistory.models.Events.objects.tracks(user)  # type: ignore[no-untyped-call]
    return [
        (event.pgh_context["verb"], event.pgh_context["actor"])
        for event in events.order_by("pgh_created_at", "pgh_id")
        if event.pgh_context
    ]


def test_a_verb_within_a_verb_is_a_part_of_it() -> None:
    user = UserFactory.create()
    actor = Access(actor="usr_sam", name="Sam")
    _outer(actor, user=user)
    assert _told(user) == [("tests._outer", "usr_sam")]
    _inner(actor, user=user, name="Inner")
    assert _told(user) == [("tests._outer", "usr_sam"), ("tests._inner", "usr_sam")]


def test_what_comes_first_stays_when_the_verb_refuses() -> None:
    user = UserFactory.create(name="Sam")

    def count(actor: Access, *, user: User) -> None:
        user.name = "Counted"
        user.save(update_fields=["name"])

    @first(count)
    @verb
    def fails(actor: Access, *, user: User) -> None:
        user.name = "Written"
        user.save(update_fields=["name"])
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fails(Access.none(), user=user)
    user.refresh_from_db()
    assert user.name == "Counted"


def test_what_went_wrong_leaves_nothing_behind() -> None:
    @verb
    def fails(actor: Access) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fails(Access.none())
    user = UserFactory.create()
    _inner(Access(actor="usr_sam", name="Sam"), user=user, name="Again")
    assert _told(user) == [("tests._inner", "usr_sam")]
