"""Attacks on the end of things: what an erased person or a purged customer leaves, and what it must not touch."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client

from common import clock
from common.errors import Conflict
from customers.domain import companies, erasure, removal, users
from customers.domain.imports.batches import Reading, check_import
from customers.enums import ImportKind, InvitationStatus, RemovalStatus
from customers.models import AccessRequest, Export, ExternalId, ImportBatch, Invitation, PendingSignUp, Removal, User
from mails.models import Mail
from ordercycles.enums import CycleState, Direction
from ordercycles.models import Exchange, Notice, OrderCycle, Product, RecordedOffer
from organisations.domain import organisations
from organisations.models import BusinessUnit, Connection, Organisation
from permissions import trail
from permissions.decisions import Refused
from permissions.models import ApiKey, Membership
from tests.factories import (
    PASSWORD,
    BusinessFactory,
    CycleFactory,
    ExchangeFactory,
    FeeFactory,
    MembershipFactory,
    OrganisationFactory,
    UserFactory,
    VariantFactory,
    grant,
)
from tests.security.world import World

pytestmark = pytest.mark.django_db


def places_of(*texts: str) -> list[str]:
    """Every table and column of the database in which one of the texts stands, whatever its case."""
    by_table: dict[str, list[str]] = {}
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables "
            "USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE' "
            "AND (data_type IN ('text', 'character varying', 'json', 'jsonb', 'ARRAY') OR data_type = 'bytea')"
        )
        for table, column in cursor.fetchall():
            by_table.setdefault(table, []).append(column)
        for table, columns in by_table.items():
            looked_for = [(column, text) for column in columns for text in texts]
            conditions = [
                f'coalesce(bool_or(strpos(lower("{column}"::text), lower(%s)) > 0), false)' for column, _ in looked_for
            ]
            cursor.execute(f'SELECT {", ".join(conditions)} FROM "{table}"', [text for _, text in looked_for])
            there = cursor.fetchone()
            found += [
                f"{table}.{column}: {text}"
                for (column, text), is_there in zip(looked_for, there, strict=True)
                if is_there
            ]
    return sorted(found)


def rows_of(*labels: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of some models, as it stands."""
    return {label: list(apps.get_model(label)._default_manager.order_by("pk").values()) for label in labels}


# --- 85: a person ------------------------------------------------------------------------------------------------


@pytest.fixture
def jo(world: World) -> User:
    """Somebody of A who left her name and address wherever people can."""
    email, name = "jo.quinn@farm.example", "Jo Quinn-Abara"
    user: User = UserFactory.create(email=email, name=name)
    organisation = world.a.organisation
    MembershipFactory.create(user=user, organisation=organisation, role="manager")
    users.edit_user(world.acting(), user=user, name=f"{name} ")
    Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    Invitation.objects.create(
        organisation=world.b.organisation,
        email=email.upper(),
        name=name,
        message=f"Dear {name}",
        expires_at=clock.now() + timedelta(days=1),
    )
    AccessRequest.objects.create(
        kind="access", company_name="Quinn Ltd", name=name, email=email, message=f"I am {name}"
    )
    Connection.objects.create(
        organisation=world.b.organisation, other=world.conn.organisation, contact_name=name, contact_email=email
    )
    Mail.objects.create(kind="welcome", recipient=email, subject=f"Welcome, {name}", data={"ip": "192.0.2.7"})
    ImportBatch.objects.create(kind=ImportKind.LOGISTICS, source="x", rows=[{"line": 1, "detail": f"{name} <{email}>"}])
    ExternalId.objects.create(user=user, source="logistics", external_id="jo-77")
    Export.objects.create(kind="person", person=user, requested_by=user, content=email.encode())
    Notice.objects.create(enterprise=world.b.farm.business, kind="added", text=f"{name} added you.", actor_name=name)
    LogEntry.objects.create(
        user=world.people["support"],
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(user.pk),
        object_repr=name,
        action_flag=2,
    )
    business = world.a.shop.business
    business.contact_email = email
    business.save()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('x', 'x', %s)",
            [f'{{"email": "{email}"}}'],
        )
    organisations.edit_organisation(world.access("a_owner"), organisation=world.a.organisation, town="Bude")
    Client().login(username=email, password=PASSWORD)
    return User.objects.get(pk=user.pk)


