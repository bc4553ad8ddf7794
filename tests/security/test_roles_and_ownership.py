"""Attacks 24 to 33: roles above one's own, the last owner, ownership that is handed over. Through every door."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from django.db import connections, transaction
from django.test import Client, RequestFactory
from django.urls import get_resolver, reverse

from common import clock
from common.errors import DomainError
from common.tokens import hash_of, new_token
from customers.domain import ownership
from customers.domain.answers import accept
from customers.domain.erasure import erase_person
from customers.domain.staff import deactivate_staff
from customers.domain.support import shut_out_many
from customers.domain.users import create_user, edit_user
from customers.models import Invitation, OwnershipTransfer, User
from mails.models import Mail
from organisations.domain.units import remove_unit
from permissions.access import Access
from permissions.actions import Permission
from permissions.decisions import Refused, RefusedItems
from permissions.domain import members, owners, roles
from permissions.models import ApiKey, Membership, Role
from tests.api.client import Api, problem
from tests.factories import MembershipFactory, OrganisationFactory, StaffFactory, UnitFactory, UserFactory
from tests.security.world import World

pytestmark = pytest.mark.django_db
REASON = "Asked by telephone"


def whole(world: World, persona: str = "a_manager") -> None:
    """The manager's role covers the whole organisation, so that she manages its people."""
    Membership.objects.filter(user=world.people[persona]).update(all_units=True)


def users(world: World, *more: str) -> str:
    return "/".join([f"organisations/{world.ids['a_org']}/users", *more, ""])


def page(world: World, name: str, *more: str) -> str:
    return reverse(name, args=[world.ids["a_org"], *more])


def refresh(caller: Api | Client) -> None:
    """As if the person had entered her password just now."""
    session = (caller if isinstance(caller, Client) else caller.client).session
    request = RequestFactory().get("/")
    request.session = session
    record_authentication(request, User.objects.get(pk=session["_auth_user_id"]), method="password")
    session.save()


def admin_act(world: World, row: Any, act: str, **data: Any) -> str:
    """What the staff's page answers to an act: what is wrong, or nothing."""
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_act"
    answer = world.client("administrator").post(reverse(name, args=[row.pk, act]), {"reason": REASON, **data})
    if answer.status_code == 302:
        return ""
    return " ".join(text for texts in answer.context["form"].errors.values() for text in texts)


