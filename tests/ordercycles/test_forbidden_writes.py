"""What the oracle forbids is refused at every door, with the code of its rule, and nothing is written.

The actions are taken from random networks: of every action, for every code with which it is refused, some.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from common import clock
from ordercycles.models import OrderCycle
from ordercycles.rules import targets
from organisations.models import Business
from permissions import engine
from permissions.access import Access
from permissions.actions import Action, Permission
from permissions.models import ApiKey, Membership, Role
from tests.api.client import Api
from tests.factories import UserFactory, manager_of
from tests.oracle.build import PRESENT, Batch, analyze, build
from tests.oracle.compare import KINDS
from tests.oracle.drive import ADMIN_ACTIONS, Door, Things, admin, api, pages, verbs
from tests.oracle.snapshot import snapshot
from tests.oracle.strategies import random_world
from tests.oracle.targets import questions
from tests.worlds import kept

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

NETWORKS = 60
#: Where enterprises are looked up first.
CHOSEN = {"order_cycle:create", "grant:give", "grant:request"}

Case = tuple[int, str, str, dict[str, str], str]
"""Number of the world, actor, action, target, and the code it is refused with."""


@pytest.fixture(autouse=True)
def _present() -> Iterator[None]:
    with clock.at(PRESENT):
        yield


def _networks() -> Batch:
    seeds = range(10_000, 10_000 + NETWORKS)
    made = build([random_world(seed) for seed in seeds], seeds)
    analyze()
    return made


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[Batch]:
    with kept(django_db_blocker, _networks) as batch:
        yield batch


@pytest.fixture
def batch(made: Batch, db: None) -> Batch:
    """Nothing is written to it, as these tests show: one serves all."""
    return made


@pytest.fixture(scope="module")
def refused(made: Batch) -> list[Case]:
    """All that the oracle forbids: it is asked once for all doors."""
    found = []
    for number, world in made.numbered():
        oracle = made.oracle(number)
        for actor, action, target in questions(world):
            verdict = oracle.decide(actor, action, **target)
            if not verdict.allowed and action != "order_cycle:set_coordinator":
                found.append((number, actor, action, target, verdict.code))
    return found


def forbidden(batch: Batch, refused: list[Case], each: int, fits: Callable[[str, str], bool]) -> list[Case]:
    """Some of what is forbidden: ``each`` of every action and code. ``fits``: by who asks, and the action."""
    by_code: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in refused:
        number, actor, action, _, code = case
        if fits(batch.who(number, actor), action):
            by_code[action, code].append(case)
    random = Random(NETWORKS)
    return [case for cases in by_code.values() for case in random.sample(cases, min(each, len(cases)))]


def things(batch: Batch, number: int, target: dict[str, str]) -> Things:
    return Things.of({slot: batch.key(KINDS.get(slot, slot), number, thing) for slot, thing in target.items()})


def drive(
    batch: Batch, cases: Iterable[Case], door_of: Callable[[str], Door], expected: Callable[[Case], set[str]]
) -> int:
    """Send every case through a door; nothing may come of it. How many."""
    doors: dict[str, Door] = {}
    before = snapshot()
    wrong, count = [], 0
    for case in cases:
        number, actor, action, target, _ = case
        who = batch.who(number, actor)
        door = doors.get(who) or doors.setdefault(who, door_of(who))
        # What was signed in for is no write.
        answered = door(action, things(batch, number, target))
        count += 1
        if answered not in expected(case):
            wrong.append((case, answered))
    assert wrong == []
    assert snapshot() == before
    return count


def by_code(case: Case) -> set[str]:
    return {case[4]}


def covered(cases: Iterable[Case]) -> tuple[int, int]:
    """With how many codes in all, and with how many by action, they are refused."""
    return len({code for *_, code in cases}), len({(action, code) for _, _, action, _, code in cases})


def test_verbs(batch: Batch, refused: list[Case]) -> None:
    cases = forbidden(batch, refused, 2, lambda who, action: True)
    assert covered(cases) == (30, 131)
    assert drive(batch, cases, lambda who: verbs(batch.access(who)), by_code) > 200


def as_found(batch: Batch, case: Case) -> str:
    """The code, where the door looks enterprises up first: the parties of a grant are found by E1 to E3."""
    number, actor, action, target, code = case
    oracle = batch.oracle(number)
    sides = [target[side] for side in ("granter", "grantee", "enterprise") if side in target and "cycle" not in target]
    hidden = action in CHOSEN and not all(oracle.why_known(actor, side) for side in sides)
    return "X2" if hidden else code


def test_api(batch: Batch, refused: list[Case]) -> None:
    def expected(case: Case) -> set[str]:
        number, actor, action, target, _ = case
        if action in {"grant:withdraw", "grant:give_up"}:
            # One address ends a grant from either side.
            oracle = batch.oracle(number)
            sides = [oracle.decide(actor, one, **target) for one in ("grant:withdraw", "grant:give_up")]
            return {one.code for one in sides} if not any(one.allowed for one in sides) else {""}
        return {as_found(batch, case)}

    callers = {who: Api(user) for who, user in batch.users.items()}
    cases = [one for one in forbidden(batch, refused, 1, lambda who, action: who != "acting") if expected(one) != {""}]
    assert covered(cases) == (29, 129)
    drive(batch, cases, lambda who: api(callers[who]), expected)


def test_api_by_key(batch: Batch, refused: list[Case]) -> None:
    """As a program with a key that stands for the one membership of an actor in a world: forbidden to it likewise."""

    def alone(number: int, actor: str) -> Any:
        memberships = batch.worlds[number].actors[actor].memberships
        return next(iter(memberships)) if len(memberships) == 1 else None

    cases = [
        one
        for one in forbidden(batch, refused, 1, lambda who, action: who not in {"acting", "staff"})
        if alone(one[0], one[1]) is not None and one[2] not in {"grant:withdraw", "grant:give_up"}
    ]
    secrets = keys(batch, {(number, actor): alone(number, actor) for number, actor, *_ in cases})
    before = snapshot()
    wrong = []
    for case in cases:
        number, actor, action, target, _ = case
        answered = api(Api(key=secrets[number, actor]))(action, things(batch, number, target))
        if answered != as_found(batch, case):
            wrong.append((case, answered))
    assert wrong == []
    assert snapshot() == before
    assert len(cases) > 40


def keys(batch: Batch, wanted: dict[tuple[int, str], Any]) -> dict[tuple[int, str], str]:
    """A key for each membership, made by an owner who may everything; by number of the world and actor."""
    maker = UserFactory.create()
    owner = Role.objects.get(organisation=None, key="owner")
    organisations = {batch.key("organisation", number, one.org) for (number, _), one in wanted.items()}
    Membership.objects.bulk_create(
        Membership(user=maker, organisation_id=key, role=owner, all_units=True) for key in organisations
    )
    found = {}
    for (number, actor), one in wanted.items():
        secret = f"{number:08}{actor:0>32}"
        row = ApiKey.objects.create(
            organisation_id=batch.key("organisation", number, one.org),
            name=f"{actor} of {number}",
            secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
            role=Role.objects.get(name=one.role, organisation__name__startswith="The house"),
            all_units=False,
            scopes=sorted(str(permission) for permission in Permission),
            created_by=maker,
            # So that its use is not written down.
            last_used_at=PRESENT,
        )
        row.units.set([batch.key("enterprise", number, each) for each in sorted(one.enterprises)])
        found[number, actor] = f"hct_{row.public_id.removeprefix('key_')}_{secret}"
    return found


def test_pages(batch: Batch, refused: list[Case]) -> None:
    callers = {who: Client() for who in batch.users}
    for who, caller in callers.items():
        caller.force_login(batch.users[who])
    cases = forbidden(batch, refused, 1, lambda who, action: who != "acting")
    assert covered(cases) == (30, 131)
    drive(batch, cases, lambda who: pages(callers[who]), lambda case: {as_found(batch, case)})


def test_admin(batch: Batch, refused: list[Case]) -> None:
    desk = Client()
    desk.force_login(batch.users["staff"])
    cases = forbidden(batch, refused, 2, lambda who, action: who == "acting" and action in ADMIN_ACTIONS)
    assert covered(cases) == (12, 31)
    assert drive(batch, cases, lambda who: admin(desk), by_code) > 50


def test_the_coordinator_of_a_cycle_is_changed_by_no_door(batch: Batch) -> None:
    """C3: not by its own manager, not by staff, not past the verbs."""
    cycle = OrderCycle.objects.select_related("coordinator__unit").first()
    other = Business.objects.exclude(pk=cycle.coordinator_id).select_related("unit").first() if cycle else None
    assert cycle is not None
    assert other is not None
    owner = manager_of(cycle.coordinator, role="owner")
    decision = engine.decide(Access.for_user(owner), Action.ORDER_CYCLE_SET_COORDINATOR, targets.cycle(cycle))
    assert (decision.allowed, decision.code) == (False, "C3")
    version = cycle.version
    change = {"coordinator": other.public_id}
    answer = Api(owner).patch(f"order-cycles/{cycle.public_id}/", change, if_match=f'"{version}"')
    assert (answer.status_code, answer.json()["rule"]) == (403, "C3")
    browser = Client()
    browser.force_login(owner)
    page = browser.post(reverse("cycle", args=[cycle.public_id]), {**change, "version": version, "name": "Renamed"})
    assert (page.status_code, "Rule C3" in page.content.decode()) == (403, True)
    desk = Client()
    desk.force_login(batch.users["staff"])
    form = {"reason": "It was asked", "seen": version, "name": cycle.name, "coordinator": other.pk}
    answer = desk.post(reverse("admin:ordercycles_ordercycle_change", args=[cycle.pk]), form)
    assert "C3: " in str(answer.context["adminform"].form.errors)
    with pytest.raises(ProgrammingError, match="Cannot update rows"), transaction.atomic():
        OrderCycle.objects.filter(pk=cycle.pk).update(coordinator=other)
    cycle.refresh_from_db()
    assert (cycle.coordinator_id != other.pk, cycle.version) == (True, version)