def test_attack_85_a_person_is_gone_from_every_table(world: World, jo: User) -> None:
    assert len(places_of("jo.quinn@farm.example")) > 10
    assert len(places_of("Quinn-Abara")) > 10
    # She did something, too, that stays.
    from customers.domain import users as accounts
    from permissions.access import Access

    accounts.edit_user(Access.for_user(jo), user=jo, name="Jo Quinn-Abara")
    public_id = jo.public_id
    erasure.erase_person(world.acting(), user=jo)
    assert places_of("jo.quinn@farm.example", "Quinn-Abara", "192.0.2.7", "jo-77") == []
    row = User.objects.get(pk=jo.pk)
    assert (row.name, row.is_active, row.has_usable_password()) == (f"Erased person {public_id[-4:]}", False, False)
    assert row.erased_at is not None
    for model in (EmailAddress, Authenticator, Membership):
        assert not model.objects.filter(user=row).exists()
    assert not Export.objects.filter(requested_by=row).exists()
    # What she did is still told, under the pseudonym.
    events = trail.of_all(world.access("support"), trail.Filters(person=public_id), size=200).entries
    assert {one.actor_name for one in events} == {row.name}
    assert "customers.edit_user" in {one.verb for one in events}


def test_attack_85_others_rows_stay_as_they_are(world: World, jo: User) -> None:
    labels = ("organisations.Organisation", "organisations.BusinessUnit", "permissions.Role", "permissions.ApiKey")
    before = rows_of(*labels)
    people = list(User.objects.exclude(pk=jo.pk).order_by("pk").values())
    memberships = list(Membership.objects.exclude(user=jo).order_by("pk").values())
    erasure.erase_person(world.acting(), user=jo)
    assert rows_of(*labels) == before
    assert list(User.objects.exclude(pk=jo.pk).order_by("pk").values()) == people
    assert list(Membership.objects.order_by("pk").values()) == memberships


def test_attack_85_a_namesake_stays_herself(world: World, jo: User) -> None:
    other: User = UserFactory.create(name="Jo Quinn-Abara", email="another@farm.example")
    Notice.objects.create(enterprise=world.b.farm.business, kind="added", text="x", actor_name=other.name)
    erasure.erase_person(world.acting(), user=jo)
    other.refresh_from_db()
    assert other.name == "Jo Quinn-Abara"
    assert Notice.objects.filter(actor_name="Jo Quinn-Abara").exists()


def test_attack_85_an_address_inside_another_stays(world: World, jo: User) -> None:
    other: User = UserFactory.create(name="Big Jo", email="big-jo.quinn@farm.example")
    longer: User = UserFactory.create(name="Jo II", email="jo.quinn@farm.example.org")
    erasure.erase_person(world.acting(), user=jo)
    for one, email in ((other, "big-jo.quinn@farm.example"), (longer, "jo.quinn@farm.example.org")):
        one.refresh_from_db()
        assert one.email == email


def test_attack_85_an_address_that_was_only_typed_is_nobody_elses_loss(world: World, jo: User) -> None:
    """Anybody can type the address of another: it is not hers by that."""
    boss: User = UserFactory.create(name="Bea Boss", email="boss@victim.example")
    for email in ("boss@victim.example", "office@victim.example"):
        EmailAddress.objects.create(user=jo, email=email, verified=False)
    Mail.objects.create(kind="confirm_email", recipient="office@victim.example", about=jo.public_id)
    business = world.b.farm.business
    business.contact_email, business.contact_email_confirmed_at = "office@victim.example", clock.now()
    business.save()
    asked = Invitation.objects.create(
        organisation=world.b.organisation, email="boss@victim.example", name="Bea", expires_at=clock.now()
    )
    log = Mail.objects.create(kind="welcome", recipient="boss@victim.example", subject="Welcome")
    erasure.erase_person(world.acting(), user=jo)
    for row in (boss, business, asked, log):
        row.refresh_from_db()
    assert (boss.email, boss.name, boss.is_active) == ("boss@victim.example", "Bea Boss", True)
    assert (business.contact_email, asked.email, asked.name) == ("office@victim.example", "boss@victim.example", "Bea")
    assert (log.recipient, log.subject) == ("boss@victim.example", "Welcome")
    # What was sent to it for her is in the log under her pseudonym.
    assert not Mail.objects.filter(about=jo.public_id, recipient__endswith="@victim.example").exists()


def test_attack_85_an_address_that_another_has_by_now_is_that_ones(world: World, jo: User) -> None:
    users.edit_user(world.acting(), user=jo, name="Jo")
    User.objects.filter(pk=jo.pk).update(email="jo.now@farm.example")
    EmailAddress.objects.filter(user=jo).delete()
    heir: User = UserFactory.create(name="Heir", email="jo.quinn@farm.example")
    erasure.erase_person(world.acting(), user=User.objects.get(pk=jo.pk))
    heir.refresh_from_db()
    assert heir.email == "jo.quinn@farm.example"
    assert places_of("jo.now@farm.example") == []


