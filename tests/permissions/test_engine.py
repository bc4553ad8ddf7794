"""The engine's own promises, beside what the rules are: who asks, what is asked, and how it is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from common.errors import NotFound
from ordercycles.models import Exchange, OrderCycle, Variant
from ordercycles.rules import targets
from ordercycles.rules.policies import OWN_GOODS, VARIANT_VIEW
from organisations.models import Business
from organisations.rules import active, to_grant
from permissions import engine, grants
from permissions.access import Access
from permissions.actions import Action, Permission
from permissions.decisions import Decision, Refusal
from permissions.enforce import require, still_allowed
from permissions.engine import Target
from permissions.grants import Granted, GrantedToHers, RelatedByGrant
from permissions.models import ApiKey, Grant
from permissions.rules import (
    ALWAYS,
    NEVER,
    AllOf,
    AnyOf,
    Facts,
    HoldsOver,
    IsHerself,
    Manages,
    Not,
    Same,
    Scope,
    SlotIs,
    as_iso,
    same_q,
)
from tests.factories import (
    CycleFactory,
    ExchangeFactory,
    StaffFactory,
    UserFactory,
    VariantFactory,
    access,
    grant,
    hub,
    manager_of,
    producer,
    withdraw,
)

NOBODY = Facts(Access.none(), {}, {"producer": 1, "enterprise": 2}, {1: "Ash", 2: "Exe"})


def test_an_action_has_one_policy() -> None:
    with pytest.raises(ValueError, match="exchange_variant:view has a policy already"):
        engine.register(VARIANT_VIEW)


def test_an_action_without_a_policy_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(engine._policies, Action.FEE_EDIT)
    with pytest.raises(LookupError, match="fee:edit has no policy"):
        engine.policy_of(Action.FEE_EDIT)


def test_every_action_has_a_policy() -> None:
    assert [policy.action for policy in engine.policies()] == sorted(Action)
    assert engine.has_policy(OrderCycle)
    assert not engine.has_policy(ApiKey.units.through)


@pytest.mark.django_db
class TestQuestions:
    def test_nobody_sees_and_may_nothing(self) -> None:
        exchange = ExchangeFactory.create()
        for queryset in (OrderCycle.objects.all(), Exchange.objects.all(), Variant.objects.all()):
            assert list(engine.visible(Access.none(), queryset)) == []
            assert list(engine.editable(Access.none(), queryset)) == []
        assert not engine.decide(Access.none(), Action.EXCHANGE_VIEW, targets.exchange(exchange)).visible

    def test_what_is_listed_as_editable(self) -> None:
        cycle, other = CycleFactory.create(), CycleFactory.create()
        coordinator = access(cycle.coordinator)
        assert list(engine.editable(coordinator, OrderCycle.objects.all())) == [cycle]
        assert other.pk

    def test_of_what_is_not_there(self) -> None:
        nothing = Target(OrderCycle.objects.none(), targets.CYCLE)
        somebody = access(hub("Exe"))
        explanation = engine.explain(somebody, Action.ORDER_CYCLE_EDIT, nothing)
        assert (explanation.decision.code, explanation.rules, explanation.general) == ("X2", (), ())
        assert engine.decide(somebody, Action.ORDER_CYCLE_EDIT, nothing).refusal is Refusal.NOT_VISIBLE
        assert list(engine.who_can(Action.ORDER_CYCLE_EDIT, nothing)) == []
        assert engine.decide_each(somebody, Action.ORDER_CYCLE_EDIT, nothing) == {}

    def test_who_can_names_active_people_and_staff_only_where_they_need_no_reason(self) -> None:
        cycle = CycleFactory.create()
        boss, gone = manager_of(cycle.coordinator), manager_of(cycle.coordinator)
        gone.is_active = False
        gone.save()
        staff = StaffFactory.create()
        assert list(engine.who_can(Action.ORDER_CYCLE_EDIT, targets.cycle(cycle))) == [boss]
        assert list(engine.who_can(Action.ORDER_CYCLE_VIEW, targets.cycle(cycle))) == [boss, staff]

    def test_an_inactive_or_anonymous_user_is_nobody(self) -> None:
        user = UserFactory.create(is_active=False)
        assert Access.for_user(user) == Access.none()

    def test_the_second_look_after_a_write(self) -> None:
        ash, exe = producer("Ash"), hub("Exe")
        grant(ash, exe)
        cycle = CycleFactory.create(coordinator=exe)
        exchange = ExchangeFactory.create(cycle=cycle, enterprise=ash)
        milk = VariantFactory.create(of=ash)
        target = targets.variants_in(exchange, Variant.objects.filter(pk=milk.pk))
        still_allowed(access(exe), Action.EXCHANGE_VARIANT_ADD, target, 1)
        withdraw(ash, exe)
        with pytest.raises(Exception, match="changed while it was being saved") as refused:
            still_allowed(access(exe), Action.EXCHANGE_VARIANT_ADD, target, 1)
        assert refused.value.decision.code == "L2"  # type: ignore[attr-defined]

    def test_the_decision_that_allows_is_given_back(self) -> None:
        cycle = CycleFactory.create()
        decision = require(access(cycle.coordinator), Action.ORDER_CYCLE_EDIT, targets.cycle(cycle))
        assert (decision.code, decision.missing, decision.remedies) == ("C2", (), ())
        assert "You manage" in decision.findings[0].sentence
        assert decision.as_dict()["refusal"] is None


@pytest.mark.django_db
class TestWords:
    """What a refusal rests on, and what would change it, depends on who asks."""

    def test_when_a_grant_was_given(self) -> None:
        ash, exe = producer("Ash"), hub("Exe")
        given = grant(ash, exe)
        Grant.objects.filter(pk=given.pk).update(given_at=datetime(2026, 3, 1, 8, tzinfo=UTC))
        cycle = CycleFactory.create(coordinator=exe)
        decision = engine.decide(access(exe), Action.EXCHANGE_ADD_INCOMING, targets.candidate(cycle, ash))
        told = [
            (one.sentence, one.since[:10]) for one in decision.findings if one.key == "grant:enterprise>coordinator"
        ]
        assert told == [("Ash granted Exe on 1 March 2026.", "2026-03-01")]

    def test_an_enterprise_needs_no_grant_to_itself(self) -> None:
        exe = hub("Exe", is_producer=True)
        cycle = CycleFactory.create(coordinator=exe)
        decision = engine.decide(access(exe), Action.EXCHANGE_ADD_INCOMING, targets.candidate(cycle, exe))
        assert decision
        assert "Exe needs no grant to itself." in [one.sentence for one in decision.findings]

    @pytest.mark.parametrize(
        ("whose", "remedy"),
        [
            ("ash", "You manage Ash: give Exe the grant under Grants."),
            ("exe", "Ask Ash for the grant under Grants."),
            ("", "Exe can ask Ash for the grant."),
        ],
    )
    def test_what_to_do_about_a_missing_grant(self, whose: str, remedy: str) -> None:
        ash, exe = producer("Ash"), hub("Exe")
        withdrawn = Granted("producer", "enterprise")
        asks = {"ash": access(ash), "exe": access(exe), "": Access.none()}[whose]
        facts = Facts(
            asks, {withdrawn: False}, {"producer": ash.pk, "enterprise": exe.pk}, {ash.pk: "Ash", exe.pk: "Exe"}
        )
        assert withdrawn.remedy(facts) == remedy
        assert withdrawn.sentence(facts, False) == "Ash has not granted Exe."

    def test_a_role_that_is_too_small_names_it(self) -> None:
        cycle = CycleFactory.create()
        decision = engine.decide(
            access(cycle.coordinator, role="viewer"), Action.ORDER_CYCLE_EDIT, targets.cycle(cycle)
        )
        name = cycle.coordinator.name
        assert decision.reason == f"You do not manage {name} with the permission to coordinate order cycles."
        assert decision.why.endswith(f"Ask an account owner of {name} for a role that may coordinate order cycles.")

    def test_grants_as_pairs_and_to_hers(self) -> None:
        ash, exe, town = producer("Ash"), hub("Exe"), hub("Town")
        grant(ash, exe)
        assert list(grants.pairs([ash.pk], [exe.pk, town.pk])) == [(ash.pk, exe.pk)]
        assert grants.granters_among([ash.pk], {exe.group_id: exe.pk}) == {exe.pk: {ash.pk}}
        assert grants.pairs([], []) == {}
        hers = GrantedToHers("producer", Permission.COORDINATE)
        facts = NOBODY._replace(truth={hers: True})
        assert hers.sentence(facts, True) == "Ash lets an enterprise that you manage add it to order cycles."
        assert hers.sentence(facts, False) == "Ash lets no enterprise that you manage add it to order cycles."

    def test_grants_by_grantee(self) -> None:
        ash, exe = producer("Ash"), hub("Exe")
        grant(ash, exe)
        assert grants.granters_by_grantee(Business.objects.filter(pk=exe.pk)) == {exe.pk: [ash.pk]}
        assert RelatedByGrant("enterprise").key == "grant:enterprise<>hers"
        assert grants.Granted("producer", "enterprise").key == "grant:producer>enterprise"

    def test_a_decision_from_facts_gathered_by_hand(self) -> None:
        """As the lanes of a cycle are: a truth of one's own, not one that was fetched."""
        exe = hub("Exe")
        cycle = CycleFactory.create(coordinator=exe)
        (facts,) = engine.facts_for(access(exe), (Action.ORDER_CYCLE_EDIT,), targets.cycle(cycle)).values()
        by_hand = facts._replace(truth=dict(facts.truth))
        assert engine.judge(Action.ORDER_CYCLE_EDIT, by_hand).code == "C2"

    def test_only_staff_act_and_only_with_a_reason(self) -> None:
        staff = Access.for_user(StaffFactory.create())
        assert staff.acting(" Asked ").acting_reason == "Asked"
        for who, reason in ((staff, "  "), (access(hub("Exe")), "Asked")):
            with pytest.raises(NotFound):
                who.acting(reason)

    def test_a_grant_that_may_exist(self) -> None:
        ash, exe = producer("Ash"), hub("Exe")
        assert engine.decide(access(ash), Action.GRANT_GIVE, to_grant(ash, exe)).code == "G1"


