"""Invitations: sent, answered once, dead when what they rest on is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail as outgoing
from django.core.cache import cache
from django.test import override_settings

from common import clock
from common.errors import Conflict, DomainError, Gone, Invalid, TooMany
from customers.domain import answers, companies, invitations, staff, support, users
from customers.domain.invitation_life import lives
from customers.domain.invitation_mails import mark_failed
from customers.enums import InvitationStatus
from customers.models import Invitation, User
from mails.models import Mail, MailStatus
from mails.tasks import deliver
from organisations.models import Organisation
from permissions.access import Access
from permissions.decisions import Refused
from permissions.domain import members
from permissions.models import Membership, Role
from tests.factories import PASSWORD, MembershipFactory, StaffFactory, UserFactory
from tests.security.world import World, build

pytestmark = pytest.mark.django_db

NEW = "Neue@Bücher.example"
KEPT = "neue@xn--bcher-kva.example"


@pytest.fixture
def world(db: None) -> World:
    """Two tenants, a shell, and what stands around them."""
    return build()


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def role(key: str) -> Role:
    return Role.objects.get(organisation=None, key=key)


def invited(world: World, email: str = NEW, **values: Any) -> Invitation:
    """A's owner invites somebody."""
    values = {"organisation": world.a.organisation, "role": role("viewer")} | values
    return invitations.invite(world.access("a_owner"), email=email, **values)


def token_of(invitation: Invitation) -> str:
    """What the link of its newest mail carries: the mail is sent."""
    kinds = ["invitation", "claim"]
    row = Mail.objects.filter(about=invitation.public_id, kind__in=kinds).order_by("pk").last()
    assert row is not None
    Mail.objects.filter(pk=row.pk).update(status=MailStatus.QUEUED)
    deliver(row.public_id)
    text = str(outgoing.outbox[-1].body)
    return text.partition("/invitations/")[2].partition("/")[0]