@pytest.mark.parametrize("email", ["o'jo.quinn@farm.example", "a&jo.quinn@farm.example", "x/jo.quinn@farm.example"])
def test_attack_85_who_has_her_address_at_the_end_of_another_keeps_it(world: World, jo: User, email: str) -> None:
    other: User = UserFactory.create(name="Another", email=email)
    business = world.b.farm.business
    business.contact_email = email
    business.save()
    erasure.erase_person(world.acting(), user=jo)
    for row in (other, business):
        row.refresh_from_db()
    assert (other.email, business.contact_email) == (email, email)


def test_attack_85_longer_names_of_others_stay(world: World, jo: User) -> None:
    longer: User = UserFactory.create(name="Jo Quinn-Abara Costa", email="costa@farm.example")
    before: User = UserFactory.create(name="Mary Jo Quinn-Abara", email="mary@farm.example")
    dairy = OrganisationFactory.create(name="Jo Quinn-Abara Dairy")
    contact = Connection.objects.create(
        organisation=world.b.organisation,
        other=dairy,
        contact_name="Jo Quinn-Abara",
        contact_email="dairy@else.example",
    )
    told = "Jo Quinn-Abara Dairy takes part, says Jo Quinn-Abara; not Mary Jo Quinn-Abara, nor Jo Quinn-Abara Costa."
    notice = Notice.objects.create(enterprise=world.b.farm.business, kind="added", text=told)
    erasure.erase_person(world.acting(), user=jo)
    for row in (longer, before, dairy, contact, notice):
        row.refresh_from_db()
    assert [longer.name, before.name] == ["Jo Quinn-Abara Costa", "Mary Jo Quinn-Abara"]
    assert [dairy.name, contact.contact_name] == ["Jo Quinn-Abara Dairy", "Jo Quinn-Abara"]
    pseudonym = f"Erased person {jo.public_id[-4:]}"
    assert notice.text == told.replace("says Jo Quinn-Abara;", f"says {pseudonym};")


@pytest.mark.parametrize(("own", "gone"), [(True, True), (False, False)])
def test_attack_85_who_trades_under_her_own_name(world: World, jo: User, own: bool, gone: bool) -> None:
    """A sole trader's name is hers in sentences; that of a company she has nothing to do with is the company's."""
    company = OrganisationFactory.create(name="Jo Quinn-Abara")
    if own:
        MembershipFactory.create(user=jo, organisation=company, role="manager")
    notice = Notice.objects.create(enterprise=world.b.farm.business, kind="added", text="Ask Jo Quinn-Abara.")
    erasure.erase_person(world.acting(), user=jo)
    for row in (company, notice):
        row.refresh_from_db()
    assert company.name == "Jo Quinn-Abara"
    assert ("Quinn" not in notice.text) is gone


@pytest.mark.parametrize(
    "text",
    [
        "Regards,\n-Jo Quinn-Abara",
        "Ms.Jo Quinn-Abara",
        "thanks...Jo Quinn-Abara",
        "_Jo Quinn-Abara_",
        "JO  QUINN-ABARA",
        "Jo\u00a0Quinn-Abara",
        "Jo\nQuinn-Abara",
        "-jo.quinn@farm.example",
        "write...jo.quinn@farm.example",
        "mailto:jo.quinn%40farm.example",
    ],
)
def test_attack_85_however_it_was_typed(world: World, jo: User, text: str) -> None:
    Product.objects.filter(producer=world.b.farm.business).update(description=text)
    note = Connection.objects.filter(contact_email="jo.quinn@farm.example").get()
    Connection.objects.filter(pk=note.pk).update(note=text)
    batch = ImportBatch.objects.create(kind=ImportKind.LOGISTICS, source="x", rows=[{"detail": text}])
    erasure.erase_person(world.acting(), user=jo)
    batch.refresh_from_db()
    note.refresh_from_db()
    for kept in (note.note, batch.rows[0]["detail"]):
        assert not re.search("quinn", kept, re.IGNORECASE)


@pytest.mark.parametrize("name", ["Zoë Ångström", "Jürgen Ñu", "Ö Á", "王 小明明明"])
def test_attack_85_names_of_other_letters(world: World, name: str) -> None:
    user: User = UserFactory.create(name=name)
    text = f"({name.upper()}) and {name}, not X{name}"
    batch = ImportBatch.objects.create(kind=ImportKind.LOGISTICS, source=json.dumps(name)[:40], rows=[{"detail": text}])
    erasure.erase_person(world.acting(), user=user)
    batch.refresh_from_db()
    told = f"Erased person {user.public_id[-4:]}"
    # A name as short as that may be anybody's words.
    gone = len(name) > 4
    assert batch.rows[0]["detail"] == (f"({told}) and {told}, not X{name}" if gone else text)
    assert (name in batch.source or json.dumps(name) == batch.source) is not gone


