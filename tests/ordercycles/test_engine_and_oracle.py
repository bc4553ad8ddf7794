"""The engine and the oracle, which share no code, agree on thousands of random networks.

``NETWORKS`` of them in batches, each batch built in one transaction that is rolled back. Compared in every network:
what is seen, every decision with its code and all that is missing, the explanation of one row in ten rule by rule,
what stands and what has lapsed and why. Lists of what is allowed are asked for a third of the actions in each batch;
``who_can`` and the questions one by one, of samples.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from random import Random

import pytest
from django.db import transaction

from common import clock
from ordercycles import effective
from ordercycles.enums import Direction
from ordercycles.models import Exchange, ExchangeVariant, Fee, OrderCycle, Variant
from ordercycles.rules import targets
from organisations.models import Business
from organisations.rules import to_grant
from permissions import engine
from permissions.actions import Action
from permissions.engine import Target
from tests.oracle.build import PRESENT, Batch, build, write_pairs
from tests.oracle.compare import (
    FAMILIES,
    KINDS,
    Answers,
    Family,
    Where,
    allowed,
    engine_answers,
    oracle_answers,
    rules_of,
    seen,
    single,
    verdict_of,
)
from tests.oracle.strategies import MOST, random_world

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

NETWORKS = 2_000
SIZE = 250
#: One network of so many has up to ``MOST`` enterprises, the others three or four: questions grow faster than the
#: square of their number, and what three or four of them can be to one another is where the rules differ.
LARGE = 16
FEW = (3, 4)
#: At least one of each action.
SAMPLE = 25


@pytest.fixture(autouse=True)
def _present(db: None) -> Iterator[None]:
    """The clock shows the present of the worlds, to the second: opening and closing at this moment counts.

    What is built is rolled back here: at the end of the test Django would first check every foreign key of it.
    """
    with clock.at(PRESENT), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("first", range(0, NETWORKS, SIZE))
def test_they_agree(first: int) -> None:
    """On decisions, explanations, lists, who can, and what lapses."""
    batch = networks(range(first, first + SIZE))
    found = assert_same_answers(batch)
    assert_same_lists(batch, found, first // SIZE)
    assert_same_goods(batch)
    random = Random(first)
    assert_same_people(batch, random)
    assert_same_one_by_one(batch, found, random)


def networks(seeds: range) -> Batch:
    """The networks of some seeds, in the database."""
    batch = build([random_world(seed, most=most(seed)) for seed in seeds], seeds)
    write_pairs(batch)
    return batch


def most(seed: int) -> int:
    """How many enterprises the network of a seed has at most."""
    return FEW[seed % len(FEW)] if seed % LARGE else MOST


def assert_same_answers(batch: Batch) -> Answers:
    """Every decision and explanation of everybody; those of the engine."""
    found: Answers = {}
    for who in batch.everybody():
        found.update(engine_answers(batch, who))
    assert [(key, found[key], answer) for key, answer in oracle_answers(batch, found) if found[key] != answer] == []
    return found


def assert_same_lists(batch: Batch, found: Answers, turn: int) -> None:
    """What is listed as visible, by the oracle; and as allowed (the rules as SQL), by the decisions.

    The second for a third of the actions, another third in each batch.
    """
    may: dict[tuple[str, str], set[tuple[int, Where]]] = defaultdict(set)
    for (number, who, action, where), answer in found.items():
        if answer.verdict.allowed:
            may[who, action].add((number, where))
    actions = [(family, action) for family in FAMILIES for action in family.actions]
    for who in batch.everybody():
        for family, action in actions[turn % 3 :: 3]:
            assert allowed(batch, who, action, family) == may[who, action], (who, action)
        for family in FAMILIES:
            _assert_seen(batch, who, family)


def _assert_seen(batch: Batch, who: str, family: Family) -> None:
    expected: set[tuple[int, Where]] = set()
    for number, world in batch.numbered():
        actor = next((one for one in world.actors if batch.who(number, one) == who), None)
        if actor is not None:
            things = seen(batch.oracle(number), actor, family)
            if things is None:
                return
            expected |= {(number, where) for where in things}
    assert allowed(batch, who, family.view, family) == expected, (who, family.view)


def assert_same_goods(batch: Batch) -> None:
    """What stands (L1), what has lapsed, and every reason, in order."""
    found: dict[tuple[int, str], dict[str, tuple[str, ...]]] = defaultdict(dict)
    for direction in Direction.values:
        columns = effective.reasons_columns(direction)
        codes = [code for code, _ in effective.conditions(direction)]
        rows = ExchangeVariant.objects.filter(exchange__direction=direction)
        for exchange, variant, *truths in rows.annotate(**columns).values_list("exchange_id", "variant_id", *columns):
            why = tuple(code for code, holds in zip(codes, truths, strict=True) if not holds)
            if why:
                found[batch.places["exchange"][exchange]][batch.places["variant"][variant][1]] = why
    expected = {
        (number, exchange): lapsed
        for number, world in batch.numbered()
        for exchange in world.exchanges
        if (lapsed := batch.oracle(number).lapsed(exchange))
    }
    assert dict(found) == expected


def assert_same_people(batch: Batch, random: Random) -> None:
    """``who_can`` on samples. Staff who would need a reason are not among them, by its promise."""
    names = {user.pk: name for name, user in batch.users.items()}
    for family, action, number, where in _sample(batch, random):
        who = {names[user.pk] for user in engine.who_can(action, single(batch, family, number, where))}
        can = batch.oracle(number).who_can(str(action), **dict(where))
        assert who == {batch.who(number, actor) for actor in can} - {"acting"}, (number, action, where)


def _sample(batch: Batch, random: Random) -> Iterator[tuple[Family, Action, int, Where]]:
    from tests.oracle.targets import targets as of

    actions = [(family, action) for family in FAMILIES for action in family.actions]
    for turn in range(SAMPLE):
        family, action = actions[turn % len(actions)]
        number = random.randrange(len(batch.worlds))
        there = of(batch.worlds[number], str(action))
        if there:
            target = random.choice(there)
            yield family, action, number, tuple((slot, target[slot]) for slot in family.where)


def assert_same_one_by_one(batch: Batch, found: Answers, random: Random) -> None:
    """``decide``, ``explain``, ``decide_each`` and the goods of one exchange, asked as the product asks them."""
    for _, action, number, where in _sample(batch, random):
        target = as_the_product_asks(batch, action, number, dict(where))
        for actor in batch.worlds[number].actors:
            who = batch.who(number, actor)
            access, expected = batch.access(who), found[number, who, str(action), where]
            explanation = engine.explain(access, action, target)
            direction = batch.direction(number, dict(where))
            assert verdict_of(engine.decide(access, action, target)) == expected.verdict
            assert verdict_of(explanation.decision) == expected.verdict
            assert rules_of(explanation, action, direction) == tuple(
                batch.oracle(number).explain(actor, str(action), **dict(where))
            )
    for _ in range(SAMPLE // 4):
        _assert_one_exchange(batch, random)


def as_the_product_asks(batch: Batch, action: Action, number: int, where: dict[str, str]) -> Target:
    """The target of one question, made by the helpers that verbs and pages use."""
    keys = {slot: batch.key(KINDS.get(slot, slot), number, thing) for slot, thing in where.items()}
    if "exchange" in keys:
        exchange = Exchange.objects.select_related("cycle").get(pk=keys["exchange"])
        if "variant" in keys:
            return targets.variants_in(exchange, Variant.objects.filter(pk=keys["variant"]))
        if "fee" in keys:
            return targets.fees_on(exchange, Fee.objects.filter(pk=keys["fee"]))
        return targets.exchange(exchange)
    if "granter" in keys and action in {Action.GRANT_GIVE, Action.GRANT_REQUEST, Action.GRANT_VIEW}:
        granter, grantee = (Business.objects.get(pk=keys[side]) for side in ("granter", "grantee"))
        return to_grant(granter, grantee)
    if "cycle" in keys and len(keys) > 1:
        cycle = OrderCycle.objects.get(pk=keys["cycle"])
        if "fee" in keys:
            return targets.fees_of_cycle(cycle, Fee.objects.filter(pk=keys["fee"]))
        return targets.candidates(cycle, Business.objects.filter(pk=keys["enterprise"]))
    family = next(one for one in FAMILIES if action in {*one.actions, one.view} and one.where == tuple(where))
    return single(batch, family, number, tuple(where.items()))


def _assert_one_exchange(batch: Batch, random: Random) -> None:
    number = random.randrange(len(batch.worlds))
    world = batch.worlds[number]
    if not world.exchanges:
        return
    name = random.choice(sorted(world.exchanges))
    exchange = Exchange.objects.select_related("cycle").get(pk=batch.key("exchange", number, name))
    oracle = batch.oracle(number)
    ids = {key: thing for key, (of, thing) in batch.places["variant"].items() if of == number}
    assert {ids[key]: why for key, why in effective.lapsed(exchange).items()} == oracle.lapsed(name)
    assert {ids[row.variant_id] for row in effective.effective(exchange)} == oracle.effective(name)
    target = targets.variants_in(exchange, targets.variants(ids))
    for actor in world.actors:
        access = batch.access(batch.who(number, actor))
        decisions = engine.decide_each(access, Action.EXCHANGE_VARIANT_ADD, target)
        assert {ids[key]: verdict_of(one) for key, one in decisions.items()} == {
            variant: oracle.decide(actor, "exchange_variant:add", exchange=name, variant=variant)
            for variant in world.variants
        }
        listed = engine.allowed(access, Action.EXCHANGE_VARIANT_VIEW, target)
        assert {ids[row.pk] for row in listed} == oracle.visible_variants(actor, name)