class TestSending:
    def test_it_is_kept_in_one_form_and_mailed(self, world: World) -> None:
        made = invited(world, units=[world.a.farm], name="Neue", message="Welcome")
        assert (made.email, made.status, made.state, made.all_units) == (KEPT, "pending", "pending", False)
        assert list(made.units.all()) == [world.a.farm]
        assert made.token_hash == ""
        assert made.expires_at - clock.now() <= timedelta(days=7)
        token = token_of(made)
        made.refresh_from_db()
        assert (made.times_sent, made.token_hash != "", token in made.token_hash) == (1, True, False)
        sent = outgoing.outbox[-1]
        assert sent.to == [KEPT]
        assert sent.subject == "A Owner (Ashclyst Farms) invites you to join Ashclyst Farms"
        assert "Viewer, for Ashclyst Farms farm" in str(sent.body)

    @pytest.mark.parametrize(
        ("persona", "key", "problem"),
        [
            ("a_owner", "owner", None),
            ("a_owner", "viewer", None),
            ("a_key", "owner", None),
            ("a_manager", "viewer", Refused),
            ("a_viewer", "viewer", Refused),
            ("b_owner", "viewer", DomainError),
            ("support", "viewer", Refused),
        ],
    )
    def test_who_may(self, world: World, persona: str, key: str, problem: Any) -> None:
        actor = Access.for_key(world.a.key) if persona == "a_key" else world.access(persona)

        def send() -> Invitation:
            return invitations.invite(actor, organisation=world.a.organisation, email=NEW, role=role(key))

        if problem is None:
            assert send().invited_by == world.people["a_owner"]
        else:
            with pytest.raises(problem):
                send()
            assert not Invitation.objects.filter(email=KEPT).exists()

    def test_nobody_gives_more_than_she_holds(self, world: World) -> None:
        narrow = Role.objects.create(
            organisation=world.a.organisation, name="People", permissions=["view", "manage_users"]
        )
        actor = Access.for_user(MembershipFactory.create(organisation=world.a.organisation, role=narrow).user)
        with pytest.raises(Refused) as refused:
            invitations.invite(actor, organisation=world.a.organisation, email=NEW, role=role("owner"))
        assert refused.value.decision.code == "U5"
        assert invitations.invite(actor, organisation=world.a.organisation, email=NEW, role=narrow)

    def test_role_and_units_of_others_are_not_found(self, world: World) -> None:
        for wrong in ({"role": world.b.role}, {"units": [world.b.farm]}):
            with pytest.raises(Invalid) as invalid:
                invited(world, **wrong)
            assert invalid.value.errors[0].code == "not_found"

    def test_a_member_is_told_of_and_staff_are_not_invited(self, world: World) -> None:
        with pytest.raises(Invalid, match="A Viewer is a member already"):
            invited(world, "A_Viewer@people.example")
        with pytest.raises(Invalid, match="deactivated; let that member in again"):
            invited(world, "a_left@people.example")
        with override_settings(STAFF_EMAIL_DOMAINS=["hectare.farm"]), pytest.raises(Invalid, match="Hectare staff"):
            invited(world, "somebody@Hectare.FARM")

    def test_one_waits_at_a_time(self, world: World) -> None:
        first = invited(world)
        with pytest.raises(Invalid, match="has been invited already"):
            invited(world)
        Invitation.objects.filter(pk=first.pk).update(expires_at=clock.now())
        second = invited(world)
        first.refresh_from_db()
        assert (first.status, second.status) == ("revoked", "pending")

    def test_the_hour_has_a_limit(self, world: World) -> None:
        with override_settings(INVITATIONS_PER_HOUR=3):
            made = invited(world)
            invitations.resend(world.access("a_owner"), invitation=made)
            rows = [invitations.Wanted(f"x{n}@people.example", role("viewer")) for n in range(2)]
            with pytest.raises(TooMany) as problem:
                invitations.invite_many(world.access("a_owner"), organisation=world.a.organisation, rows=rows)
            assert 3590 < problem.value.retry_after <= 3601
            invited(world, "y@people.example")
            with pytest.raises(TooMany):
                invitations.resend(world.access("a_owner"), invitation=made)

    def test_many_each_for_itself(self, world: World) -> None:
        viewer = role("viewer")
        rows = [
            invitations.Wanted("one@people.example", viewer),
            invitations.Wanted("no address", viewer),
            invitations.Wanted("three@people.example", world.b.role),
            invitations.Wanted("", viewer),
            invitations.Wanted("ONE@people.example", viewer),
            invitations.Wanted("a_viewer@people.example", viewer),
            invitations.Wanted("two@people.example", world.b.role),
            invitations.Wanted("three@people.example", viewer, [world.a.shop]),
            invitations.Wanted("?", problem="There is no address in this line."),
        ]
        done = invitations.invite_many(world.access("a_owner"), organisation=world.a.organisation, rows=rows)
        assert [one.code for one in done] == [
            "invited",
            "invalid",
            "not_found",
            "blank",
            "duplicate",
            "member_already",
            "not_found",
            "invited",
            "unreadable",
        ]
        made = Invitation.objects.filter(email__in=["one@people.example", "three@people.example"])
        assert made.count() == Mail.objects.filter(kind="invitation", about__in=made.values("public_id")).count() == 2
        with pytest.raises(Invalid):
            invitations.invite_many(world.access("a_owner"), organisation=world.a.organisation, rows=[])