def test_attack_85_what_waits_under_her_address_goes(world: World, jo: User) -> None:
    waiting = {"email": jo.email, "name": "Jo", "expires_at": clock.now()}
    PendingSignUp.objects.create(**waiting, details={"organisation": {"name": "Jo’s own"}})
    AccessRequest.objects.filter(email=jo.email).update(answer="No, Jo.")
    erasure.erase_person(world.acting(), user=jo)
    assert not PendingSignUp.objects.exists()
    assert set(AccessRequest.objects.values_list("answer", flat=True)) <= {""}


def test_attack_85_files_of_her_organisations_go_with_her(world: World, jo: User) -> None:
    theirs, others = (
        Export.objects.create(
            kind="organisation", organisation=one.organisation, requested_by=world.people["support"], content=b"zip"
        )
        for one in (world.a, world.b)
    )
    erasure.erase_person(world.acting(), user=jo)
    assert list(Export.objects.filter(pk__in=[theirs.pk, others.pk])) == [others]


def test_attack_85_a_waiting_file_with_a_longer_address_stays(world: World, jo: User) -> None:
    for number, email in enumerate(("bojo.quinn@farm.example", "jo.quinn@farm.example")):
        ImportBatch.objects.create(
            kind=ImportKind.LOGISTICS, source=f"s{number}", options={"encoding": "utf-8"}, content=email.encode()
        )
    erasure.erase_person(world.acting(), user=jo)
    waiting = ImportBatch.objects.filter(source__in=["s0", "s1"]).order_by("source")
    assert [batch.content is None for batch in waiting] == [False, True]


def test_attack_85_names_as_they_are_spelled_in_json_and_in_notices(world: World) -> None:
    """A name with quotation marks; a name of one word, which others have, too; and what a namesake did stays."""
    user: User = UserFactory.create(name='Ann "Duck" Abara')
    batch = ImportBatch.objects.create(
        kind=ImportKind.LOGISTICS, source="x", rows=[{"detail": f'See\n{user.name} ["Ann"]'}]
    )
    users.edit_user(world.acting(), user=user, name="Ann")
    other: User = UserFactory.create(name="Ann")
    for actor in (user, other):
        Notice.objects.create(
            enterprise=world.b.farm.business, kind="changed", text="Ann changed Ann.", actor=actor, actor_name="Ann"
        )
    erasure.erase_person(world.acting(), user=user)
    name = f"Erased person {user.public_id[-4:]}"
    batch.refresh_from_db()
    assert batch.rows == [{"detail": f'See\n{name} ["Ann"]'}]
    told = set(Notice.objects.filter(kind="changed").values_list("actor_id", "actor_name", "text"))
    assert told == {(user.pk, name, f"{name} changed Ann."), (other.pk, "Ann", "Ann changed Ann.")}


def test_attack_85_the_admins_log_names_nobody(world: World) -> None:
    """One name is of one word, so that only what is known to be hers is changed."""
    user: User = UserFactory.create(name="Quinnabara")
    member = MembershipFactory.create(user=user, organisation=world.a.organisation, role="viewer")
    for row in (user, member):
        LogEntry.objects.log_actions(world.people["support"].pk, [row], 2, "", single_object=True)
    page = f"/admin/customers/user/{user.pk}/act/erase/"
    answer = world.client("administrator").post(page, {"typed": user.public_id, "reason": "She asked"})
    assert answer.status_code == 302
    assert User.objects.get(pk=user.pk).erased_at is not None
    assert LogEntry.objects.filter(change_message="Erase person.").get().object_repr == user.public_id
    assert places_of("Quinnabara") == []


def test_attack_85_the_last_owner_is_not_erased(world: World) -> None:
    owner = world.people["a_owner"]
    with pytest.raises(Refused) as refused:
        erasure.erase_person(world.acting(), user=owner)
    assert refused.value.decision.code == "U7"
    owner.refresh_from_db()
    assert owner.erased_at is None


@pytest.mark.parametrize(
    ("actor", "subject", "code"),
    [
        ("a_owner", "a_viewer", "U3"),
        ("support", "administrator", "S1"),
        ("administrator", "administrator", "S2"),
        ("support", "support", "S2"),
    ],
)
def test_attack_85_who_may_not(world: World, actor: str, subject: str, code: str) -> None:
    access = world.access(actor) if actor == "a_owner" else world.acting(actor)
    with pytest.raises(Refused) as refused:
        erasure.erase_person(access, user=world.people[subject])
    assert refused.value.decision.code == code