class TestCeilings:
    """24, 25, 27, 28: nobody gives, changes or takes more than she holds."""

    def test_attack_24_a_role_above_ones_own_when_creating(self, world: World) -> None:
        whole(world)
        body = {"email": "new@people.example", "name": "New", "role": world.ids["rol_owner"]}
        refused = problem(world.api("a_manager").post(users(world), body), 403, "refused")
        assert refused["rule"] == "U5"
        typed = {"role": world.ids["rol_owner"], "scope": "all"}
        for name, sent, status in (
            ("invite", {"email": "new@people.example"}, 422),
            ("invite_many", {"people": "new@people.example"}, 422),
        ):
            answer = world.client("a_manager").post(page(world, name), {**typed, **sent})
            assert (name, answer.status_code) == (name, status)
            # She cannot choose it, and it is said at the field.
            assert list(answer.context["form"].errors) == ["role"]
        assert not Invitation.objects.filter(email="new@people.example").exists()

    def test_attack_24_a_role_above_ones_own_when_inviting(self, world: World) -> None:
        whole(world)
        one = {"email": "new@people.example", "role": world.ids["rol_owner"]}
        path = f"organisations/{world.ids['a_org']}/invitations/"
        answer = world.api("a_manager").post(path, {"people": [one]})
        assert answer.status_code == 200
        assert [row["outcome"] for row in answer.json()["results"]] == ["refused"]
        assert not Invitation.objects.filter(email="new@people.example").exists()

    def test_attack_24_a_role_above_ones_own_when_changing(self, world: World) -> None:
        whole(world)
        body = {"role": world.ids["rol_owner"]}
        for target in ("viewer", "contributor"):
            answer = world.api("a_manager").patch(users(world, world.ids[f"a_mem_{target}"]), body, if_match="*")
            assert problem(answer, 403, "refused")["rule"] == "U5"
        form = {**body, "confirmed": "yes"}
        answer = world.client("a_manager").post(page(world, "person_change", world.ids["a_mem_viewer"]), form)
        assert answer.status_code == 422
        assert set(Membership.objects.filter(organisation=world.a.organisation, role__key="owner")) == {
            world.a.members["owner"],
            world.a.members["deactivated"],
        }

    def test_attack_24_there_is_no_scim(self, world: World) -> None:
        routes = "\n".join(str(pattern) for pattern in get_resolver().reverse_dict.values()).lower()
        assert "scim" not in routes
        for path in ("/scim/v2/Users", "/api/v1/scim/v2/Users", "/api/scim/"):
            assert world.api("a_owner").get(path).status_code == 404

    def test_attack_25_a_role_with_more_than_one_has(self, world: World) -> None:
        # She manages roles, and no keys.
        role = Role.objects.create(
            organisation=world.a.organisation, name="Keeper", permissions=["view", "manage_roles", "manage_products"]
        )
        Membership.objects.filter(pk=world.a.members["contributor"].pk).update(role=role)
        path = f"organisations/{world.ids['a_org']}/roles/"
        more = ["view", "manage_api_keys"]
        her = world.api("a_contributor")
        for answer in (
            her.post(path, {"name": "More", "permissions": more}),
            her.patch(f"{path}{world.ids['a_rol']}/", {"permissions": more}, if_match="*"),
        ):
            told = problem(answer, 403, "refused")
            assert (told["rule"], told["errors"][0]["pointer"]) == ("U5", "/permissions")
        # Her own, from herself and through a key that she made.
        own = f"{path}{role.public_id}/"
        assert problem(her.patch(own, {"permissions": ["view"]}, if_match="*"), 403, "refused")["rule"] == "U6"
        assert problem(her.delete(own, if_match="*"), 403, "refused")["rule"] == "U6"
        # A role that may more than she, also where she only takes away.
        big = Role.objects.create(organisation=world.a.organisation, name="Big", permissions=more)
        for answer in (
            her.patch(f"{path}{big.public_id}/", {"permissions": ["view"]}, if_match="*"),
            her.delete(f"{path}{big.public_id}/", if_match="*"),
        ):
            assert problem(answer, 403, "refused")["rule"] == "U5"
        browser = world.client("a_contributor")
        assert browser.post(page(world, "role_create"), {"name": "More", "permissions": more}).status_code == 422
        assert browser.post(page(world, "role", role.public_id), {"name": "Keeper"}).status_code in (403, 422)
        assert browser.get(page(world, "role", big.public_id)).status_code == 403
        assert Role.objects.get(pk=big.pk).permissions == more

    def test_attack_25_built_in_roles_stay(self, world: World) -> None:
        path = f"organisations/{world.ids['a_org']}/roles/{world.ids['rol_viewer']}/"
        api = world.api("a_owner")
        for answer in (api.patch(path, {"permissions": ["view"]}, if_match="*"), api.delete(path, if_match="*")):
            assert problem(answer, 403, "refused")["rule"] == "U4"
        with pytest.raises(Refused):
            roles.edit_role(world.acting("administrator"), role=world.roles["viewer"], name="Anything")

    def test_attack_26_ones_own_role_or_scope(self, world: World) -> None:
        whole(world)
        for persona, name in (("a_owner", "owner"), ("a_manager", "manager"), ("a_key", "owner")):
            own = users(world, world.ids[f"a_mem_{name}"])
            answer = world.api(persona).patch(own, {"role": world.ids["rol_viewer"]}, if_match="*")
            assert problem(answer, 403, "refused")["rule"] == "U6", persona
            answer = world.api(persona).patch(own, {"units": [world.ids["a_farm"]]}, if_match="*")
            assert problem(answer, 403, "refused")["rule"] == "U6", persona
            assert problem(world.api(persona).post(f"{own}deactivate/"), 403, "refused")["rule"] == "U6", persona
        own_page = page(world, "person_change", world.ids["a_mem_owner"])
        form = {"role": world.ids["rol_viewer"], "confirmed": "yes"}
        assert world.client("a_owner").post(own_page, form).status_code == 403
        # An invitation to oneself.
        body = {"email": "a_manager@people.example", "name": "Me", "role": world.ids["rol_manager"]}
        assert world.api("a_manager").post(users(world), body).status_code == 400

    def test_attack_27_a_superior(self, world: World) -> None:
        whole(world)
        owner = users(world, world.ids["a_mem_owner"])
        her = world.api("a_manager")
        for answer in (
            her.patch(owner, {"role": world.ids["rol_viewer"]}, if_match="*"),
            her.post(f"{owner}deactivate/"),
            her.delete(owner, if_match="*"),
        ):
            assert problem(answer, 403, "refused")["rule"] == "U5"
        browser = world.client("a_manager")
        for name in ("person_change", "person_deactivate", "person_remove"):
            data = {"role": world.ids["rol_viewer"], "confirmed": "yes", "version": "1"}
            assert browser.post(page(world, name, world.ids["a_mem_owner"]), data).status_code == 403
            assert browser.get(page(world, name, world.ids["a_mem_owner"])).status_code == 403
        assert Membership.objects.get(pk=world.a.members["owner"].pk).is_active

    def test_attack_28_units_outside_ones_own(self, world: World) -> None:
        """Who is given named units manages nobody, so she gives none; units of others are not found."""
        her = world.api("a_manager")
        body = {"role": world.ids["rol_viewer"], "units": [world.ids["a_shop"]]}
        answer = her.post(users(world), {**body, "email": "x@people.example", "name": "X"})
        assert answer.status_code in (400, 403)
        own = users(world, world.ids["a_mem_manager"])
        assert her.patch(own, {"all_units": True}, if_match="*").status_code == 403
        assert her.get(users(world, world.ids["a_mem_viewer"])).status_code == 404
        owner = world.api("a_owner")
        foreign = {"units": [world.ids["b_farm"]]}
        answer = owner.patch(users(world, world.ids["a_mem_viewer"]), foreign, if_match="*")
        assert problem(answer, 400, "invalid")["errors"][0]["code"] == "not_found"
        assert not Invitation.objects.filter(email="x@people.example").exists()