class TestLookingAfter:
    def test_sending_again_gives_a_new_life_and_a_new_link(self, world: World) -> None:
        made = invited(world)
        old = token_of(made)
        Invitation.objects.filter(pk=made.pk).update(expires_at=clock.now() - timedelta(days=30))
        with pytest.raises(Gone):
            answers.find(old)
        invitations.resend(world.access("a_owner"), invitation=made)
        new = token_of(made)
        with pytest.raises(Gone):
            answers.find(old)
        assert answers.find(new) == made

    def test_a_colleague_who_sends_it_again_answers_for_it(self, world: World) -> None:
        made = invited(world)
        other = MembershipFactory.create(organisation=world.a.organisation, role="owner").user
        Membership.objects.filter(user=world.people["a_owner"]).update(is_active=False)
        assert not lives(Invitation.objects.get(pk=made.pk))
        invitations.resend(Access.for_user(other), invitation=made)
        assert answers.find(token_of(made)).invited_by == other

    def test_revoked_is_revoked(self, world: World) -> None:
        made = invited(world)
        token = token_of(made)
        invitations.revoke(world.access("a_owner"), invitation=made)
        with pytest.raises(Gone):
            answers.find(token)
        for act in (invitations.revoke, invitations.resend):
            with pytest.raises(Refused) as refused:
                act(world.access("a_owner"), invitation=made)
            assert refused.value.decision.code == "I1"

    @pytest.mark.parametrize("persona", ["a_manager", "a_viewer", "b_owner", "conn_owner"])
    def test_others_may_not(self, world: World, persona: str) -> None:
        made = invited(world)
        for act in (invitations.revoke, invitations.resend):
            with pytest.raises(DomainError):
                act(world.access(persona), invitation=made)

    def test_a_mail_that_fails_is_seen_and_sent_again(self, world: World) -> None:
        made = invited(world)
        mark_failed(Mail.objects.get(about=made.public_id))
        made.refresh_from_db()
        assert made.status == "failed"
        invitations.resend(world.access("a_owner"), invitation=made)
        made.refresh_from_db()
        assert made.status == "pending"

    def test_an_older_mail_says_nothing_of_the_newer(self, world: World) -> None:
        made = invited(world)
        invitations.resend(world.access("a_owner"), invitation=made)
        first, second = Mail.objects.filter(about=made.public_id).order_by("pk")
        token = token_of(made)
        mark_failed(first)
        assert Invitation.objects.get(pk=made.pk).status == "pending"
        deliver(first.public_id)
        assert Mail.objects.get(pk=first.pk).status == "dropped"
        assert answers.find(token) == made
        mark_failed(second)
        assert Invitation.objects.get(pk=made.pk).status == "failed"

    def test_a_dead_one_is_not_mailed(self, world: World) -> None:
        made = invited(world)
        invitations.revoke(world.access("a_owner"), invitation=made)
        before = len(outgoing.outbox)
        deliver(Mail.objects.get(about=made.public_id).public_id)
        assert (Mail.objects.get(about=made.public_id).status, len(outgoing.outbox)) == ("dropped", before)


class TestAnswering:
    def test_somebody_new(self, world: World) -> None:
        made = invited(world, units=[world.a.farm, world.a.shop])
        done = answers.accept(Access.none(), token=token_of(made), name="Neue Neumann", password=PASSWORD)
        user = User.objects.get(email=KEPT)
        assert (done.user, done.is_new, user.name) == (user, True, "Neue Neumann")
        assert user.check_password(PASSWORD)
        assert list(EmailAddress.objects.filter(user=user).values_list("email", "verified", "primary")) == [
            (KEPT, True, True)
        ]
        membership = user.memberships.get()
        assert (membership.organisation, membership.role.key, membership.all_units) == (
            world.a.organisation,
            "viewer",
            False,
        )
        assert set(membership.units.all()) == {world.a.farm, world.a.shop}
        made.refresh_from_db()
        assert (made.status, made.token_hash, made.accepted_by) == ("accepted", "", user)
        assert Mail.objects.get(kind="invitation_accepted").recipient == "a_owner@people.example"

    def test_name_and_password_are_looked_at(self, world: World) -> None:
        token = token_of(invited(world))
        for name, password, pointer in (("", PASSWORD, "/name"), ("Neue", "short", "/password")):
            with pytest.raises(Invalid) as invalid:
                answers.accept(Access.none(), token=token, name=name, password=password)
            assert invalid.value.errors[0].pointer == pointer
        assert not User.objects.filter(email=KEPT).exists()
        assert answers.find(token)

    def test_somebody_known_signs_in_first(self, world: World) -> None:
        user = UserFactory.create(email=KEPT)
        token = token_of(invited(world))
        assert not user.memberships.exists()
        with pytest.raises(Conflict) as conflict:
            answers.accept(Access.none(), token=token, name="X", password=PASSWORD)
        assert conflict.value.code == "sign_in_first"
        assert not answers.accept(Access.for_user(user), token=token).is_new
        assert user.memberships.get().organisation == world.a.organisation

    def test_once(self, world: World) -> None:
        token = token_of(invited(world))
        answers.accept(Access.none(), token=token, name="Neue", password=PASSWORD)
        user = User.objects.get(email=KEPT)
        for again in (
            lambda: answers.accept(Access.for_user(user), token=token),
            lambda: answers.decline(Access.none(), token=token),
        ):
            with pytest.raises(Gone):
                again()
        assert user.memberships.count() == 1

    def test_declined(self, world: World) -> None:
        made = invited(world)
        token = token_of(made)
        with pytest.raises(Conflict):
            answers.decline(world.access("b_owner"), token=token)
        answers.decline(Access.none(), token=token)
        made.refresh_from_db()
        assert (made.status, made.token_hash) == ("declined", "")
        assert invited(world).status == "pending"

    def test_keys_and_staff_join_nothing(self, world: World) -> None:
        staff = StaffFactory.create(email="boss@elsewhere.example")
        token = token_of(invited(world, staff.email))
        for actor, code in ((Access.for_user(staff), "staff"), (Access.for_key(world.b.key), "person_only")):
            with pytest.raises(Conflict) as conflict:
                answers.accept(actor, token=token)
            assert conflict.value.code == code

    @pytest.mark.parametrize("token", ["", "x", "x" * 43, "\x00", "é" * 20])
    def test_no_token(self, world: World, token: str) -> None:
        with pytest.raises(Gone):
            answers.find(token)