def test_attack_85_preview_tells_what_goes(world: World, jo: User) -> None:
    told = erasure.preview(world.acting(), user=jo)
    assert told["memberships"] == [str(world.a.organisation)]
    assert (told["second_factors"], told["exports"], told["invitations"]) == (1, 1, 1)
    assert told["contact_address_of"] == [str(world.a.shop)]


def test_attack_85_her_keys_and_sessions_end(world: World) -> None:
    second = MembershipFactory.create(organisation=world.a.organisation, role="owner")
    client = world.client("a_owner")
    assert client.get("/account/").status_code == 200
    erasure.erase_person(world.access("a_owner"), user=world.people["a_owner"])
    assert client.get("/account/").status_code == 302
    assert ApiKey.objects.get(pk=world.a.key.pk).revoked_at is not None
    assert world.api("a_key").get("me/").status_code == 401
    assert second.user.is_active


# --- 86: a customer ----------------------------------------------------------------------------------------------


@pytest.fixture
def trade(world: World) -> dict[str, Any]:
    """A trades with B: A's cycle with B's goods, B's cycle with A's goods; and A has what nobody refers to."""
    a, b = world.a.farm.business, world.b.farm.business
    ours = CycleFactory.create(coordinator=a, name="Alpha week 1", state=CycleState.CLOSED)
    theirs = CycleFactory.create(coordinator=b, name="Beta week 1", state=CycleState.CLOSED)
    alone = CycleFactory.create(coordinator=a, name="Alpha alone", state=CycleState.UPCOMING)
    grant(b, a)
    grant(a, b)
    milk, jam = VariantFactory.create(of=a), VariantFactory.create(of=a)
    honey = VariantFactory.create(of=b)
    ExchangeFactory.create(cycle=ours, enterprise=b, variants=[honey])
    ExchangeFactory.create(cycle=theirs, enterprise=a, variants=[milk])
    ExchangeFactory.create(cycle=alone, enterprise=a, variants=[jam])
    FeeFactory.create(owner=a)
    RecordedOffer.objects.create(
        cycle=ours,
        hub=b,
        body={"hub": {"id": b.public_id, "name": b.name}, "coordinator": {"id": a.public_id, "name": a.name}},
    )
    OrderCycle.objects.update(offer_recorded_at=clock.now())
    return {"ours": ours, "theirs": theirs, "alone": alone, "milk": milk, "jam": jam, "honey": honey}


#: Rows of tenants that have nothing to do with it, and of the one that has.
_OTHERS = ("organisations.Organisation", "organisations.BusinessUnit", "organisations.Business", "permissions.Role")


def test_attack_86_nobody_acts_for_it_and_the_preview_is_what_happens(world: World, trade: dict[str, Any]) -> None:
    staff, organisation = world.acting("administrator"), world.a.organisation
    told = removal.preview(staff, organisation=organisation)
    row = removal.remove(staff, organisation=organisation)
    assert row.preview == {**told, "was_archived": False}
    assert row.due_at > clock.now() + timedelta(days=29)
    assert world.access("a_owner").held == ()
    assert world.api("a_key").get("me/").status_code == 401
    for rows in (User, Membership):
        assert rows._default_manager.exists()
    theirs = [
        list(apps.get_model(label)._default_manager.filter(**path).order_by("pk").values())
        for label, path in _of_b(world)
    ]
    with clock.at(row.due_at):
        # What could change meanwhile is asked again: nothing did, but that what ended is counted as before.
        assert removal.purge_due() == 1
    row.refresh_from_db()
    assert row.status == RemovalStatus.PURGED
    # Numbers only: names are not kept longer than what they name.
    assert row.result == {"goes": row.result["goes"], "stays": told["stays"], "was_archived": False}
    assert {name: count for name, count in row.result["goes"].items() if name != "mails in the log"} == {
        name: count for name, count in told["goes"].items() if name != "mails in the log"
    }
    again = [
        list(apps.get_model(label)._default_manager.filter(**path).order_by("pk").values())
        for label, path in _of_b(world)
    ]
    assert again == theirs
    assert removal.purge_due() == 0


def _of_b(world: World) -> list[tuple[str, dict[str, Any]]]:
    b = world.b
    units = [one.pk for one in b.units]
    return [
        ("organisations.Organisation", {"pk": b.organisation.pk}),
        ("organisations.BusinessUnit", {"pk__in": units}),
        ("organisations.Business", {"pk__in": units}),
        ("permissions.Role", {"organisation": b.organisation}),
        ("permissions.Membership", {"organisation": b.organisation}),
        ("permissions.ApiKey", {"organisation": b.organisation}),
        ("customers.Invitation", {"organisation": b.organisation}),
        ("customers.User", {"memberships__organisation": b.organisation}),
        ("ordercycles.Product", {"producer__in": units}),
        ("ordercycles.Variant", {"producer__in": units}),
        ("ordercycles.OrderCycle", {"coordinator__in": units}),
        ("ordercycles.Exchange", {"enterprise__in": units}),
        ("organisations.Connection", {"organisation": b.organisation}),
    ]