class TestConditions:
    """Conditions by themselves: as SQL, from facts, in words."""

    GOODS = Scope({"producer": "producer_id"}, {"enterprise": 2})
    BOTH = Scope({"producer": "producer_id", "enterprise": "enterprise_id"})

    def test_two_slots_hold_the_same(self) -> None:
        assert same_q(Scope({}, {"a": 1, "b": 1}), "a", "b") is ALWAYS
        assert same_q(Scope({}, {"a": 1, "b": 2}), "a", "b") is NEVER
        assert str(same_q(self.GOODS, "producer", "enterprise")) == "(AND: ('producer_id', 2))"
        assert str(same_q(self.GOODS, "enterprise", "producer")) == "(AND: ('producer_id', 2))"
        assert str(same_q(self.BOTH, "producer", "enterprise")) == "(AND: ('producer_id', F(enterprise_id)))"
        assert OWN_GOODS.sentence(NOBODY, False) == "It is not a product of Exe."

    def test_a_scope_knows_its_slots(self) -> None:
        assert self.GOODS.has("producer")
        assert self.GOODS.has("enterprise")
        assert not self.GOODS.has("hub")
        assert self.BOTH.within({"enterprise": 3}) == Scope({"producer": "producer_id"}, {"enterprise": 3})

    def test_all_any_and_not_in_words(self) -> None:
        same, other = Same("producer", "enterprise", ("Same.", "Not the same.")), Same("a", "b", ("So.", "Not so."))
        facts = NOBODY._replace(truth={same: True, other: False})
        both, either = AllOf((same, other)), AnyOf((same, other))
        assert (both.holds(facts), either.holds(facts), Not(same).holds(facts)) == (False, True, False)
        assert both.sentence(facts, False) == "Not so."
        assert either.sentence(facts, True) == "Same."
        assert AnyOf((other, other)).sentence(facts, False) == "Not so. Not so."
        assert Not(same).sentence(facts, False) == "Same."
        assert Not(same, ("Apart.", "Together.")).sentence(facts, False) == "Together."
        assert (both.key, either.key) == ("same:producer=enterprise&same:a=b", "same:producer=enterprise|same:a=b")
        assert (IsHerself().key, HoldsOver(Permission.VIEW).key) == ("self:user", "holds:organisation:view")
        assert Not(same).key == "not:same:producer=enterprise"
        assert (both.remedy(facts), either.remedy(facts)) == ("", "")

    def test_leaves_that_need_no_database(self) -> None:
        user = Access.make(user_id=7, actor="usr", name="Ada")
        assert SlotIs("direction", "incoming").told(user, {"direction": "incoming"})
        assert IsHerself().told(user, {"user": 7})
        assert not IsHerself().told(Access.none(), {"user": None})
        assert not HoldsOver(Permission.VIEW).told(user, {"organisation": 1})
        assert not Manages("producer", Permission.VIEW).told(user, {"producer": 1})
        with pytest.raises(TypeError, match="is asked of the database"):
            active("producer").told(user, {})
        assert (IsHerself().sentence(NOBODY, True), IsHerself().sentence(NOBODY, False)) == (
            "It is you.",
            "It is somebody else.",
        )
        assert HoldsOver(Permission.VIEW).sentence(NOBODY, False).startswith("You may not see everything")
        assert HoldsOver(Permission.VIEW).remedy(NOBODY) == "Ask an account owner of the organisation."

    def test_as_text(self) -> None:
        assert (as_iso(None), as_iso(datetime(2026, 3, 1, tzinfo=UTC))) == ("", "2026-03-01T00:00:00+00:00")
        assert repr(Decision(False, Action.FEE_EDIT, "C11", "No.")) == "<Decision fee:edit refused by C11>"
        assert Business._meta.model_name == "business"