class TestSendersThatGo:
    """What she may not give any more ends with the same act, and does not come back when she does."""

    def sent(self, world: World) -> list[Invitation]:
        own = invitations.invite(
            Access.for_key(world.a.key), organisation=world.a.organisation, email=NEW, role=role("owner")
        )
        claim = invitations.invite_to_claim(world.access("a_owner"), organisation=world.shell, email=NEW)
        return [own, claim]

    def second(self, world: World) -> Access:
        return Access.for_user(MembershipFactory.create(organisation=world.a.organisation, role="owner").user)

    def ended(self, made: list[Invitation], because: str) -> None:
        for one in made:
            one.refresh_from_db()
            assert (one.status, one.token_hash, one.ended_because) == ("revoked", "", because)

    def test_demoted(self, world: World) -> None:
        made = self.sent(world)
        kept = invitations.invite(
            self.second(world), organisation=world.a.organisation, email="b@b.example", role=role("viewer")
        )
        people = Role.objects.create(organisation=world.a.organisation, name="P", permissions=["view", "manage_users"])
        hers = invitations.invite(
            world.access("a_owner"), organisation=world.a.organisation, email="c@c.example", role=people
        )
        members.change_member(self.second(world), membership=world.a.members["owner"], role=people)
        self.ended(made, "Who sent it may not give this any more.")
        for one in (kept, hers):
            one.refresh_from_db()
            assert one.status == "pending"

    @pytest.mark.parametrize("act", ["removed", "deactivated"])
    def test_gone(self, world: World, act: str) -> None:
        made = self.sent(world)
        if act == "removed":
            told = members.removal_preview(self.second(world), membership=world.a.members["owner"])
            assert set(told["invitations"]) == {KEPT, "invited-by-a@people.example"}
            members.remove_member(self.second(world), membership=world.a.members["owner"])
        else:
            members.set_member_active(self.second(world), membership=world.a.members["owner"], active=False)
        self.ended(made, "Who sent it is not a member any more.")

    @pytest.mark.parametrize("act", ["one", "many"])
    def test_shut_out(self, world: World, act: str) -> None:
        made = self.sent(world)
        self.second(world)
        if act == "one":
            users.edit_user(world.acting(), user=world.people["a_owner"], is_active=False)
        else:
            support.shut_out_many(world.acting(), users=[world.people["a_owner"]])
        self.ended([*made, world.a.invitation], "The account of whoever sent it was closed.")

    def test_staff_shut_out(self, world: World) -> None:
        made = invitations.invite_to_claim(world.acting(), organisation=world.shell, email=NEW)
        staff.deactivate_staff(world.acting("administrator"), user=world.people["support"])
        self.ended([made], "The account of whoever sent it was closed.")