def test_attack_86_its_names_are_gone_and_others_history_stays(world: World, trade: dict[str, Any]) -> None:
    staff, organisation = world.acting("administrator"), world.a.organisation
    Organisation.objects.filter(pk=organisation.pk).update(name="Zephyrine Foods", vat_number="GB987654321")
    BusinessUnit.objects.filter(pk=world.a.farm.pk).update(name="Zephyrine Farm", address="1 Zephyrine Lane")
    BusinessUnit.objects.filter(pk=world.a.office.pk).update(name="Zephyrine Office")
    world.a.organisation.refresh_from_db()
    people = [world.people[f"a_{one}"].email for one in ("owner", "manager", "viewer")]
    row = removal.remove(staff, organisation=world.a.organisation)
    removal.purge(staff, removal=row)
    organisation.refresh_from_db()
    assert organisation.name == f"Removed customer {organisation.public_id[-4:]}"
    assert organisation.removed_at is not None
    assert places_of("Zephyrine", "GB987654321", *people) == []
    assert not ApiKey.objects.filter(organisation=organisation).exists()
    assert not Membership.objects.filter(organisation=organisation).exists()
    assert not OrderCycle.objects.filter(pk=trade["alone"].pk).exists()
    assert not Product.objects.filter(pk=trade["jam"].product_id).exists()
    assert Product.objects.filter(pk=trade["milk"].product_id).exists()
    assert OrderCycle.objects.get(pk=trade["theirs"].pk).name == "Beta week 1"
    assert OrderCycle.objects.get(pk=trade["ours"].pk).name.startswith("Removed order cycle")
    assert Exchange.objects.filter(cycle=trade["theirs"], direction=Direction.INCOMING).count() == 1
    assert BusinessUnit.objects.get(pk=world.a.farm.pk).name.startswith("Removed unit")
    assert not BusinessUnit.objects.filter(pk=world.a.office.pk).exists()
    # The trail of it is there, for staff.
    assert trail.of_tenant(world.access("support"), organisation).entries


def test_attack_86_names_in_recorded_offers_go_by_their_ids(world: World) -> None:
    """B's farm has the same name, and in the offer A's stand under names that they had."""
    a, b, shop = world.a.farm, world.b.farm, world.a.shop
    BusinessUnit.objects.filter(pk__in=[a.pk, b.pk]).update(name="Home Farm")
    BusinessUnit.objects.filter(pk=shop.pk).update(name="name")
    fee = FeeFactory.create(owner=a.business, name="name")
    lines = [
        {"producer": {"id": one.public_id, "name": name}, "name": "Home Farm"}
        for one, name in ((a, "Old Farm"), (shop, "Home Farm"), (b, "Home Farm"))
    ]
    fees = [{"id": fee.public_id, "name": "name", "owner": "Old Farm"}]
    hub = {"id": b.public_id, "name": "Home Farm"}
    ours = CycleFactory.create(coordinator=a.business, state=CycleState.CLOSED)
    offer = RecordedOffer.objects.create(
        cycle=ours, hub=b.business, body={"hub": hub, "lines": lines, "per_order_fees": fees}
    )
    OrderCycle.objects.update(offer_recorded_at=clock.now())
    staff = world.acting("administrator")
    removal.purge(staff, removal=removal.remove(staff, organisation=world.a.organisation))
    body = RecordedOffer.objects.get(pk=offer.pk).body
    assert body["hub"] == hub
    farm = f"Removed unit {a.public_id[-4:]}"
    told = [(line["producer"]["name"], line["name"]) for line in body["lines"]]
    assert told == [(name, "Home Farm") for name in (farm, f"Removed unit {shop.public_id[-4:]}", "Home Farm")]
    assert body["per_order_fees"] == [{"id": fee.public_id, "name": f"Removed fee {fee.public_id[-4:]}", "owner": farm}]