class TestLastOwner:
    """29 and 30: an organisation keeps an active account owner."""

    def ways(self, world: World) -> list[tuple[str, Callable[[], str]]]:
        owner, user = world.a.members["owner"], world.people["a_owner"]
        api = world.api("a_owner")
        staff = world.api("support")
        mine = users(world, world.ids["a_mem_owner"])

        def rule(answer: Any) -> str:
            assert answer.status_code == 409, answer.content
            return str(answer.json()["rule"])

        def refused(run: Callable[..., Any], **values: Any) -> str:
            with pytest.raises(Refused) as problem:
                run(world.acting(), **values)
            return problem.value.decision.code

        viewer = {"role": world.ids["rol_viewer"]}
        acting = {"acting_reason": REASON, "if_match": "*"}
        leaving = reverse("membership_leave", args=[world.ids["a_mem_owner"]])
        return [
            ("leave", lambda: rule(api.delete(mine, if_match="*"))),
            ("leave by page", lambda: "U7" if world.client("a_owner").post(leaving).status_code == 409 else ""),
            ("staff remove", lambda: rule(staff.delete(mine, **acting))),
            ("staff demote", lambda: rule(staff.patch(mine, viewer, **acting))),
            ("staff narrow", lambda: rule(staff.patch(mine, {"units": [world.ids["a_farm"]]}, **acting))),
            ("staff deactivate", lambda: rule(staff.post(f"{mine}deactivate/", acting_reason=REASON))),
            ("admin deactivate", lambda: "U7" if "U7" in admin_act(world, owner, "deactivate") else ""),
            ("admin remove", lambda: "U7" if "U7" in admin_act(world, owner, "remove") else ""),
            ("account", lambda: refused(edit_user, user=user, is_active=False)),
        ]

    def test_attack_29_the_last_owner(self, world: World) -> None:
        # None of these counts: an account that is shut, a deactivated membership, named units, an e-mail that nobody
        # has confirmed, an invitation.
        owner = world.roles["owner"]
        Membership.objects.filter(pk=world.a.members["left"].pk).update(role=owner)
        Membership.objects.filter(pk=world.a.members["manager"].pk).update(role=owner)
        Membership.objects.filter(pk=world.a.members["viewer"].pk).update(role=owner)
        EmailAddress.objects.filter(user=world.people["a_viewer"]).update(verified=False)
        Invitation.objects.filter(pk=world.a.invitation.pk).update(role=owner)
        assert {name: way() for name, way in self.ways(world)} == dict.fromkeys(
            (name for name, _ in self.ways(world)), "U7"
        )
        assert Membership.objects.filter(pk=world.a.members["owner"].pk, is_active=True, role=owner).exists()
        assert User.objects.get(pk=world.people["a_owner"].pk).is_active
        # With another who counts she may go.
        EmailAddress.objects.filter(user=world.people["a_viewer"]).update(verified=True)
        assert world.api("a_owner").delete(users(world, world.ids["a_mem_owner"]), if_match="*").status_code == 204

    def test_attack_29_shutting_an_account_of_an_owner_of_several(self, world: World) -> None:
        """Every organisation of hers is looked at."""
        user = world.people["both"]
        Membership.objects.filter(user=user).update(role=world.roles["owner"])
        edit_user(world.acting(), user=user, is_active=False)
        edit_user(world.acting(), user=user, is_active=True)
        Membership.objects.filter(user=world.people["b_owner"]).update(is_active=False)
        with pytest.raises(Refused, match=str(world.b.organisation)):
            edit_user(world.acting(), user=user, is_active=False)