class TestClaims:
    def test_hectares_is_in_nobodys_way(self, world: World) -> None:
        theirs = invitations.invite_to_claim(world.acting(), organisation=world.shell, email=NEW)
        ours = self.sent(world)
        theirs.refresh_from_db()
        assert (theirs.status, theirs.ended_because) == ("revoked", "The same person was invited anew.")
        with pytest.raises(Invalid, match="Send that invitation again"):
            invitations.invite_to_claim(world.acting(), organisation=world.shell, email=NEW)
        Invitation.objects.filter(pk=ours.pk).update(expires_at=clock.now())
        theirs = invitations.invite_to_claim(world.acting(), organisation=world.shell, email="x@x.example")
        Invitation.objects.filter(pk=ours.pk).update(status="failed")
        Invitation.objects.filter(pk=theirs.pk).update(email=KEPT)
        assert invitations.resend(world.access("a_owner"), invitation=ours).status == "pending"

    def sent(self, world: World, email: str = NEW) -> Invitation:
        return invitations.invite_to_claim(world.access("a_owner"), organisation=world.shell, email=email)

    def test_the_record_becomes_a_customer(self, world: World) -> None:
        before = list(world.shell.connections_from.values_list("pk", flat=True))
        made = self.sent(world)
        other = self.sent(world, "other@silverton.example")
        done = answers.accept(Access.none(), token=token_of(made), name="Sil Verton", password=PASSWORD)
        shell = Organisation.objects.get(pk=world.shell.pk)
        assert (shell.kind, shell.claimed_at is not None, shell.version) == ("full", True, world.shell.version + 1)
        assert (done.membership.role.key, done.membership.all_units) == ("owner", True)
        assert list(shell.connections_from.values_list("pk", flat=True)) == before
        other.refresh_from_db()
        assert other.status == "revoked"
        assert Mail.objects.get(kind="company_claimed").recipient == "a_owner@people.example"
        with pytest.raises(DomainError):
            self.sent(world, "third@silverton.example")

    def test_not_by_the_customer_that_keeps_it(self, world: World) -> None:
        for persona in ("a_viewer", "a_left"):
            user = world.people[persona]
            token = token_of(self.sent(world, user.email))
            with pytest.raises(Conflict) as conflict:
                answers.accept(Access.for_user(user), token=token)
            assert conflict.value.code == "own_record"

    @pytest.mark.parametrize("persona", ["a_manager", "a_viewer", "b_owner", "conn_owner", "support"])
    def test_who_may_not_invite(self, world: World, persona: str) -> None:
        with pytest.raises(DomainError):
            invitations.invite_to_claim(world.access(persona), organisation=world.shell, email=NEW)

    def test_staff_approve_and_invite_what_nobody_recorded(self, world: World) -> None:
        approved = invitations.approve_claim(world.acting(), organisation=world.shell, email=NEW, name="Sil")
        assert (approved.invited_for, answers.find(token_of(approved)).name) == (None, "Sil")
        made = companies.invite_company(world.acting(), name="Tiverton Tofu", email="t@tofu.example", town="Tiverton")
        assert (made.organisation.kind, made.organisation.created_by_organisation) == ("shell", None)
        answers.accept(Access.none(), token=token_of(made), name="Tia", password=PASSWORD)
        made.organisation.refresh_from_db()
        assert made.organisation.kind == "full"
        with pytest.raises(DomainError):
            companies.invite_company(world.access("a_owner"), name="X", email="x@x.example")


#: What kills a link, each alone.
DEATHS: dict[str, Callable[[World, Invitation], Any]] = {
    "expired": lambda world, row: Invitation.objects.filter(pk=row.pk).update(expires_at=clock.now()),
    "revoked": lambda world, row: invitations.revoke(world.access("a_owner"), invitation=row),
    "sender shut out": lambda world, row: User.objects.filter(invitations_sent=row).update(is_active=False),
    "sender deactivated": lambda world, row: Membership.objects.filter(user=row.invited_by_id).update(is_active=False),
    "sender removed": lambda world, row: Membership.objects.filter(user=row.invited_by_id).delete(),
    "sender demoted": lambda world, row: Membership.objects.filter(user=row.invited_by_id).update(
        role=Role.objects.create(organisation=row.organisation, name="P", permissions=["view", "manage_users"])
    ),
    "sender's units": lambda world, row: Membership.objects.filter(user=row.invited_by_id).update(all_units=False),
    "organisation archived": lambda world, row: Organisation.objects.filter(pk=row.organisation_id).update(
        archived_at=clock.now()
    ),
    "role deleted": lambda world, row: Role.objects.filter(invitations=row).delete(),
    "role of another": lambda world, row: Role.objects.filter(invitations=row).update(
        organisation=world.b.organisation
    ),
    "units archived": lambda world, row: row.units.update(archived_at=clock.now()),
    "a member since, and removed": lambda world, row: MembershipFactory.create(
        organisation=row.organisation, user=User.objects.get(email=row.email)
    ).delete(),
    "a member since, and deactivated": lambda world, row: MembershipFactory.create(
        organisation=row.organisation, user=User.objects.get(email=row.email), is_active=False
    ),
}