def test_attack_86_the_admins_log_and_imports_do_not_name_it(world: World) -> None:
    organisation, staff = world.a.organisation, world.people["support"]
    Organisation.objects.filter(pk=organisation.pk).update(name="Zephyrine Foods", company_number="01234567")
    BusinessUnit.objects.filter(pk=world.a.farm.pk).update(name="Zephyrine Farm")
    content = b'{"type": "organisation", "id": "L-9", "name": "Zephyrine", "company_number": "01234567"}'
    reading = Reading(form="jsonl", encoding="utf-8")
    batch = check_import(
        world.acting(), kind=ImportKind.LOGISTICS, source="logistics", content=content, reading=reading
    )
    assert "Zephyrine Foods (org_" in batch.rows[0]["notes"][0]["detail"]
    organisation.refresh_from_db()
    row = removal.remove(world.acting("administrator"), organisation=organisation)
    members = list(Membership.objects.filter(organisation=organisation))
    for one in (organisation, BusinessUnit.objects.get(pk=world.a.farm.pk), row, *members, world.b.organisation):
        LogEntry.objects.log_actions(staff.pk, [one], 2, "", single_object=True)
    page = f"/admin/customers/removal/{row.pk}/act/purge/"
    answer = world.client("administrator").post(page, {"typed": organisation.public_id, "reason": "They asked"})
    assert answer.status_code == 302
    assert LogEntry.objects.filter(change_message="Purge now.").get().object_repr == row.public_id
    assert LogEntry.objects.filter(object_repr=world.b.organisation.name).exists()
    assert places_of("Zephyrine", "01234567") == []


def test_attack_86_who_belongs_elsewhere_too_stays(world: World) -> None:
    both = world.people["both"]
    removal.purge(
        world.acting("administrator"), removal=removal.remove(world.acting(), organisation=world.a.organisation)
    )
    both.refresh_from_db()
    assert both.erased_at is None
    assert both.memberships.count() == 1
    assert User.objects.get(pk=world.people["a_owner"].pk).erased_at is not None


def test_attack_86_refused_while_it_coordinates_an_open_cycle(world: World) -> None:
    CycleFactory.create(coordinator=world.a.farm.business, name="Harvest 48", state=CycleState.OPEN)
    with pytest.raises(Refused, match="Harvest 48") as refused:
        removal.remove(world.acting(), organisation=world.a.organisation)
    assert refused.value.decision.code == "D2"
    assert removal.preview(world.acting(), organisation=world.a.organisation)["coordinates_open"] == ["Harvest 48"]
    world.a.organisation.refresh_from_db()
    assert not world.a.organisation.is_archived


def test_attack_86_not_purged_while_a_cycle_that_opened_in_grace_is_open(world: World) -> None:
    opens, closes = (clock.now() + timedelta(days=days) for days in (29, 40))
    cycle = CycleFactory.create(
        coordinator=world.a.farm.business, name="Alpha in March", opens_at=opens, closes_at=closes
    )
    ExchangeFactory.create(cycle=cycle, enterprise=world.b.farm.business)
    row = removal.remove(world.acting("administrator"), organisation=world.a.organisation)
    assert row.preview["coordinates_upcoming"] == ["Alpha in March"]
    (notice,) = Notice.objects.filter(cycle=cycle)
    assert notice.enterprise_id == world.b.farm.pk
    assert "Alpha in March" in notice.text
    with clock.at(row.due_at):
        assert removal.purge_due() == 0
        with pytest.raises(Refused, match="Alpha in March") as refused:
            removal.purge(world.acting("administrator"), removal=row)
    assert refused.value.decision.code == "D2"
    with clock.at(closes + timedelta(minutes=1)):
        assert removal.purge_due() == 1