@pytest.mark.django_db(transaction=True)
def test_attack_30_two_owners_who_demote_each_other() -> None:
    """A hundred rounds on connections of their own: one of the two is refused each time, and an owner stays."""
    organisation = OrganisationFactory.create()
    pair = [MembershipFactory.create(organisation=organisation) for _ in range(2)]
    viewer, owner = (Role.objects.get(organisation=None, key=key) for key in ("viewer", "owner"))
    rounds = 100
    barrier = threading.Barrier(2)
    refusals: list[list[str]] = [[], []]
    left: list[int] = []

    def play(place: int) -> None:
        by, whom = pair[place], pair[1 - place]
        try:
            for _ in range(rounds):
                actor = Access.for_user(by.user)
                barrier.wait(10)
                try:
                    members.change_member(actor, membership=whom, role=viewer)
                    refusals[place].append("")
                except Refused as problem:
                    refusals[place].append(problem.decision.code)
                barrier.wait(10)
                if place == 0:
                    left.append(Membership.objects.filter(organisation=organisation, role=owner).count())
                    Membership.objects.filter(organisation=organisation).update(role=owner)
                barrier.wait(10)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=play, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert left == [1] * rounds
    # Whoever came second had been demoted by then, or was the last owner that the first one left.
    assert [sorted((one, other))[0] for one, other in zip(*refusals, strict=True)] == [""] * rounds
    assert {code for both in refusals for code in both} - {""} <= {"U2", "U5", "U7", "R1"}


def _meanwhile(*acts: Callable[[], Any]) -> Callable[[], list[str]]:
    """Begin acts on connections of their own, while the caller's transaction is open; what they are refused with."""
    told = [""] * len(acts)

    def run(place: int) -> None:
        try:
            acts[place]()
        except Refused as problem:
            told[place] = problem.decision.code
        except RefusedItems as problem:
            told[place] = next(iter(problem.decisions.values())).code
        except DomainError as problem:
            told[place] = problem.code
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    assert all(thread.is_alive() for thread in threads)

    def ended() -> list[str]:
        for thread in threads:
            thread.join(10)
        return told

    return ended


@pytest.mark.django_db(transaction=True)
def test_attack_30_who_becomes_owner_while_her_account_is_ended() -> None:
    """The organisation is held before the person, whatever she is there: those who end her account come after."""
    giver = MembershipFactory.create()
    her = MembershipFactory.create(organisation=giver.organisation, role="viewer")
    staff = Access.for_user(StaffFactory.create()).acting(REASON)
    offer = ownership.give_ownership(Access.for_user(giver.user), organisation=giver.organisation, recipient=her)
    with transaction.atomic():
        ownership.accept_ownership(Access.for_user(her.user), transfer=offer, fresh=True)
        ended = _meanwhile(
            lambda: edit_user(staff, user=her.user, is_active=False),
            lambda: erase_person(staff, user=her.user),
            lambda: shut_out_many(staff, users=[her.user]),
        )
        # While they wait for the organisation they hold no person, for whom another might wait.
        User.objects.select_for_update(nowait=True).get(pk=her.user_id)
    assert ended() == ["U7"] * 3
    assert list(owners.owners(giver.organisation)) == [her]