@pytest.mark.parametrize("death", DEATHS)
def test_attack_38_39_dead_links(world: World, death: str) -> None:
    user = UserFactory.create(email=KEPT)
    own = Role.objects.create(organisation=world.a.organisation, name="Own", permissions=["view", "take_part"])
    made = invited(world, role=own, units=[world.a.farm])
    token = token_of(made)
    # The trail knows the beginning of a transaction, which here is one for all.
    Invitation.objects.filter(pk=made.pk).update(expires_at=made.expires_at - timedelta(hours=1))
    DEATHS[death](world, made)
    with pytest.raises(Gone) as gone:
        answers.accept(Access.for_user(user), token=token)
    assert gone.value.detail.startswith("This invitation does not work any more.")
    assert not user.memberships.filter(is_active=True).exists()
    assert Invitation.objects.get(pk=made.pk).status != InvitationStatus.ACCEPTED


class TestRecording:
    def record(self, world: World, persona: str = "a_owner", **values: Any) -> companies.Recorded:
        tenant = world.b if persona.startswith("b") else world.a
        told: dict[str, Any] = {"organisation": tenant.organisation, "name": "Tiverton Tofu"}
        return companies.record_company(world.access(persona), **told | values)

    def test_record_and_connection_and_invitation(self, world: World) -> None:
        done = self.record(
            world,
            company_number="01234567",
            town="Tiverton",
            contact_email="t@tofu.example",
            note="Late payer",
            invite=True,
        )
        other = done.connection.other
        assert (other.kind, other.created_by_organisation, other.town) == ("shell", world.a.organisation, "Tiverton")
        assert done.is_new
        assert done.invitation is not None
        assert (done.invitation.organisation, done.invitation.invited_for) == (other, world.a.organisation)

    def test_a_known_number_connects(self, world: World) -> None:
        first = self.record(world, company_number="01234567", note="Late payer")
        second = self.record(
            world,
            "b_owner",
            company_number=" 0123 4567",
            name="Something else",
            invite=True,
            contact_email="t@x.example",
        )
        assert (second.is_new, second.invitation, second.connection.other) == (False, None, first.connection.other)
        assert (second.connection.other.name, second.connection.note) == ("Tiverton Tofu", "")
        with pytest.raises(Conflict) as conflict:
            self.record(world, "b_owner", company_number="01234567")
        assert conflict.value.code == "connected_already"

    def test_numbers_that_do_not_fit(self, world: World) -> None:
        Organisation.objects.filter(pk=world.a.organisation.pk).update(company_number="00000001")
        Organisation.objects.filter(pk=world.b.organisation.pk).update(vat_number="GB123456789")
        gone = Organisation.objects.create(name="Gone", company_number="00000003", archived_at=clock.now())
        for numbers, code in (
            ({"company_number": "00000001"}, "same"),
            ({"company_number": "12"}, "company_number"),
            ({"name": ""}, "blank"),
            ({"invite": True}, "required"),
            ({"invite": True, "contact_email": "sam@hectare.farm"}, "staff"),
            ({"invite": True, "contact_email": "t@x.example", "message": "m" * 501}, "max_length"),
        ):
            with pytest.raises(Invalid) as invalid:
                self.record(world, **numbers)
            assert invalid.value.errors[0].code == code
        with pytest.raises(Invalid, match="two companies"):
            self.record(world, company_number="00000001", vat_number="GB123456789")
        with pytest.raises(Conflict, match="write to us"):
            self.record(world, company_number=gone.company_number)

    @pytest.mark.parametrize("persona", ["a_manager", "a_viewer", "support"])
    def test_who_may_not(self, world: World, persona: str) -> None:
        with pytest.raises(DomainError):
            self.record(world, persona)
