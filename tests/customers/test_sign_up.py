"""Taking on customers: by staff, by companies themselves, not at all; requests for access; recovery of ownership."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pghistory.models
import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import clock
from common.errors import ConfirmationNeeded, Conflict, Gone, Invalid, NotFound, TooMany
from customers import directory
from customers.domain import duplicates, recovery, requests, signup
from customers.domain.duplicates import Asked
from customers.domain.mode import mode, set_mode
from customers.enums import InvitationStatus, RequestKind, RequestState, SignUp
from customers.models import AccessRequest, Invitation, PendingSignUp, User
from mails.models import Mail
from mails.tasks import deliver
from organisations.enums import BusinessKind, OrganisationKind
from organisations.models import Business, BusinessUnit, Organisation
from permissions.access import Access
from permissions.decisions import Refused
from permissions.models import Membership
from tests.factories import MembershipFactory, OrganisationFactory, StaffFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db

COMPANY: signup.Company = {
    "name": "Ottery Orchards Ltd",
    "company_number": "01234567",
    "vat_number": "GB 123 4567 89",
    "town": "Ottery St Mary",
    "postcode": "ex111aa",
}
UNIT: signup.FirstUnit = {"name": "Home orchard", "postcode": "EX11 1AA"}
OWNER: signup.Owner = {"name": "Olive Otter", "email": " Olive@Ottery.Example "}
FARM: signup.FirstBusiness = {"kind": BusinessKind.FARM, "description": "Apples.", "certifications": ["organic"]}
PASSWORD = "long and good enough 7"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def staff() -> Access:
    return Access.for_user(StaffFactory.create(name="Sam")).acting("They rang")


def sign_up(actor: Access, **values: Any) -> signup.SignedUp:
    return signup.sign_up(actor, **{"organisation": COMPANY, "unit": UNIT, "owner": OWNER, "business": FARM, **values})


def ask(**values: Any) -> None:
    given = {"organisation": COMPANY, "unit": UNIT, "owner": OWNER, "business": FARM, "source": "192.0.2.1", **values}
    signup.ask_to_sign_up(Access.none(), **given)


def sent() -> Any:
    """What the newest mail that waits says, sent."""
    row = Mail.objects.filter(status="queued").order_by("pk").last()
    assert row is not None
    deliver(row.public_id)
    return mail.outbox[-1]


def events_of(row: Any) -> Any:
    """What the audit trail has of a row."""
    return pghistory.models.Events.objects.tracks(row)  # type: ignore[no-untyped-call]


def token_in(message: Any) -> str:
    _, _, rest = message.body.partition("/sign-up/")
    found: str = rest.partition("/")[0]
    return found


class TestByStaff:
    def test_everything_is_made_at_once(self, staff: Access) -> None:
        made = sign_up(staff)
        company = Organisation.objects.get(public_id=made.organisation.public_id)
        assert (company.name, company.kind, company.company_number, company.vat_number, company.postcode) == (
            "Ottery Orchards Ltd",
            OrganisationKind.FULL,
            "01234567",
            "GB123456789",
            "EX11 1AA",
        )
        unit = BusinessUnit.objects.get(organisation=company)
        assert unit == made.unit
        farm = Business.objects.get(unit=unit)
        assert (farm.kind, farm.is_producer, farm.certifications) == ("farm", True, ["organic"])
        owner = User.objects.get(email="olive@ottery.example")
        membership = Membership.objects.get(organisation=company)
        assert (membership.user, membership.role.key, membership.all_units) == (owner, "owner", True)
        assert EmailAddress.objects.get(user=owner).verified
        assert not owner.has_usable_password()
        assert made.invitation is None
        assert [(one.kind, one.recipient) for one in Mail.objects.all()] == [("welcome", owner.email)]

    def test_the_trail_names_one_verb_with_its_reason(self, staff: Access) -> None:
        made = sign_up(staff)
        for row in (made.organisation, made.unit, made.business, made.owner):
            assert row is not None
            (event,) = events_of(row)
            told = event.pgh_context
            assert (told["verb"], told["actor_name"], told["reason"]) == ("customers.sign_up", "Sam", "They rang")

    def test_without_a_business(self, staff: Access) -> None:
        assert sign_up(staff, business=None).business is None

    @pytest.mark.parametrize(
        ("values", "pointer"),
        [
            ({"organisation": {**COMPANY, "postcode": "nowhere"}}, "/organisation/postcode"),
            ({"unit": {"name": ""}}, "/unit/name"),
            ({"business": {"kind": "farm", "store_code": "S1"}}, "/business/store_code"),
            ({"owner": {"name": "O", "email": "no address"}}, "/owner/email"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_is_left(self, staff: Access, values: Any, pointer: str) -> None:
        with pytest.raises(Invalid) as problem:
            sign_up(staff, **values)
        assert [one.pointer for one in problem.value.errors] == [pointer]
        assert not Organisation.objects.exists()
        assert not Mail.objects.exists()
        assert User.objects.count() == 1

    def test_likely_duplicates_are_shown_first(self, staff: Access) -> None:
        there = OrganisationFactory.create(name="Ottery Orchards Limited", postcode="EX11 1AA")
        with pytest.raises(ConfirmationNeeded) as problem:
            sign_up(staff)
        (match,) = problem.value.preview["matches"]
        assert (match["id"], match["because"]) == (there.public_id, ["name_and_postcode", "name"])
        assert sign_up(staff, confirmed=True).organisation != there

    def test_a_number_is_given_once_whatever_is_confirmed(self, staff: Access) -> None:
        OrganisationFactory.create(name="Somebody", company_number="01234567")
        with pytest.raises(Invalid) as problem:
            sign_up(staff, confirmed=True)
        assert [one.pointer for one in problem.value.errors] == ["/organisation/company_number"]

    def test_who_has_an_account_is_asked_first(self, staff: Access) -> None:
        user = UserFactory.create(email="olive@ottery.example", name="Olive")
        made = sign_up(staff)
        assert made.owner is None
        assert not Membership.objects.exists()
        invitation = Invitation.objects.get()
        assert invitation == made.invitation
        assert (invitation.email, invitation.organisation, invitation.status) == (
            user.email,
            made.organisation,
            InvitationStatus.PENDING,
        )
        assert invitation.role is not None
        assert invitation.role.key == "owner"
        assert [one.kind for one in Mail.objects.all()] == ["invitation"]

    @pytest.mark.parametrize("values", [{"is_staff": True}, {"is_active": False}])
    def test_staff_and_those_shut_out_are_made_owner_of_nothing(self, staff: Access, values: Any) -> None:
        UserFactory.create(email="olive@ottery.example", **values)
        with pytest.raises(Invalid) as problem:
            sign_up(staff)
        assert problem.value.errors[0].pointer == "/owner/email"
        assert not Organisation.objects.exists()

    def test_nobody_else_does_it(self, staff: Access) -> None:
        owner = MembershipFactory.create(role="owner").user
        with pytest.raises(Refused) as problem:
            sign_up(Access.for_user(owner))
        assert problem.value.decision.code == "S1"
        with pytest.raises(Refused):
            sign_up(Access.for_user(User.objects.get(name="Sam")))
        with pytest.raises(NotFound):
            sign_up(Access.none())

    def test_an_organisation_alone(self, staff: Access) -> None:
        made = signup.create_organisation_alone(staff, name="Lone Ltd")
        assert (made.kind, made.units.count()) == (OrganisationKind.FULL, 0)
        with pytest.raises(ConfirmationNeeded):
            signup.create_organisation_alone(staff, name="Lone Limited")


class TestMode:
    def test_the_setting_holds_until_somebody_turns_the_switch(self, staff: Access, settings: Any) -> None:
        assert mode() == SignUp.STAFF
        settings.CUSTOMER_SIGNUP = "open"
        assert mode() == SignUp.OPEN
        row = set_mode(staff, mode=SignUp.CLOSED)
        assert mode() == SignUp.CLOSED
        assert set_mode(staff, mode=SignUp.STAFF, version=row.version).pk == row.pk
        assert mode() == SignUp.STAFF

    def test_administrators_turn_it(self, staff: Access) -> None:
        support = Access.for_user(StaffFactory.create(is_superuser=False)).acting("Because")
        with pytest.raises(Refused) as problem:
            set_mode(support, mode=SignUp.OPEN)
        assert problem.value.decision.code == "S2"
        assert mode() == SignUp.STAFF

    @pytest.mark.parametrize("closed", [SignUp.CLOSED, SignUp.STAFF, SignUp.OPEN])
    def test_it_holds_for_every_verb(self, staff: Access, closed: SignUp) -> None:
        set_mode(staff, mode=closed)
        may: dict[str, Callable[[], Any]] = {
            "sign_up": lambda: sign_up(staff, confirmed=True),
            "alone": lambda: signup.create_organisation_alone(staff, name="Lone Ltd"),
            "open": ask,
            "request": request_access,
        }
        refused: dict[str, str] = {}
        for name, act in may.items():
            try:
                act()
            except Refused as problem:
                refused[name] = problem.decision.code
        assert set(refused.values()) <= {"Q2"}
        assert {name: name not in refused for name in may} == {
            "sign_up": closed != SignUp.CLOSED,
            "alone": closed != SignUp.CLOSED,
            "open": closed == SignUp.OPEN,
            "request": closed == SignUp.STAFF,
        }


class TestByTheCompany:
    @pytest.fixture(autouse=True)
    def _open(self, settings: Any) -> None:
        settings.CUSTOMER_SIGNUP = "open"

    def test_nothing_is_made_until_the_link_is_followed(self) -> None:
        ask(business={**FARM, "hectares": Decimal("12.5")})
        assert (User.objects.count(), Organisation.objects.count()) == (0, 0)
        message = sent()
        assert message.to == ["olive@ottery.example"]
        token = token_in(message)
        assert PendingSignUp.objects.get().token_hash not in message.body
        made = signup.confirm_sign_up(Access.none(), token=token, password=PASSWORD)
        assert made is not None
        assert made.owner is not None
        assert made.owner.check_password(PASSWORD)
        assert EmailAddress.objects.get(user=made.owner).verified
        membership = Membership.objects.get()
        assert (membership.user, membership.organisation, membership.role.key) == (
            made.owner,
            made.organisation,
            "owner",
        )
        assert made.business is not None
        assert str(Business.objects.get(pk=made.business.pk).hectares) == "12.50"
        assert not PendingSignUp.objects.exists()
        (event,) = events_of(made.organisation)
        assert event.pgh_context["actor"] == made.owner.public_id
        assert event.pgh_context["verb"] == "customers.confirm_sign_up"
        with pytest.raises(Gone):
            signup.confirm_sign_up(Access.none(), token=token, password=PASSWORD)

    def test_a_password_that_is_too_weak_leaves_the_link(self) -> None:
        ask()
        token = token_in(sent())
        with pytest.raises(Invalid) as problem:
            signup.confirm_sign_up(Access.none(), token=token, password="short")
        assert {one.pointer for one in problem.value.errors} == {"/password"}
        assert signup.get_pending(token)

    @pytest.mark.parametrize("values", [{}, {"is_active": False}, {"is_staff": True}])
    def test_who_is_known_gets_another_mail_and_nothing_is_made(self, values: Any) -> None:
        UserFactory.create(email="olive@ottery.example", **values)
        ask()
        message = sent()
        assert "You have an account" in message.subject
        assert "/sign-up/" not in message.body
        assert (User.objects.count(), Organisation.objects.count()) == (1, 0)
        assert not PendingSignUp.objects.exists()
        assert not AccessRequest.objects.exists()

    @pytest.mark.parametrize("kind", [OrganisationKind.FULL, OrganisationKind.SHELL])
    def test_a_company_that_is_here_is_looked_into_by_staff(self, kind: OrganisationKind) -> None:
        there = OrganisationFactory.create(name="Secret Name", vat_number="GB123456789", kind=kind)
        ask()
        message = sent()
        assert "looks into it" in message.subject
        assert "Secret" not in message.body
        request = AccessRequest.objects.get()
        assert (request.organisation, request.email, request.status) == (
            there,
            "olive@ottery.example",
            RequestState.WAITING,
        )
        assert request.kind == (RequestKind.CLAIM if kind == OrganisationKind.SHELL else RequestKind.ACCESS)
        assert not PendingSignUp.objects.exists()

    @pytest.mark.parametrize("where", ["company", "unit", "elsewhere"])
    def test_a_name_like_it_at_the_same_postcode_too(self, where: str) -> None:
        there = OrganisationFactory.create(name="Ottery Orchards Limited")
        UnitFactory.create(organisation=there, postcode="PL1 1AA" if where == "elsewhere" else "EX11 1AA")
        company: signup.Company = {"name": "Ottery Orchards"}
        if where == "company":
            company["postcode"] = "ex11 1aa"
        ask(organisation=company, unit=UNIT if where == "unit" else {"name": "Home orchard"})
        message = sent()
        if where == "elsewhere":
            assert token_in(message)
            return
        assert "looks into it" in message.subject
        assert "Limited" not in message.body
        request = AccessRequest.objects.get()
        assert (request.organisation, request.kind) == (there, RequestKind.ACCESS)
        assert "a name like it at its postcode" in request.message
        assert not PendingSignUp.objects.exists()

    def test_the_same_for_one_that_comes_between(self) -> None:
        ask()
        token = token_in(sent())
        OrganisationFactory.create(company_number="01234567")
        assert signup.confirm_sign_up(Access.none(), token=token, password=PASSWORD) is None
        assert AccessRequest.objects.count() == 1
        assert not User.objects.exists()

    def test_who_comes_to_have_an_account_meanwhile_signs_in(self) -> None:
        ask()
        token = token_in(sent())
        UserFactory.create(email="olive@ottery.example")
        with pytest.raises(Gone):
            signup.confirm_sign_up(Access.none(), token=token, password=PASSWORD)

    def test_the_form_does_the_same_work_for_all(self) -> None:
        counts = []
        for known in (False, True):
            if known:
                UserFactory.create(email="olive@ottery.example")
                OrganisationFactory.create(company_number="01234567")
            with CaptureQueriesContext(connection) as queries:
                ask()
            counts.append([query["sql"].partition(" ")[0] for query in queries])
        assert counts[0] == counts[1]

    def test_the_mode_that_turns_meanwhile_holds_for_the_link(self, settings: Any) -> None:
        ask()
        token = token_in(sent())
        settings.CUSTOMER_SIGNUP = "staff"
        with pytest.raises(Refused) as problem:
            signup.confirm_sign_up(Access.none(), token=token, password=PASSWORD)
        assert problem.value.decision.code == "Q2"
        assert not User.objects.exists()

    def test_what_is_wrong_is_said_without_looking(self) -> None:
        OrganisationFactory.create(company_number="01234567")
        with pytest.raises(Invalid) as problem:
            ask(
                organisation={**COMPANY, "name": "", "vat_number": "12"},
                unit={"name": "x\ny"},
                owner={"name": "", "email": "none"},
                business={"kind": "barn"},
            )
        assert [(one.pointer, one.code) for one in problem.value.errors] == [
            ("/organisation/name", "blank"),
            ("/organisation/vat_number", "vat_number"),
            ("/unit/name", "one_line"),
            ("/owner/email", "invalid"),
            ("/owner/name", "blank"),
            ("/business/kind", "invalid_choice"),
        ]

    def test_links_expire_and_what_nobody_confirms_is_deleted(self) -> None:
        ask()
        token = token_in(sent())
        assert signup.forget_unconfirmed() == 0
        with clock.at(clock.now() + timedelta(days=7, minutes=1)):
            with pytest.raises(Gone):
                signup.confirm_sign_up(Access.none(), token=token, password=PASSWORD)
            assert signup.forget_unconfirmed() == 1
        assert not PendingSignUp.objects.exists()

    @pytest.mark.parametrize("token", ["", "x", "a" * 43])
    def test_no_link(self, token: str) -> None:
        ask()
        with pytest.raises(Gone):
            signup.get_pending(token)

    def test_limits(self) -> None:
        for _ in range(4):
            ask()
        assert Mail.objects.count() == 3
        for number in range(6):
            ask(owner={"name": "A", "email": f"a{number}@ottery.example"})
        with pytest.raises(TooMany):
            ask(owner={"name": "A", "email": "b@ottery.example"})
        ask(owner={"name": "A", "email": "b@ottery.example"}, source="192.0.2.2")


def request_access(**values: Any) -> AccessRequest:
    given = {
        "company_name": "Otter Ales",
        "name": "Otto",
        "email": "otto@otter.example",
        "postcode": "ex111aa",
        "source": "192.0.2.1",
        **values,
    }
    requests.ask_for_access(Access.none(), **given)
    return AccessRequest.objects.latest("pk")


class TestRequests:
    def test_asking(self) -> None:
        row = request_access(company_number="sc123456")
        assert (row.kind, row.status, row.postcode, row.company_number) == (
            RequestKind.ACCESS,
            RequestState.WAITING,
            "EX11 1AA",
            "SC123456",
        )
        message = sent()
        assert (message.to, message.subject) == (["otto@otter.example"], "We have your request for Otter Ales")
        with pytest.raises(Invalid):
            request_access(company_name="")

    def test_limits(self) -> None:
        for _ in range(4):
            request_access()
        # Staff look at all of them; the address gets three mails.
        assert (AccessRequest.objects.count(), Mail.objects.count()) == (4, 3)
        request_access(email="staff@hectare.farm")
        assert AccessRequest.objects.count() == 4
        for _ in range(5):
            request_access()
        with pytest.raises(TooMany):
            request_access()

    def test_taking_on(self, staff: Access) -> None:
        row = request_access()
        made = requests.take_on(staff, request=row, organisation={"name": "Otter Ales"}, unit=UNIT, owner=OWNER)
        row.refresh_from_db()
        assert (row.status, row.organisation, row.answered_by_id) == (
            RequestState.APPROVED,
            made.organisation,
            staff.user_id,
        )
        with pytest.raises(Conflict):
            requests.refuse(staff, request=row, answer="No")

    def test_inviting_to_claim(self, staff: Access) -> None:
        row = request_access()
        with pytest.raises(Invalid):
            requests.invite_to_claim(staff, request=row, organisation=OrganisationFactory.create())
        shell = OrganisationFactory.create(kind=OrganisationKind.SHELL)
        sent_one = requests.invite_to_claim(staff, request=row, organisation=shell)
        assert (sent_one.email, sent_one.organisation) == ("otto@otter.example", shell)
        row.refresh_from_db()
        assert (row.status, row.organisation) == (RequestState.APPROVED, shell)

    def test_refusing(self, staff: Access) -> None:
        row = request_access()
        for answer in (" ", "x" * 501):
            with pytest.raises(Invalid):
                requests.refuse(staff, request=row, answer=answer)
        requests.refuse(staff, request=row, answer="Devon only, so far.")
        message = sent()
        assert "Devon only, so far." in message.body
        row.refresh_from_db()
        assert (row.status, row.answer) == (RequestState.REFUSED, "Devon only, so far.")

    def test_only_staff_answer(self) -> None:
        row = request_access()
        owner = Access.for_user(MembershipFactory.create(role="owner").user)
        with pytest.raises(NotFound):
            requests.refuse(owner, request=row, answer="No")
        with pytest.raises(Refused):
            requests.refuse(Access.for_user(StaffFactory.create()), request=row, answer="No")


class TestDuplicates:
    @pytest.mark.parametrize(
        ("asked", "because"),
        [
            (Asked(company_number="0123 4567"), ("company_number",)),
            (Asked(vat_number="gb123456789"), ("vat_number",)),
            (Asked(company_number="01234567", vat_number="GB123456789"), ("company_number", "vat_number")),
            (Asked(name="THE A.B. Smith & Sons Limited"), ("name",)),
            (Asked(name="AB Smith and Son"), ("name",)),
            (Asked(name="Smith", postcode="ex4 3pq"), ("name_and_postcode",)),
            (Asked(name="Smith's", postcode="EX113AA"), ("name_and_postcode",)),
            (Asked(email="ANN@smith.example"), ("email",)),
            (Asked(name="Jones"), None),
            (Asked(name="Ltd", postcode="EX4 3PQ"), None),
            (Asked(company_number="7654321"), None),
            (Asked(), None),
        ],
    )
    def test_what_is_found(self, asked: Asked, because: tuple[str, ...] | None) -> None:
        company = OrganisationFactory.create(
            name="A. B. Smith and Sons Ltd.", company_number="01234567", vat_number="GB123456789"
        )
        UnitFactory.create(organisation=company, postcode="EX11 3AA")
        MembershipFactory.create(organisation=company, user=UserFactory.create(email="ann@smith.example"))
        OrganisationFactory.create(name="Wholly Other")
        found = duplicates.find(asked)
        assert [(one.organisation, one.because) for one in found] == ([(company, because)] if because else [])

    def test_the_likeliest_come_first(self) -> None:
        near = OrganisationFactory.create(name="Smith and Son", postcode="PL1 1AA")
        there = OrganisationFactory.create(name="Smith & Sons", postcode="EX1 1AA")
        number = OrganisationFactory.create(name="Quite Another", company_number="01234567")
        asked = Asked(name="Smith & Sons", postcode="EX1 1AA", company_number="01234567")
        found = duplicates.find(asked)
        assert [one.organisation for one in found] == [number, there, near]
        assert [one.is_certain for one in found] == [True, False, False]

    def test_groups(self) -> None:
        first = OrganisationFactory.create(name="Smith & Sons Ltd")
        second = OrganisationFactory.create(name="smith and sons")
        OrganisationFactory.create(name="Jones")
        groups = list(duplicates.groups())
        assert groups == [{"plain_name": "smith sons", "companies": 2}]
        assert list(duplicates.of_group(["smith sons"])) == [first, second]


class TestRecovery:
    def test_a_member_becomes_owner_and_every_owner_is_told(self, staff: Access) -> None:
        old = MembershipFactory.create(role="owner")
        company = old.organisation
        viewer = MembershipFactory.create(organisation=company, role="viewer")
        done = recovery.recover_ownership(staff, organisation=company, membership=viewer)
        assert done.membership is not None
        viewer.refresh_from_db()
        assert (viewer.role.key, viewer.all_units, done.membership.pk) == ("owner", True, viewer.pk)
        (event,) = events_of(viewer).filter(pgh_label="update")
        assert event.pgh_context["verb"] == "customers.recover_ownership"
        notices = Mail.objects.filter(kind="ownership_recovered").order_by("pk")
        assert [notice.recipient for notice in notices] == [old.user.email, viewer.user.email]
        for notice in notices:
            deliver(notice.public_id)
        to_the_old, to_the_new = (str(message.body) for message in mail.outbox[-2:])
        assert viewer.user.name in to_the_old
        assert "Your own part stays as it is" in to_the_old
        assert "From now on you are over all its units" in to_the_new
        old.refresh_from_db()
        assert old.is_active

    def test_who_is_raised_can_sign_in_to_be_told(self, staff: Access) -> None:
        """An owner counts whose e-mail is confirmed: the same everywhere."""
        owner = MembershipFactory.create(role="owner")
        company, address = owner.organisation, EmailAddress.objects.filter(user=owner.user)
        assert directory.get_customer(staff, company.public_id).has_owner
        address.update(verified=False)
        assert not directory.get_customer(staff, company.public_id).has_owner
        with pytest.raises(Invalid, match="has not confirmed the e-mail"):
            recovery.recover_ownership(staff, organisation=company, membership=owner)

    def test_somebody_is_invited_as_owner(self, staff: Access) -> None:
        company = MembershipFactory.create(role="owner").organisation
        done = recovery.recover_ownership(staff, organisation=company, email="new@farm.example", name="New")
        assert done.invitation is not None
        assert done.invitation.role is not None
        assert (done.invitation.email, done.invitation.role.key) == ("new@farm.example", "owner")
        assert sorted(Mail.objects.values_list("kind", flat=True)) == ["invitation", "ownership_recovered"]

    def test_what_cannot_be(self, staff: Access) -> None:
        owner = MembershipFactory.create(role="owner")
        company = owner.organisation
        gone = MembershipFactory.create(organisation=company, role="viewer", is_active=False)
        stranger = MembershipFactory.create(role="viewer")
        wrong: list[tuple[Any, str]] = [
            ({}, ""),
            ({"membership": owner, "email": "a@b.example"}, ""),
            ({"membership": gone}, "/membership"),
            ({"membership": stranger}, "/membership"),
            ({"email": gone.user.email}, "/email"),
        ]
        for values, pointer in wrong:
            with pytest.raises(Invalid) as problem:
                recovery.recover_ownership(staff, organisation=company, **values)
            assert problem.value.errors[0].pointer == pointer
        shell = OrganisationFactory.create(kind=OrganisationKind.SHELL)
        with pytest.raises(Conflict):
            recovery.recover_ownership(staff, organisation=shell, email="a@b.example")
        with pytest.raises(Refused):
            recovery.recover_ownership(Access.for_user(owner.user), organisation=company, email="a@b.example")
        assert not Mail.objects.exists()