@pytest.mark.django_db(transaction=True)
def test_who_takes_a_record_over_while_her_account_is_ended() -> None:
    """It is no organisation of hers yet, so that her account is what both wait for."""
    keeper = MembershipFactory.create()
    shell = OrganisationFactory.create(kind="shell", created_by_organisation=keeper.organisation)
    her, token = UserFactory.create(), new_token()
    Invitation.objects.create(
        organisation=shell,
        kind="claim",
        email=her.email,
        role=keeper.role,
        invited_by=keeper.user,
        invited_for=keeper.organisation,
        token_hash=hash_of(token),
        expires_at=clock.now() + timedelta(days=1),
    )
    staff, actor = Access.for_user(StaffFactory.create()).acting(REASON), Access.for_user(her)
    with transaction.atomic():
        edit_user(staff, user=her, is_active=False)
        ended = _meanwhile(lambda: accept(actor, token=token))
    assert ended() == ["person_only"]
    edit_user(staff, user=her, is_active=True)
    with transaction.atomic():
        accept(actor, token=token)
        ended = _meanwhile(lambda: edit_user(staff, user=her, is_active=False))
    assert ended() == ["conflict"]
    assert owners.owners(shell).get().user == her


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_shut_each_other_out() -> None:
    one, other = StaffFactory.create_batch(2)
    with transaction.atomic():
        deactivate_staff(Access.for_user(one).acting(REASON), user=other)
        ended = _meanwhile(lambda: deactivate_staff(Access.for_user(other).acting(REASON), user=one))
    assert ended() == ["S2"]
    assert list(User.objects.filter(is_superuser=True, is_active=True)) == [one]


@pytest.mark.django_db(transaction=True)
def test_what_is_named_goes_or_comes_at_the_same_moment() -> None:
    """A unit that is deleted while somebody is given it; an account that two make. Told, and no error of the server."""
    her = MembershipFactory.create(role="viewer")
    unit = UnitFactory.create(organisation=her.organisation)
    staff = Access.for_user(StaffFactory.create()).acting(REASON)
    with transaction.atomic():
        remove_unit(staff, unit=unit)
        create_user(staff, email="twice@people.example", name="One")
        ended = _meanwhile(
            lambda: members.change_member(staff, membership=her, role=her.role, units=[unit]),
            lambda: create_user(staff, email="twice@people.example", name="Two"),
        )
    assert ended() == ["invalid", "conflict"]
    assert Membership.objects.get(pk=her.pk).all_units