def test_attack_86_one_purge_that_fails_keeps_no_other_from_going(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (removal.remove(world.acting(), organisation=one.organisation) for one in (world.a, world.b))
    purge = removal._purge

    def fails(actor: Any, plan: Any, row: Removal) -> Removal:
        return purge(actor, plan, row) if row.pk == second.pk else purge(actor, plan, None)  # type: ignore[arg-type]

    monkeypatch.setattr(removal, "_purge", fails)
    with clock.at(second.due_at), pytest.raises(ExceptionGroup, match=r"failed: 1\. Purged: 1"):
        removal.purge_due()
    assert [Removal.objects.get(pk=one.pk).status for one in (first, second)] == ["scheduled", "purged"]


def test_attack_86_words_of_deleted_units_and_merged_duplicates_go_too(world: World) -> None:
    business = BusinessFactory.create(unit__organisation=world.a.organisation, description="Zephyrine stood here")
    unit = business.unit
    FeeFactory.create(owner=business, name="Zephyrine packing").delete()
    business.delete()
    unit.delete()
    # Nor does the history of a duplicate that was merged into it keep a name.
    duplicate = OrganisationFactory.create(name="Zephyrine Ltd")
    duplicate.archived_at, duplicate.merged_into = clock.now(), world.a.organisation
    duplicate.save()
    told = trail.of_tenant(world.access("a_owner"), world.a.organisation, trail.Filters(kind="business"), size=200)
    assert "Zephyrine" in repr(told.entries)
    staff = world.acting("administrator")
    removal.purge(staff, removal=removal.remove(staff, organisation=world.a.organisation))
    assert places_of("Zephyrine") == []


def test_attack_86_histories_of_its_records_go_too(world: World) -> None:
    companies.record_company(
        world.access("a_owner"), organisation=world.a.organisation, name="Zephyrine Mill", town="Zephyrville"
    )
    assert len(places_of("Zephyr")) > 1
    staff = world.acting("administrator")
    removal.purge(staff, removal=removal.remove(staff, organisation=world.a.organisation))
    assert places_of("Zephyr") == []


def test_attack_86_sign_in_says_deactivated_in_grace(world: World) -> None:
    owner, both = world.people["a_owner"], world.people["both"]
    client = world.client("a_owner")
    removal.remove(world.acting(), organisation=world.a.organisation)
    assert client.get("/account/").status_code == 302 or world.access("a_owner").held == ()
    answer = Client().post("/accounts/login/", {"login": owner.email, "password": PASSWORD})
    assert answer.status_code == 403
    assert "account is deactivated" in answer.content.decode()
    assert Client().post("/accounts/login/", {"login": both.email, "password": PASSWORD}).status_code == 302
    wrong = Client().post("/accounts/login/", {"login": owner.email, "password": "wrong"})
    assert "account is deactivated" not in wrong.content.decode()


def test_attack_86_restore_brings_people_back_but_no_keys_and_invitations(world: World) -> None:
    row = removal.remove(world.acting(), organisation=world.a.organisation)
    removal.restore(world.acting(), removal=row)
    assert [one.organisation_id for one in world.access("a_owner").held] == [world.a.organisation.pk]
    assert world.api("a_key").get("me/").status_code == 401
    assert ApiKey.objects.get(pk=world.a.key.pk).revoked_at is not None
    assert Invitation.objects.get(pk=world.a.invitation.pk).status == InvitationStatus.REVOKED
    assert (
        Client().post("/accounts/login/", {"login": world.people["a_owner"].email, "password": PASSWORD}).status_code
        == 302
    )
    with pytest.raises(Conflict):
        removal.restore(world.acting(), removal=row)
    with clock.at(clock.now() + timedelta(days=60)):
        assert removal.purge_due() == 0


def test_attack_86_owners_are_told(world: World) -> None:
    row = removal.remove(world.acting(), organisation=world.a.organisation)
    removal.restore(world.acting(), removal=row)
    told = Mail.objects.filter(about=row.public_id).order_by("pk")
    assert [(one.kind, one.recipient) for one in told] == [
        ("removal_scheduled", world.people["a_owner"].email),
        ("removal_restored", world.people["a_owner"].email),
    ]


def test_attack_86_it_does_not_come_back_by_the_archive(world: World) -> None:
    row = removal.remove(world.acting(), organisation=world.a.organisation)
    with pytest.raises(Conflict, match="being removed"):
        organisations.restore_organisation(world.acting(), organisation=world.a.organisation)
    removal.purge(world.acting("administrator"), removal=row)
    with pytest.raises(Conflict, match="has been removed"):
        organisations.restore_organisation(world.acting(), organisation=world.a.organisation)


@pytest.mark.parametrize("persona", ["a_owner", "a_viewer", "support", "administrator"])
def test_attack_86_only_staff_who_act(world: World, persona: str) -> None:
    with pytest.raises(Refused) as refused:
        removal.remove(world.access(persona), organisation=world.a.organisation)
    assert refused.value.decision.code == "S1"


def test_attack_86_support_does_not_purge(world: World) -> None:
    row = removal.remove(world.acting(), organisation=world.a.organisation)
    with pytest.raises(Refused) as refused:
        removal.purge(world.acting("support"), removal=row)
    assert refused.value.decision.code == "S2"
    assert Removal.objects.get().status == RemovalStatus.SCHEDULED


def test_every_table_that_refers_to_a_customer_is_thought_of() -> None:
    """A new table with a foreign key to an organisation has to say what a removal does to it."""
    fields: list[Any] = list(Organisation._meta.get_fields(include_hidden=True))
    found = {one.related_model._meta.label for one in fields if one.auto_created and one.is_relation}
    assert {label for label in found if not label.endswith("Event")} == {
        "customers.AccessRequest",
        "customers.Export",
        "customers.ExternalId",
        "customers.Invitation",
        "customers.Merge",
        "customers.OwnershipTransfer",
        "customers.Removal",
        "mails.Mail",
        "organisations.BusinessUnit",
        "organisations.Connection",
        "organisations.Organisation",
        "permissions.ApiKey",
        "permissions.Membership",
        "permissions.Role",
    }
