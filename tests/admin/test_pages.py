"""Every page of the staff's site opens for staff and for nobody else, and finds what is searched for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from config.admin_site import StaffSite
from customers.models import (
    AccessRequest,
    ExternalId,
    ImportBatch,
    Invitation,
    Merge,
    OwnershipTransfer,
    PendingSignUp,
    Removal,
    SignUpMode,
    User,
)
from mails import outbox
from ordercycles.models import Notice, RecordedOffer
from organisations.models import Connection
from permissions.models import GrantRequest, Role
from permissions.staff import StaffAdmin
from tests.admin.conftest import Desk, Network, desk_with_network, make_network
from tests.factories import MembershipFactory, OrganisationFactory, PaymentMethodFactory, StaffFactory

pytestmark = pytest.mark.django_db
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


#: Acts that are refused for the rows of these tests: herself, a member of staff; a role that comes with the product.
REFUSED = {"customers.User": {"act-as", "erase"}, "permissions.Role": {"delete"}}


def address(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def desk_with_everything() -> Desk:
    """One row at least of every model."""
    made = desk_with_network()
    SignUpMode.objects.create(mode="staff")
    StaffFactory.create()
    assert made.network is not None
    one_of_each(made.network, 1)
    return made


def one_of_each(network: Network, number: int) -> None:
    """A row of what a network does not hold by itself; ``number``, for what must differ."""
    PaymentMethodFactory.create(hub=network.exe)
    Connection.objects.create(organisation=network.exe.unit.organisation, other=OrganisationFactory.create())
    GrantRequest.objects.create(granter=network.exe, grantee=network.ash, permission="add_to_order_cycle")
    Notice.objects.create(enterprise=network.exe, kind="added", text="You are in.")
    RecordedOffer.objects.create(cycle=network.cycle, hub=network.exe, body={"lines": []})
    PendingSignUp.objects.create(
        email=f"olive{number}@ottery.example", name="Olive", details={}, expires_at=clock.now()
    )
    AccessRequest.objects.create(kind="access", company_name="Ales", name="Otto", email=f"otto{number}@otter.example")
    owner = MembershipFactory.create(organisation=network.exe.unit.organisation)
    outbox.post("unknown_account", recipient=f"stranger{number}@elsewhere.example")
    Invitation.objects.create(
        organisation=owner.organisation, email="new@people.example", invited_by=owner.user, expires_at=clock.now()
    )
    ImportBatch.objects.create(kind="logistics", source="logistics", options={"format": "jsonl", "encoding": "utf-8"})
    ExternalId.objects.create(source="logistics", external_id=f"L-{number}", user=owner.user)
    Merge.objects.create(
        loser=OrganisationFactory.create(),
        winner=OrganisationFactory.create(),
        reason="One company",
        moved={"units": []},
    )
    Removal.objects.create(organisation=OrganisationFactory.create(), reason="They left", due_at=clock.now())
    owner.organisation.api_keys.create(
        name="Shop", role=Role.objects.get(key="viewer"), secret_hash="x", created_by=owner.user, scopes=["view"]
    )
    colleague = MembershipFactory.create(organisation=owner.organisation, role="viewer")
    OwnershipTransfer.objects.create(
        organisation=owner.organisation,
        giver=owner,
        recipient=colleague,
        giver_role=colleague.role,
        expires_at=clock.now() + timedelta(days=1),
    )


def test_ours_is_the_site_and_holds_our_models_only() -> None:
    assert isinstance(admin.site, AdminSite)
    assert type(admin.site._wrapped) is StaffSite  # type: ignore[attr-defined]
    assert {model._meta.app_label for model in MODELS} == {
        "customers",
        "mails",
        "organisations",
        "ordercycles",
        "permissions",
    }
    assert len(MODELS) == 30
    assert all(isinstance(one, StaffAdmin) for one in admin.site._registry.values())


#: Statements of each list, at one row or two and at some more. Of each, two are for who asks: session and user.
STATEMENTS = {
    "customers.AccessRequest": 5,
    "customers.ExternalId": 6,
    "customers.ImportBatch": 6,
    "customers.Invitation": 5,
    "customers.Merge": 5,
    "customers.OwnershipTransfer": 5,
    "customers.PendingSignUp": 5,
    "customers.Removal": 5,
    "customers.SignUpMode": 6,
    "customers.StaffUser": 5,
    "customers.User": 5,
    "mails.Mail": 5,
    "ordercycles.Exchange": 5,
    "ordercycles.Fee": 5,
    "ordercycles.Notice": 5,
    "ordercycles.OrderCycle": 5,
    "ordercycles.PaymentMethod": 5,
    "ordercycles.Product": 6,
    "ordercycles.RecordedOffer": 5,
    "ordercycles.ShippingMethod": 5,
    "ordercycles.Variant": 5,
    "organisations.Business": 5,
    "organisations.BusinessUnit": 5,
    "organisations.Connection": 5,
    "organisations.Organisation": 5,
    "permissions.ApiKey": 6,
    "permissions.Grant": 5,
    "permissions.GrantRequest": 5,
    "permissions.Membership": 6,
    "permissions.Role": 5,
}


def _listed(desk: Client, model: type[Model]) -> tuple[int, int]:
    """Statements and rows of a list."""
    with CaptureQueriesContext(connection) as seen:
        answer = desk.get(address(model, "changelist"))
    return len(seen), answer.context["cl"].result_count


class TestOneRowOfEach:
    """With a row at least of every model."""

    @pytest.fixture
    def builder(self) -> Callable[[], Desk]:
        return desk_with_everything

    @pytest.fixture
    def everything(self, network: Network) -> Network:
        return network

    @pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
    def test_pages_open(self, everything: Network, desk: Client, model: type[Model]) -> None:
        row = model._default_manager.order_by("pk").first()
        assert row is not None
        listed = desk.get(address(model, "changelist"), {"q": "Exe"})
        assert listed.status_code == 200
        assert b"delete_selected" not in listed.content
        shown = desk.get(address(model, "change", row.pk))
        assert shown.status_code == 200
        assert f"/{row.pk}/delete/" not in shown.content.decode()
        page = admin.site._registry[model]
        assert isinstance(page, StaffAdmin)
        assert (b'name="reason"' in shown.content) is bool(page.change_fields)
        # The switch is made once: there is a row here.
        addable = bool(page.add_fields) and model is not SignUpMode
        assert desk.get(address(model, "add")).status_code == (200 if addable else 403)
        assert desk.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
        for act in page.acts:
            asked = desk.get(address(model, "act", row.pk, act.name))
            assert asked.status_code == 200
            # What would be refused is told, and not asked for.
            refused = act.name in REFUSED.get(model._meta.label, ())
            assert (b'name="reason"' in asked.content, b"errornote" in asked.content) == (not refused, refused)
            # Without a reason nothing is done.
            assert desk.post(address(model, "act", row.pk, act.name)).status_code == 200
        assert model._default_manager.filter(pk=row.pk).exists()

    def test_nobody_else_opens_them(self, everything: Network, client: Client) -> None:
        addresses = ["/admin/explain-access/", "/admin/autocomplete/"]
        for model in MODELS:
            row = model._default_manager.order_by("pk").first()
            assert row is not None
            addresses += [address(model, "changelist"), address(model, "add"), address(model, "change", row.pk)]
            addresses += [address(model, "act", row.pk, "archive")]
        for one in addresses:
            assert client.get(one).status_code == 302
        client.force_login(everything.cora)
        for one in addresses:
            answer = client.get(one)
            assert answer.status_code in {302, 403}
            assert b"Exe Hub" not in answer.content

    def test_statements_of_lists_do_not_grow(self, everything: Network, desk: Client) -> None:
        few = {model._meta.label: _listed(desk, model) for model in MODELS}
        for number in (2, 3):
            one_of_each(make_network(), number)
            StaffFactory.create()
            Role.objects.create(
                name=f"Role {number}", permissions=["view"], organisation=everything.exe.unit.organisation
            )
        many = {model._meta.label: _listed(desk, model) for model in MODELS}
        assert {label: count for label, (count, _) in few.items()} == STATEMENTS
        assert {label: count for label, (count, _) in many.items()} == STATEMENTS
        # There is one switch.
        assert [label for label in few if many[label][1] < few[label][1] + 2] == ["customers.SignUpMode"]


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("organisations.Organisation", "01234567"),
        ("organisations.BusinessUnit", "Exe Hub"),
        ("organisations.Business", "Exe Hub"),
        ("customers.User", "cora@"),
        ("ordercycles.OrderCycle", "Week 1"),
        ("ordercycles.Exchange", "Exe Hub"),
        ("ordercycles.Variant", "One litre"),
        ("permissions.Grant", "Ashclyst"),
    ],
)
def test_things_are_found(network: Network, desk: Client, label: str, text: str) -> None:
    organisation = network.exe.unit.organisation
    organisation.company_number = "01234567"
    organisation.save()
    User.objects.filter(pk=network.cora.pk).update(email="cora@exe.example")
    model = next(model for model in MODELS if model._meta.label == label)
    found = desk.get(address(model, "changelist"), {"q": text}).context["cl"].result_count
    assert found >= 1
    assert desk.get(address(model, "changelist"), {"q": "nothing like it"}).context["cl"].result_count == 0


def test_things_are_found_by_public_id(network: Network, desk: Client) -> None:
    for row in (network.cycle, network.outlet, network.milk, network.fee, network.cora, network.exe.unit):
        found = desk.get(address(type(row), "changelist"), {"q": row.public_id}).context["cl"].result_list
        assert list(found) == [row]


def test_cycles_by_state(network: Network, desk: Client) -> None:
    for state, expected in (("upcoming", [network.cycle]), ("open", []), ("nonsense", [network.cycle])):
        found = desk.get(address(type(network.cycle), "changelist"), {"state": state}).context["cl"].result_list
        assert list(found) == expected


def test_no_page_breaks_the_content_security_policy(network: Network, desk: Client) -> None:
    for one in ("/admin/", address(type(network.cycle), "change", network.cycle.pk), "/admin/explain-access/"):
        text = desk.get(one).content.decode()
        assert "<style" not in text
        assert " style=" not in text
        assert "onclick=" not in text
        assert "<script>" not in text
        assert "css/admin.css" in text


def test_what_can_be_chosen_is_told_apart(network: Network, desk: Client) -> None:
    query = {"app_label": "ordercycles", "model_name": "exchangevariant", "field_name": "exchange", "term": "Exe"}
    answer = desk.get("/admin/autocomplete/", query).json()
    assert {one["text"] for one in answer["results"]} == {"Exe Hub, outgoing – Week 1"}
    query = {"app_label": "permissions", "model_name": "membership", "field_name": "user", "term": network.ada.email}
    answer = desk.get("/admin/autocomplete/", query).json()
    assert [one["text"] for one in answer["results"]] == [f"{network.ada.name} ({network.ada.email})"]


def test_passwords_are_changed_on_the_sites_own_page(desk: Client) -> None:
    assert desk.get("/admin/password_change/").headers["Location"] == reverse("account_change_password")