class TestTransfer:
    """31: nothing changes until the recipient accepts, and then at once."""

    def path(self, world: World, act: str = "") -> str:
        return f"ownership-transfers/{world.ids['a_otr']}/{act}"

    def test_attack_31_until_accepted_nothing_changes(self, world: World) -> None:
        assert world.access("a_contributor").organisation_ids(Permission.MANAGE_ROLES) == frozenset()
        assert world.access("a_owner").organisation_ids(Permission.MANAGE_ROLES) == {world.a.organisation.pk}

    def test_attack_31_accepted_by_nobody_else(self, world: World) -> None:
        for persona, status in (
            ("a_owner", 403),
            ("a_key", 403),
            ("support", 403),
            ("a_viewer", 404),
            ("b_owner", 404),
            ("both", 404),
            ("anonymous", 401),
        ):
            assert world.api(persona).post(self.path(world, "accept/")).status_code == status, persona
        accept = page(world, "ownership_accept", world.ids["a_otr"])
        assert world.client("a_owner").post(accept).status_code == 403
        assert world.client("b_owner").post(accept).status_code == 404
        # Reading, as a mail scanner does, answers nothing.
        assert world.client("a_contributor").get(accept).status_code == 405
        assert OwnershipTransfer.objects.get(pk=world.a.transfer.pk).state == "pending"

    def test_attack_31_with_a_fresh_sign_in_only(self, world: World) -> None:
        her = world.api("a_contributor")
        problem(her.post(self.path(world, "accept/")), 403, "reauthentication_required")
        refresh(her)
        session = her.client.session
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time() - 3600}]
        session.save()
        problem(her.post(self.path(world, "accept/")), 403, "reauthentication_required")
        browser = world.client("a_contributor")
        answer = browser.post(page(world, "ownership_accept", world.ids["a_otr"]))
        assert answer["Location"].startswith(reverse("account_reauthenticate"))
        refresh(her)
        assert her.post(self.path(world, "accept/")).json()["state"] == "accepted"

    def test_attack_31_at_once_and_once(self, world: World) -> None:
        giver = world.api("a_owner")
        her = world.api("a_contributor")
        refresh(her)
        role = f"organisations/{world.ids['a_org']}/roles/"
        assert giver.post(role, {"name": "One", "permissions": ["view"]}).status_code == 201
        assert her.post(self.path(world, "accept/")).status_code == 200
        # The giver's very next request, on the same session; her key, too.
        assert problem(giver.post(role, {"name": "Two", "permissions": ["view"]}), 403, "refused")["rule"] == "U4"
        assert world.api("a_key").get("me/").status_code == 401
        assert her.post(role, {"name": "Three", "permissions": ["view"]}).status_code == 201
        again = problem(her.post(self.path(world, "accept/")), 409, "not_possible_now")
        assert again["rule"] == "T1"
        assert giver.post(self.path(world, "cancel/")).status_code == 409

    def test_attack_31_on_the_page_with_a_fresh_sign_in_only(self, world: World) -> None:
        browser, accept = world.client("a_contributor"), page(world, "ownership_accept", world.ids["a_otr"])
        back = page(world, "ownership_transfer", world.ids["a_otr"])
        asked = browser.post(accept)
        assert (asked.status_code, asked["Location"]) == (
            302,
            f"{reverse('account_reauthenticate')}?next={quote(back, '')}",
        )
        assert OwnershipTransfer.objects.get(pk=world.a.transfer.pk).state == "pending"
        refresh(browser)
        done = browser.post(accept, follow=True)
        assert f"You are account owner of {world.a.organisation} now." in done.content.decode()
        rows = Membership.objects.filter(organisation=world.a.organisation)
        assert rows.get(user=world.people["a_contributor"]).role.key == "owner"
        assert rows.get(user=world.people["a_owner"]).role.key == "manager"

    @pytest.mark.parametrize("how", ["cancelled", "expired", "giver demoted", "recipient deactivated", "giver gone"])
    def test_attack_31_over_is_410(self, world: World, how: str) -> None:
        rows = OwnershipTransfer.objects.filter(pk=world.a.transfer.pk)
        her = world.api("a_contributor")
        refresh(her)
        staff = world.acting()
        if how == "cancelled":
            assert world.api("a_owner").post(self.path(world, "cancel/")).status_code == 200
        elif how == "expired":
            rows.update(expires_at=clock.now() - timedelta(seconds=1))
        else:
            MembershipFactory.create(organisation=world.a.organisation)
            if how == "giver demoted":
                members.change_member(staff, membership=world.a.members["owner"], role=world.roles["manager"])
            elif how == "giver gone":
                # Written past the verbs: her e-mail is confirmed no more.
                EmailAddress.objects.filter(user=world.people["a_owner"]).update(verified=False)
            else:
                row = members.set_member_active(staff, membership=world.a.members["contributor"], active=False)
                members.set_member_active(staff, membership=row, active=True)
        for act in ("accept/", "decline/") if how != "giver gone" else ("accept/",):
            assert her.post(self.path(world, act)).status_code == 410, act
        browser = world.client("a_contributor")
        answer = browser.post(page(world, "ownership_accept", world.ids["a_otr"]))
        assert answer.status_code == 410
        assert world.access("a_contributor").organisation_ids(Permission.MANAGE_ROLES) == frozenset()

    def test_attack_31_only_to_who_can_be_owner(self, world: World) -> None:
        OwnershipTransfer.objects.all().delete()
        path = f"organisations/{world.ids['a_org']}/ownership-transfers/"
        EmailAddress.objects.filter(user=world.people["a_viewer"]).update(verified=False)
        for name in ("a_mem_left", "a_mem_viewer", "a_mem_deactivated", "a_mem_owner", "b_mem_owner"):
            answer = world.api("a_owner").post(path, {"recipient": world.ids[name]})
            assert problem(answer, 400, "invalid")["errors"][0]["pointer"] == "/recipient", name
        for persona in ("a_manager", "a_key", "both"):
            answer = world.api(persona).post(path, {"recipient": world.ids["a_mem_contributor"]})
            assert answer.status_code in (400, 403), persona
        body = {"recipient": world.ids["a_mem_contributor"], "giver_role": world.ids["rol_owner"]}
        assert world.api("a_owner").post(path, body).status_code == 400
        assert not OwnershipTransfer.objects.exists()


