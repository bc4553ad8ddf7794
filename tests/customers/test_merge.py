"""Duplicates become one: everything moves, nothing is lost, and the preview is what happens."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.usersessions.models import UserSession

from common import clock
from common.errors import Conflict, DomainError, Invalid, NotFound
from customers.domain import merge as verbs
from customers.domain import merge_mails
from customers.models import ExternalId, Invitation, Merge, Removal
from mails.models import Mail
from organisations.models import BusinessUnit, Connection, Organisation
from organisations.reads import get_organisation
from permissions.access import Access
from permissions.models import ApiKey, Membership, Role
from tests.factories import OrganisationFactory, grant
from tests.security.world import World, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    """A and B are one company; A knows CONN, B knows it too, and CONN knows both."""
    world = build()
    BusinessUnit.objects.filter(pk=world.b.farm.pk).update(name=world.a.farm.name)
    Role.objects.filter(pk=world.b.role.pk).update(name=world.a.role.name)
    Organisation.objects.filter(pk=world.b.organisation.pk).update(company_number="01234567", town="Exmouth")
    Connection.objects.create(organisation=world.b.organisation, other=world.conn.organisation, note="B's")
    Connection.objects.create(organisation=world.conn.organisation, other=world.a.organisation, note="First")
    Connection.objects.create(organisation=world.conn.organisation, other=world.b.organisation, note="Second")
    Connection.objects.create(organisation=world.a.organisation, other=world.b.organisation)
    ExternalId.objects.create(source="logistics", external_id="7", organisation=world.b.organisation)
    grant(world.b.farm.business, world.a.shop.business)
    for tenant in (world.a, world.b):
        tenant.organisation.refresh_from_db()
    return world


def merge(world: World, **choices: str) -> Merge:
    return verbs.merge(
        world.acting(), loser=world.b.organisation, winner=world.a.organisation, reason="One company", choices=choices
    )


def test_everything_moves(world: World) -> None:
    loser, winner = world.b.organisation, world.a.organisation
    before = verbs.totals(loser, winner)
    row = merge(world)
    loser.refresh_from_db()
    winner.refresh_from_db()
    assert verbs.totals(loser, winner) == verbs.totals(winner) == before
    assert (loser.merged_into, loser.is_archived, loser.company_number) == (winner, True, "")
    assert (winner.company_number, winner.town, winner.kind) == ("01234567", "Exeter", "full")
    assert (row.loser, row.winner, row.reason) == (loser, winner, "One company")
    farm = BusinessUnit.objects.get(pk=world.b.farm.pk)
    assert (farm.organisation, farm.name) == (winner, f"{world.a.farm.name} (2)")
    assert Role.objects.get(pk=world.b.role.pk).organisation == winner
    assert ApiKey.objects.get(pk=world.b.key.pk).revoked_at is not None
    assert Invitation.objects.get(pk=world.b.invitation.pk).status == "revoked"
    assert Invitation.objects.get(pk=world.a.invitation.pk).status == "pending"
    assert ExternalId.objects.get().organisation == winner
    assert {one["id"] if isinstance(one, dict) else one for one in row.moved["units"]} == {
        unit.public_id for unit in world.b.units
    }


def test_nobody_comes_to_hold_more(world: World) -> None:
    merge(world)
    access = world.access("b_owner")
    (held,) = access.held
    assert (held.organisation_id, held.all_units) == (world.a.organisation.pk, False)
    assert held.unit_ids == {unit.pk for unit in world.b.units}
    manager = world.access("b_manager").held[0]
    assert manager.unit_ids == {world.b.farm.pk}
    assert world.access("a_owner").held[0].unit_ids == {unit.pk for unit in (*world.a.units, *world.b.units)}


def test_or_all_of_it_when_staff_say_so(world: World) -> None:
    merge(world, people="whole", town="loser")
    assert world.access("b_owner").held[0].all_units
    assert Organisation.objects.get(pk=world.a.organisation.pk).town == "Exmouth"


def test_somebody_in_both(world: World) -> None:
    there = Membership.objects.get(user=world.people["both"], organisation=world.a.organisation)
    row = merge(world)
    assert list(Membership.objects.filter(user=world.people["both"])) == [there]
    assert [one["id"] for one in row.moved["memberships_given_up"]].count(world.ids["b_mem_both"]) == 1


def test_connections_without_doubles(world: World) -> None:
    merge(world)
    a, conn = world.a.organisation, world.conn.organisation
    rows = Connection.objects.exclude(other__kind="shell").order_by("pk")
    assert [(one.organisation, one.other) for one in rows] == [(a, conn), (conn, a)]
    assert [one.note for one in rows] == ["B's", "First / Second"]


def test_a_shell_becomes_the_customer_that_its_double_is(world: World) -> None:
    verbs.merge(world.acting(), loser=world.b.organisation, winner=world.shell, reason="One company", choices={})
    world.shell.refresh_from_db()
    assert (world.shell.kind, world.shell.claimed_at is not None) == ("full", True)
    assert world.access("b_owner").held[0].all_units
    with pytest.raises(NotFound):
        get_organisation(world.access("a_owner"), world.ids["shell"])


def test_shells_follow_who_keeps_them(world: World) -> None:
    verbs.merge(world.acting(), loser=world.a.organisation, winner=world.b.organisation, reason="One", choices={})
    world.shell.refresh_from_db()
    assert world.shell.created_by_organisation == world.b.organisation
    assert Connection.objects.filter(organisation=world.b.organisation, other=world.shell).exists()


def test_of_two_records_one_is_kept_by_whoever_kept_either(world: World) -> None:
    def made(by: Any = None) -> Organisation:
        record: Organisation = OrganisationFactory.create(kind="shell", created_by_organisation=by)
        return record

    def merged(loser: Organisation, winner: Organisation) -> list[str]:
        seen = verbs.preview(world.acting(), loser=loser, winner=winner, choices={})["preview"]
        verbs.merge(world.acting(), loser=loser, winner=winner, reason="One", seen=seen)
        winner.refresh_from_db()
        told = Mail.objects.filter(kind="record_merged", about=winner.public_id)
        return sorted(told.values_list("recipient", flat=True))

    bare = made()
    assert (merged(world.shell, bare), bare.created_by_organisation) == ([], world.a.organisation)
    assert get_organisation(world.access("a_owner"), world.ids["shell"]) == bare
    theirs = made(world.b.organisation)
    assert merged(bare, theirs) == ["a_owner@people.example"]
    assert theirs.created_by_organisation == world.b.organisation
    message = merge_mails.build(Mail.objects.get(kind="record_merged"))
    assert message is not None
    assert message.context == {"name": "A", "record": bare.name, "claimed": False}
    assert merged(theirs, world.conn.organisation) == ["b_owner@people.example"]
    assert merged(OrganisationFactory.create(), kept := made(world.b.organisation)) == ["b_owner@people.example"]
    assert kept.kind == "full"


def test_both_ids_lead_to_what_stays(world: World) -> None:
    merge(world)
    for persona in ("a_owner", "b_owner", "support"):
        for name in ("a_org", "b_org"):
            assert get_organisation(world.access(persona), world.ids[name]) == world.a.organisation
    with pytest.raises(NotFound):
        get_organisation(world.access("conn_owner"), world.ids["b_org"])
    # And through two merges.
    verbs.merge(world.acting(), loser=world.a.organisation, winner=world.conn.organisation, reason="Again", choices={})
    assert get_organisation(world.access("conn_owner"), world.ids["b_org"]) == world.conn.organisation


def test_the_preview_is_what_happens_and_keeps_nothing(world: World) -> None:
    told = verbs.preview(world.acting(), loser=world.b.organisation, winner=world.a.organisation, choices={})
    assert not Organisation.objects.filter(merged_into__isnull=False).exists()
    assert BusinessUnit.objects.filter(organisation=world.b.organisation).count() == 3
    assert [one["field"] for one in told["differences"]] == ["name", "town", "company_number"]
    assert told["same_unit_names"] == [world.a.farm.name]
    assert (told["people_in_both"], told["grants_between_them"]) == (["Both"], 1)
    moved = merge(world).moved
    assert {name: told[name] for name in moved} == moved


def test_a_record_with_nothing_in_it(world: World) -> None:
    empty = OrganisationFactory.create()
    told = verbs.preview(world.acting(), loser=empty, winner=world.a.organisation, choices={})
    assert told["differences"]
    assert verbs.merge(world.acting(), loser=empty, winner=world.a.organisation, reason="Typed twice").moved == {}


def test_what_cannot_be_merged(world: World) -> None:
    loser, winner = world.b.organisation, world.a.organisation

    def tried(**values: Any) -> Any:
        told: dict[str, Any] = {"loser": loser, "winner": winner, "reason": "x"}
        return verbs.merge(world.acting(), **told | values)

    for wrong in ({"winner": loser}, {"choices": {"name": "mine"}}, {"choices": {"kind": "loser"}}):
        with pytest.raises(Invalid):
            tried(**wrong)
    Removal.objects.create(organisation=loser, reason="x", due_at=clock.now())
    with pytest.raises(Conflict) as conflict:
        tried()
    assert conflict.value.code == "being_removed"
    Removal.objects.all().delete()
    tried()
    for wrong, code in (({}, "merged_already"), ({"loser": winner, "winner": loser}, "merged_already")):
        with pytest.raises(Conflict) as conflict:
            tried(**wrong)
        assert conflict.value.code == code


@pytest.mark.parametrize("persona", ["a_owner", "b_owner", "both", "support"])
def test_only_by_staff_who_act(world: World, persona: str) -> None:
    for act in (verbs.preview, verbs.merge):
        more: dict[str, Any] = {"choices": {}} if act is verbs.preview else {"reason": "x"}
        with pytest.raises(DomainError):
            act(world.access(persona), loser=world.b.organisation, winner=world.a.organisation, **more)


def test_sessions_of_its_people_end(world: World) -> None:
    clients = {persona: world.client(persona) for persona in ("b_owner", "a_owner")}
    for persona, client in clients.items():
        UserSession.objects.create(
            user=world.people[persona], session_key=client.session.session_key, ip="127.0.0.1", user_agent=""
        )
    merge(world)
    assert clients["a_owner"].get("/").status_code == 200
    assert clients["b_owner"].get("/").status_code == 302
    assert Access.for_user(world.people["b_owner"]).held
