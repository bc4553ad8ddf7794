"""What stands on the stage of ``make screens``: the demo network, what it lacks, and the list of pages to look at."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib import admin
from django.core import mail
from django.core.management import call_command
from django.db.models import Model
from django.test import Client, RequestFactory
from django.test.utils import override_settings, setup_test_environment, teardown_test_environment
from django.urls import reverse

from config import error_pages
from customers.domain import companies, exports, invitations, merge, mode, ownership, removal, signup
from customers.domain.imports.batches import Reading, check_import
from customers.enums import ImportKind, SignUp
from customers.links import set_password_url
from customers.models import OwnershipTransfer, SignUpMode, User
from mails import outbox
from ordercycles.demo.people import PASSWORD, STAFF_EMAIL
from ordercycles.models import Exchange, OrderCycle
from organisations import contact
from organisations.models import Business, Organisation
from permissions.access import Access
from permissions.domain import roles
from permissions.models import ApiKey, Membership, Role
from tests import logistics
from tests.jobs import run_jobs
from tests.walk import place, walk
from tools.screens import Shot, named

OWNER = "owner@exe-hub.example"
CAREFUL = "owner@deane-hub.example"
#: Staff who act as the owner.
ACTING = "acting-as-owner"
SOMEBODY = "jo@two-hats.example"
#: Who walks the site, one after the other: what the first has come to, the others open only where it is not the same.
PEOPLE = (
    OWNER,
    "owner@ashclyst-dairy.example",
    "owner@totnes-larder.example",
    "viewer@exe-hub.example",
    STAFF_EMAIL,
)
#: Nobody's pages: who looks at them has not signed in.
PUBLIC = (
    "/accounts/login/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/1-nothing/",
    "/accounts/password/reset/key/done/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/nothing/",
    "/accounts/inactive/",
    "/accounts/3rdparty/login/cancelled/",
    "/accounts/3rdparty/login/error/",
    "/sign-up/",
    "/sign-up/sent/",
    "/sign-up/no-such-link/",
    "/set-password/usr_00000000000000000000000000/no-such-link/",
    "/invitations/no-such-link-000000000000000000000000000000000/",
    "/invitations/open/",
    "/enterprises/confirm-contact/no-such-link/",
)
#: Of somebody with a second factor.
SECOND_FACTOR = (
    "/accounts/2fa/",
    "/accounts/2fa/totp/deactivate/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/recovery-codes/generate/",
    "/accounts/2fa/reauthenticate/",
)
#: Of anybody; nothing leads there without a cause.
ASIDE = (
    "/accounts/email/",
    "/accounts/logout/",
    "/accounts/password/change/",
    "/accounts/reauthenticate/",
    "/accounts/sessions/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/3rdparty/",
)
ERRORS = {
    400: error_pages.bad_request,
    403: error_pages.permission_denied,
    404: error_pages.page_not_found,
    410: error_pages.gone,
    429: error_pages.too_many_requests,
    500: error_pages.server_error,
}


class Elements(HTMLParser):
    """The kinds of elements that a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.kinds: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember the element."""
        self.kinds.add(f"{tag} {dict(attrs).get('class')}")


@contextmanager
def set_up() -> Iterator[None]:
    """The demo network and what it lacks, in a migrated database."""
    setup_test_environment(debug=False)
    print("Migrating, and loading the demo network …", flush=True)
    call_command("migrate", verbosity=0)
    call_command("load_demo", verbosity=0, stdout=io.StringIO())
    _furnish()
    try:
        # Who has just signed in is not asked again, however long it takes.
        with override_settings(ACCOUNT_REAUTHENTICATION_TIMEOUT=24 * 3600):
            yield
    finally:
        teardown_test_environment()


_clients: dict[str, Client] = {}


def client_of(who: str) -> Client:
    """Somebody in a browser without scripts, who has just signed in through the form; nobody, when it is empty."""
    if who not in _clients:
        client = _clients[who] = Client(headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chromium"})
        if who:
            client.post(reverse("account_login"), {"login": _signs_in(who), "password": PASSWORD})
            client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        if who == ACTING:
            owner = User.objects.get(email=OWNER)
            client.post(
                reverse("admin:customers_user_act", args=[owner.pk, "act-as"]), {"reason": "To look at all pages"}
            )
    return _clients[who]


def _signs_in(who: str) -> str:
    return STAFF_EMAIL if who == ACTING else who


def session_of(who: str) -> tuple[str, str] | None:
    """The cookie of that session."""
    session = client_of(who).cookies.get(settings.SESSION_COOKIE_NAME)
    return (settings.SESSION_COOKIE_NAME, session.value) if session else None


class Listing:
    """The pages to look at, and what was to be among them but did not open."""

    def __init__(self) -> None:
        self.shots: dict[str, Shot] = {}
        self.missing: list[str] = []
        self._places: set[str] = set()
        self._elements: set[str] = set()

    def add(self, who: str, path: str, name: str = "", answer: tuple[int, str, bytes] | None = None) -> None:
        """One page, by its address or by a name."""
        name = name or named(path, who)
        while name in self.shots and self.shots[name].path != path:
            name += "-again"
        self.shots[name] = Shot(name, who, path, answer)

    def errors(self) -> None:
        """The pages for what went wrong."""
        request = RequestFactory().get("/")
        for number, page in ERRORS.items():
            self.add("", f"/error-{number}/", f"error-{number}", (number, "text/html", page(request).content))

    def filled_in(self, who: str) -> None:
        """Forms with what is said of what was sent."""
        for name, path, data in _filled_in(who):
            said = client_of(who).post(path, data)
            if said.status_code in {200, 403, 409, 412, 422} and said.content:
                answer = (said.status_code, said["Content-Type"], said.content)
                self.add(who, path, f"{name}--filled-in", answer)
            else:
                self.missing.append(f"{name}: {said.status_code} {said.headers.get('Location', '')}")

    def walked(self, who: str, start: str) -> None:
        """Every kind of page that links lead to, and pages on which something stands that was on none before."""
        for step in walk(client_of(who), 1, start=start, leave=("/api/", "/accounts/logout/"), kind=place):
            if step.status not in {200, 409} or step.astray:
                self.missing.append(f"{step.path} of {who}: {step.status} {' '.join(step.astray)}")
                continue
            elements, here = Elements(step.text).kinds, place(step.path)
            if step.text and (here not in self._places or not elements <= self._elements):
                self.add(who, step.path)
                self._places.add(here)
                self._elements |= elements


def listed() -> Listing:
    """All pages."""
    made = Listing()
    made.errors()
    everywhere = {
        "": PUBLIC,
        SOMEBODY: ASIDE,
        CAREFUL: SECOND_FACTOR,
        STAFF_EMAIL: _of_staff(),
        ACTING: _of_acting(),
    }
    for who, paths in everywhere.items():
        for path in paths:
            made.add(who, path)
    for name, path in _links().items():
        made.add("", path, name)
    for who in (OWNER, STAFF_EMAIL):
        made.filled_in(who)
    for who in PEOPLE:
        made.walked(who, "/")
    made.walked(STAFF_EMAIL, "/admin/")
    return made


# --- what the demo network lacks ------------------------------------------------------------------------------------


def _acting() -> Access:
    return Access.for_user(User.objects.get(email=STAFF_EMAIL)).acting("To look at all pages")


def _owner() -> tuple[Access, Organisation]:
    membership = Membership.objects.select_related("organisation").get(user__email=OWNER)
    return Access.for_user(User.objects.get(email=OWNER)), membership.organisation


def _furnish() -> None:
    actor, company = _owner()
    viewer = Role.objects.get(organisation=None, key="viewer")
    mode.set_mode(_acting(), mode=SignUp.OPEN)
    invitations.invite(actor, organisation=company, email="new@people.example", role=viewer, message="Welcome to us.")
    companies.record_company(
        actor,
        organisation=company,
        name="Sid Valley Smokery",
        town="Sidmouth",
        contact_name="Sue Sidmouth",
        contact_email="sue@smokery.example",
        invite=True,
    )
    for name in ("Otter Mill Bakery", "Otter Mill Bakers", "Axe Water Mills"):
        companies.record_company(actor, organisation=company, name=name, town="Ottery St Mary", postcode="EX11 1AB")
    signup.ask_to_sign_up(
        Access.none(),
        organisation={"name": "Torridge Tofu", "town": "Bideford", "postcode": "EX39 2AA"},
        unit={"name": "Torridge Tofu"},
        owner={"name": "Tess Torridge", "email": "tess@tofu.example"},
    )
    role = roles.create_role(actor, organisation=company, name="Packer", permissions=["view"])
    exports.export_organisation(actor, organisation=company)
    exports.export_person(actor, user=User.objects.get(email=OWNER))
    ApiKey.objects.create(
        organisation=company, name="Till", secret_hash="0" * 64, role=role, created_by_id=actor.user_id, scopes=["view"]
    )
    colleague = Membership.objects.get(user__email="coordinator@exe-hub.example", organisation=company)
    ownership.give_ownership(actor, organisation=company, recipient=colleague)
    # She has signed in before she had one.
    assert client_of(CAREFUL)
    careful = User.objects.get(email=CAREFUL)
    TOTP.activate(careful, generate_totp_secret())
    RecoveryCodes.activate(careful)
    _furnish_desk()
    outbox.post("unknown_account", recipient="stranger@elsewhere.example")
    run_jobs()


def _furnish_desk() -> None:
    """An import that was looked over, a merge, and a customer who leaves."""
    check_import(
        _acting(),
        kind=ImportKind.LOGISTICS,
        source="logistics",
        content=logistics.batch(30, 5, 8),
        reading=Reading(form="jsonl"),
        filename="logistics.jsonl",
    )
    loser, winner = Organisation.objects.filter(name__startswith="Otter Mill").order_by("pk")
    merge.merge(_acting(), loser=loser, winner=winner, reason="One company, recorded twice")
    leaving = Membership.objects.get(user__email="owner@parrett-honey.example").organisation
    removal.remove(_acting(), organisation=leaving)


def _mailed(address: str, holding: str) -> str:
    """The path of the link with these words in the last mail to an address."""
    text = str([one for one in mail.outbox if one.to == [address]][-1].body)
    (link,) = [word for word in text.split() if holding in word]
    return "/" + link.partition("://")[2].partition("/")[2]


def _links() -> dict[str, str]:
    """Pages behind links that work."""
    unconfirmed = Business.objects.get(unit__name="Totnes Larder")
    fresh = User.objects.create_user("nell@people.example", name="Nell New")
    return {
        "sign-up-confirm": _mailed("tess@tofu.example", "/sign-up/"),
        "invitation": _mailed("new@people.example", "/invitations/"),
        "invitation-to-claim": _mailed("sue@smokery.example", "/invitations/"),
        "set-password": "/" + set_password_url(fresh).partition("://")[2].partition("/")[2],
        "confirm-contact": reverse("confirm_contact", args=[contact.make_token(unconfirmed)]),
    }


def _of_staff() -> tuple[str, ...]:
    """Pages of the staff's site that no link leads to: every model's, with every act, and what was asked for."""
    paths = []
    for model, page in admin.site._registry.items():
        paths += _of_model(model, page)
    cycle = OrderCycle.objects.order_by("pk").first()
    exchange = Exchange.objects.filter(cycle=cycle).order_by("pk").first()
    person = User.objects.get(email=OWNER)
    assert cycle is not None
    assert exchange is not None
    asked = f"user={person.public_id}&cycle={cycle.public_id}&exchange={exchange.public_id}"
    return (*paths, f"{reverse('admin:explain_access')}?{asked}", f"{reverse('admin:search')}?q=exe")


def _of_acting() -> tuple[str, ...]:
    """Pages with the banner, and with what is greyed or refused while one acts as somebody."""
    _, company = _owner()
    cycle = OrderCycle.objects.filter(coordinator__unit__organisation=company).order_by("pk").first()
    assert cycle is not None
    id_ = company.public_id
    return (
        "/",
        f"/cycles/{cycle.public_id}/",
        "/account/",
        "/account/data/",
        "/accounts/email/",
        "/admin/",
        *(f"/organisations/{id_}/{part}/" for part in ("api-keys", "audit", "connections", "exports", "ownership")),
        "/nowhere/",
    )


def _of_model(model: type[Model], page: Any) -> list[str]:
    base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    paths = [reverse(f"{base}_changelist")]
    row = model._default_manager.order_by("pk").first()
    if page.add_fields and model is not SignUpMode:
        paths.append(reverse(f"{base}_add"))
    if row is not None:
        paths.append(reverse(f"{base}_change", args=[row.pk]))
        paths += [reverse(f"{base}_act", args=[row.pk, act.name]) for act in page.acts]
    return paths


def _filled_in(who: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Forms that were filled in wrongly, and acts that ask first: the name, the address, and what was sent."""
    _, company = _owner()
    if who == STAFF_EMAIL:
        return [
            ("admin-onboard", reverse("admin:onboard"), {}),
            ("admin-cycle", reverse("admin:ordercycles_ordercycle_add"), {"name": ""}),
            ("admin-customer", reverse("admin:organisations_organisation_add"), {"name": ""}),
        ]
    other = Membership.objects.get(user__email="viewer@exe-hub.example", organisation=company)
    contributor = Role.objects.get(organisation=None, key="contributor")
    id_ = company.public_id
    unit = Business.objects.filter(unit__organisation=company).order_by("pk")[0]
    change = {"role": contributor.public_id, "scope": "all"}
    many = {"people": "a@b.example\nnobody\na@b.example", "role": contributor.public_id, "scope": "all"}
    key = {"name": "Shop", "role": contributor.public_id, "scopes": ["view"]}
    transfer = OwnershipTransfer.objects.get()
    return [
        ("sign-up", reverse("sign_up"), {"company_name": ""}),
        ("cycle-create", reverse("cycle_create"), {"name": ""}),
        ("product-create", reverse("product_create"), {"name": ""}),
        (
            "fee-create",
            reverse("fee_create"),
            {"owner": unit.public_id, "name": "", "kind": "packing", "charge": "percent", "amount": "many"},
        ),
        ("unit-create", reverse("unit_create", args=[id_]), {"name": ""}),
        ("invite", reverse("invite", args=[id_]), {"email": "nobody"}),
        ("invite-many", reverse("invite_many", args=[id_]), many),
        ("person-change", reverse("person_change", args=[id_, other.public_id]), change),
        ("role-create", reverse("role_create", args=[id_]), {"name": ""}),
        ("company-record", reverse("company_record", args=[id_]), {"name": "", "invite": "on"}),
        ("api-key", reverse("api_key_create", args=[id_]), key),
        ("ownership-accept", reverse("ownership_accept", args=[id_, transfer.public_id]), {}),
    ]