class TestRecovery:
    """By staff, where nobody is left who could hand over."""

    def test_through_the_api(self, world: World) -> None:
        path, member = (
            f"organisations/{world.ids['a_org']}/ownership-recovery/",
            {"membership": world.ids["a_mem_viewer"]},
        )
        why = {"acting_reason": REASON}
        whole(world)
        Membership.objects.filter(pk=world.a.members["owner"].pk).update(is_active=False)
        for persona, status in (("a_manager", 403), ("b_owner", 404), ("support", 400)):
            assert world.api(persona).post(path, member).status_code == status, persona
        staff = world.api("support")
        addresses = EmailAddress.objects.filter(user=world.people["a_viewer"])
        addresses.update(verified=False)
        told = problem(staff.post(path, member, **why), 400, "invalid")["errors"]
        assert [(one["pointer"], one["code"]) for one in told] == [("/membership", "unconfirmed")]
        addresses.update(verified=True)
        for wrong in ({}, {**member, "email": "x@people.example", "name": "X"}):
            assert staff.post(path, wrong, **why).status_code == 400
        assert staff.post(path, member, **why).json()["membership"] == world.ids["a_mem_viewer"]
        assert list(owners.owners(world.a.organisation)) == [world.a.members["viewer"]]
        # With no owner left the new one is told.
        mails = Mail.objects.filter(kind="ownership_recovered").values_list("recipient", flat=True)
        assert list(mails) == [world.people["a_viewer"].email]


class TestRoleChanges:
    """32 and 33."""

    def test_attack_32_a_role_with_holders(self, world: World) -> None:
        Membership.objects.filter(pk=world.a.members["viewer"].pk).update(role=world.a.role)
        Invitation.objects.filter(pk=world.a.invitation.pk).update(role=world.a.role)
        path = f"organisations/{world.ids['a_org']}/roles/{world.ids['a_rol']}/"
        api = world.api("a_owner")
        told = problem(api.delete(path, if_match="*"), 409, "role_in_use")
        assert (told["count"], told["holders"]) == (2, {"members": 1, "invitations": 1})
        assert api.delete(f"{path}?preview=true").json()["count"] == 2
        # Another's role, the same one, and one that may more than she who deletes.
        for wanted, status in ((world.ids["b_rol"], 404), (world.ids["a_rol"], 400), (world.ids["rol_owner"], 400)):
            assert api.delete(f"{path}?reassign_to={wanted}", if_match="*").status_code == status
        keeper = Role.objects.create(
            organisation=world.a.organisation, name="Keeper", permissions=["view", "manage_roles", "manage_products"]
        )
        Membership.objects.filter(pk=world.a.members["contributor"].pk).update(role=keeper)
        answer = world.api("a_contributor").delete(f"{path}?reassign_to={world.ids['rol_manager']}", if_match="*")
        assert problem(answer, 403, "refused")["rule"] == "U5"
        assert api.delete(f"{path}?reassign_to={world.ids['rol_viewer']}", if_match="*").status_code == 204
        assert Membership.objects.get(pk=world.a.members["viewer"].pk).role == world.roles["viewer"]
        assert Invitation.objects.get(pk=world.a.invitation.pk).role == world.roles["viewer"]

    def test_attack_33_takes_effect_with_the_next_request(self, world: World) -> None:
        owner = world.api("a_owner")
        role = Role.objects.create(
            organisation=world.a.organisation,
            name="Keeper",
            permissions=["view", "manage_users", "manage_organisation", "manage_api_keys"],
        )
        Membership.objects.filter(pk=world.a.members["contributor"].pk).update(role=role)
        maker = world.people["a_contributor"]
        ApiKey.objects.filter(pk=world.a.key.pk).update(created_by=maker, role=role)
        her, key = world.api("a_contributor"), world.api("a_key")
        unit = f"business-units/{world.ids['a_farm']}/"
        for caller in (her, key):
            assert caller.patch(unit, {"town": "Exeter"}, if_match="*").status_code == 200
        path = f"organisations/{world.ids['a_org']}/roles/{role.public_id}/"
        less = {"permissions": ["view", "manage_api_keys"], "name": "Less"}
        assert owner.patch(path, less, if_match="*").status_code == 200
        for caller in (her, key):
            assert caller.patch(unit, {"town": "Crediton"}, if_match="*").status_code == 403
            assert caller.get("me/").json()["memberships"][0]["role"] == "Less"
        assert owner.patch(path, {"permissions": ["view"]}, if_match="*").status_code == 200
        # Its maker may make no keys any more: it ends.
        assert key.get("me/").status_code == 401
        assert her.get("me/").status_code == 200
