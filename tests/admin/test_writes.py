"""Staff write through the verbs: with a reason, under the rules, and not at all when refused."""

from __future__ import annotations

from typing import Any

import pghistory.models
import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Invitation, User
from ordercycles.enums import Direction, ExchangeStatus
from ordercycles.models import Exchange, OrderCycle, Product
from organisations.models import Business, BusinessUnit
from permissions.models import Grant, Membership, Role
from tests.admin.conftest import Network
from tests.factories import (
    CycleFactory,
    ExchangeFactory,
    MembershipFactory,
    OrganisationFactory,
    UnitFactory,
    UserFactory,
    VariantFactory,
    grant,
    hub,
    producer,
)

pytestmark = pytest.mark.django_db
WHY = "Asked by phone"


def address(row: Model | type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=args)


def typed(row: Model, **changes: Any) -> dict[str, Any]:
    """What the change form of a row sends, with changes."""
    page: Any = admin.site._registry[type(row)]
    data: dict[str, Any] = {"reason": WHY, "seen": getattr(row, "version", "")}
    for name in page.change_fields:
        value = getattr(row, name)
        if name in {"opens_at", "closes_at"}:
            local = timezone.localtime(value)
            data |= {f"{name}_0": f"{local:%Y-%m-%d}", f"{name}_1": f"{local:%H:%M:%S}"}
        elif value is not None and value is not False:
            data[name] = value
    return {name: value for name, value in (data | changes).items() if value is not None}


def save(desk: Client, row: Model, **changes: Any) -> Any:
    return desk.post(address(row, "change", row.pk), typed(row, **changes))


def act(desk: Client, row: Model, act_name: str, **data: Any) -> Any:
    return desk.post(address(row, "act", row.pk, act_name), {"reason": WHY, **data})


def errors(answer: Any) -> str:
    """What the form says is wrong; the answer is the page again."""
    assert answer.status_code == 200
    form = answer.context.get("adminform")
    found = form.form.errors if form else answer.context["form"].errors
    return " ".join(text for texts in found.values() for text in texts)


def contexts(verb: str) -> list[dict[str, Any]]:
    return [one.metadata for one in pghistory.models.Context.objects.filter(metadata__verb=verb)]


def test_a_save_calls_the_verb_and_keeps_the_reason(network: Network, desk: Client, staff: User) -> None:
    answer = save(desk, network.cycle, name="Week one")
    assert answer.status_code == 302
    network.cycle.refresh_from_db()
    assert (network.cycle.name, network.cycle.version) == ("Week one", 2)
    (context,) = contexts("ordercycles.edit_cycle")
    assert (context["actor"], context["reason"]) == (staff.public_id, WHY)


def test_without_a_reason_nothing_is_saved(network: Network, desk: Client) -> None:
    for reason in (None, "", "   "):
        assert "required" in errors(save(desk, network.cycle, name="Week one", reason=reason))
    network.cycle.refresh_from_db()
    assert network.cycle.name == "Week 1"


def test_the_coordinator_never_changes(network: Network, desk: Client) -> None:
    page = desk.get(address(network.cycle, "change", network.cycle.pk)).content.decode()
    assert 'name="coordinator"' not in page
    assert "C3" in errors(save(desk, network.cycle, name="Week one", coordinator=hub("Other").pk))
    network.cycle.refresh_from_db()
    assert (network.cycle.name, network.cycle.coordinator) == ("Week 1", network.exe)


def test_two_editors(network: Network, desk: Client) -> None:
    assert save(desk, network.cycle, name="First").status_code == 302
    assert "Somebody else has changed this" in errors(save(desk, network.cycle, name="Second"))
    network.cycle.refresh_from_db()
    assert network.cycle.name == "First"


def test_a_closed_cycle_is_history(network: Network, desk: Client) -> None:
    closed = CycleFactory.create(coordinator=network.exe, state="closed", name="Old")
    assert "L3" in errors(save(desk, closed, name="New"))
    closed.refresh_from_db()
    assert closed.name == "Old"
    assert "L3" in errors(act(desk, closed, "close"))


def test_staff_are_under_the_rules_on_grants_and_readiness(network: Network, desk: Client) -> None:
    def add(direction: str, enterprise: Business) -> Any:
        data = {"cycle": network.cycle.pk, "direction": direction, "enterprise": enterprise.pk, "reason": WHY}
        return desk.post(address(Exchange, "add"), data)

    stranger, unready = producer("Stranger"), hub("Unready", is_ready=False)
    grant(unready, network.exe)
    before = Exchange.objects.count()
    assert "C4: Stranger has not granted Exe Hub." in errors(add(Direction.INCOMING, stranger))
    assert "has no shipping method" in errors(add(Direction.OUTGOING, unready))
    assert Exchange.objects.count() == before
    grant(stranger, network.exe)
    assert add(Direction.INCOMING, stranger).status_code == 302
    assert network.cycle.exchanges.filter(enterprise=stranger).exists()


def test_goods(network: Network, desk: Client) -> None:
    cream, foreign = VariantFactory.create(of=network.ash), VariantFactory.create(of=producer("Stranger"))
    refused = errors(act(desk, network.supply, "goods", add=foreign.public_id))
    assert foreign.public_id in refused
    assert act(desk, network.supply, "goods", add=f"{cream.public_id}\n").status_code == 302
    assert set(network.supply.exchange_variants.values_list("variant", flat=True)) == {network.milk.pk, cream.pk}
    # What Exe Hub carries is taken from it only when that is confirmed.
    assert "Exe Hub" in errors(act(desk, network.supply, "goods", remove=network.milk.public_id))
    assert act(desk, network.supply, "goods", remove=network.milk.public_id, confirmed="on").status_code == 302
    assert list(network.supply.exchange_variants.values_list("variant", flat=True)) == [cream.pk]


def test_fees(network: Network, desk: Client) -> None:
    fee = network.fee
    assert act(desk, network.outlet, "fees", add=fee.public_id).status_code == 302
    assert network.outlet.exchange_fees.get().fee == fee
    assert act(desk, network.cycle, "fees", add=fee.public_id).status_code == 302
    assert network.cycle.cycle_fees.get().fee == fee
    assert "Not found" in errors(act(desk, network.outlet, "fees", add="fee_nonsense"))
    assert "Not found" in errors(act(desk, network.cycle, "fees", add="fee_nonsense"))


def test_answers_and_notes_for_them(network: Network, desk: Client) -> None:
    assert act(desk, network.outlet, "accept").status_code == 302
    assert act(desk, network.outlet, "decline", because="Holiday").status_code == 302
    network.outlet.refresh_from_db()
    assert (network.outlet.status, network.outlet.decline_reason) == (ExchangeStatus.DECLINED, "Holiday")
    assert save(desk, network.outlet, collection_time="Friday").status_code == 302
    assert "belongs to" in errors(save(desk, Exchange.objects.get(pk=network.outlet.pk), delivery_notes="No"))


def test_an_exchange_is_removed_with_its_preview(network: Network, desk: Client) -> None:
    page = desk.get(address(network.supply, "act", network.supply.pk, "remove"))
    assert page.context["preview"]["hubs"][0]["name"] == "Exe Hub"
    assert act(desk, network.supply, "remove").status_code == 302
    assert not Exchange.objects.filter(pk=network.supply.pk).exists()


def test_a_cycle_is_made_copied_closed_and_deleted(network: Network, desk: Client) -> None:
    data = {"coordinator": network.exe.pk, "name": "Week 2", "reason": WHY}
    assert desk.post(address(OrderCycle, "add"), data).status_code == 302
    assert OrderCycle.objects.get(name="Week 2").coordinator == network.exe
    assert "C1" in errors(desk.post(address(OrderCycle, "add"), {**data, "coordinator": network.ash.pk}))
    assert act(desk, network.cycle, "copy", name="Week 3").status_code == 302
    assert OrderCycle.objects.get(name="Week 3").exchanges.count() == 2
    running = CycleFactory.create(coordinator=network.exe, state="open")
    assert act(desk, running, "close").status_code == 302
    assert OrderCycle.objects.get(pk=running.pk).state == "closed"
    assert act(desk, network.cycle, "delete").status_code == 302
    assert not OrderCycle.objects.filter(pk=network.cycle.pk).exists()


def test_a_grant_is_given_and_withdrawn_with_its_preview(network: Network, desk: Client, settings: Any) -> None:
    other = hub("Deane Hub")
    data = {"content_object": network.ash.pk, "grantee": other.pk, "kind": "add_to_order_cycle", "reason": WHY}
    # Two fields that hold enterprises are not one query repeated.
    settings.ZEAL_ALLOWLIST = [{"model": "organisations.Business"}]
    assert desk.post(address(Grant, "add"), data).status_code == 302
    assert "G1" in errors(desk.post(address(Grant, "add"), {**data, "grantee": network.ash.pk}))
    given = Grant.objects.get(content_object=network.ash, group=other.group)
    used = Grant.objects.get(content_object=network.ash, group=network.exe.group)
    assert b"Week 1" in desk.get(address(Grant, "act", used.pk, "withdraw")).content
    assert act(desk, given, "withdraw").status_code == 302
    assert act(desk, used, "give-up").status_code == 302
    assert not Grant.objects.exists()


def test_people(desk: Client) -> None:
    # Nobody is made in no organisation.
    assert desk.get(address(User, "add")).status_code == 403
    ann = UserFactory.create(email="ann@ash.example", name="Ann")
    organisation = OrganisationFactory.create()
    unit = UnitFactory.create(organisation=organisation)
    role = Role.objects.get(key="manager")
    data: dict[str, Any] = {
        "organisation": organisation.pk,
        "role": role.pk,
        "units": [unit.pk],
        "reason": WHY,
    }
    # Whoever has an account is asked; whoever has none gets one.
    assert desk.post(address(Membership, "add"), {**data, "email": ann.email, "name": "Ann"}).status_code == 302
    assert not Membership.objects.filter(user=ann).exists()
    assert Invitation.objects.get(organisation=organisation).email == ann.email
    assert desk.post(address(Membership, "add"), {**data, "email": "bo@ash.example", "name": "Bo"}).status_code == 302
    made = Membership.objects.get(user__email="bo@ash.example")
    assert (made.all_units, list(made.units.all())) == (False, [unit])
    owner = MembershipFactory.create(organisation=organisation)
    data = {"role": role.pk, "all_units": "on", "reason": WHY, "seen": 1}
    assert "U7" in errors(desk.post(address(Membership, "change", owner.pk), data))
    assert "U7" in errors(act(desk, owner, "deactivate"))
    data["role"] = Role.objects.get(key="owner").pk
    assert desk.post(address(Membership, "change", made.pk), data).status_code == 302
    assert act(desk, owner, "deactivate").status_code == 302
    assert act(desk, owner, "reactivate").status_code == 302
    assert save(desk, ann, name="Ann Board").status_code == 302
    assert User.objects.get(pk=ann.pk).name == "Ann Board"


def test_roles(desk: Client) -> None:
    organisation = OrganisationFactory.create()
    data: dict[str, Any] = {"organisation": organisation.pk, "name": "Packer", "permissions": ["view"], "reason": WHY}
    assert "(view)" in errors(desk.post(address(Role, "add"), {**data, "permissions": ["manage_fees"]}))
    assert desk.post(address(Role, "add"), data).status_code == 302
    role = Role.objects.get(name="Packer")
    assert save(desk, role, name="Picker", permissions=["view", "manage_fees"]).status_code == 302
    role.refresh_from_db()
    assert (role.name, role.permissions) == ("Picker", ["manage_fees", "view"])
    held = MembershipFactory.create(organisation=organisation, role=role)
    assert b"1 member" in desk.get(address(Role, "act", role.pk, "delete")).content
    assert "held by 1 member" in errors(act(desk, role, "delete"))
    instead = Role.objects.get(key="viewer")
    assert act(desk, role, "delete", reassign_to=instead.pk).status_code == 302
    held.refresh_from_db()
    assert held.role == instead
    assert act(desk, held, "remove").status_code == 302
    assert not Membership.objects.filter(pk=held.pk).exists()


def test_companies(desk: Client) -> None:
    organisation = OrganisationFactory.create(name="Ashclyst Ltd")
    assert "company number" in errors(save(desk, organisation, company_number="12"))
    assert save(desk, organisation, company_number="0123 4567").status_code == 302
    data: dict[str, Any] = {"organisation": organisation.pk, "name": "Ashclyst Farm", "reason": WHY}
    assert desk.post(address(BusinessUnit, "add"), data).status_code == 302
    unit = BusinessUnit.objects.get(name="Ashclyst Farm")
    data = {"unit": unit.pk, "kind": "farm", "is_producer": "on", "sells": "none", "reason": WHY}
    assert desk.post(address(Business, "add"), data).status_code == 302
    business = Business.objects.get(pk=unit.pk)
    changed = save(desk, business, contact_email="ash@ash.example", description="Milk")
    assert changed.status_code == 302
    business.refresh_from_db()
    assert (business.contact_email, business.description, business.version) == ("ash@ash.example", "Milk", 3)
    assert act(desk, business, "confirm").status_code == 302
    assert act(desk, unit, "archive").status_code == 302
    assert BusinessUnit.objects.get(pk=unit.pk).is_archived
    assert act(desk, unit, "restore").status_code == 302


def test_catalogue(network: Network, desk: Client) -> None:
    data = {"producer": network.ash.pk, "name": "Butter", "reason": WHY}
    assert desk.post(address(Product, "add"), data).status_code == 302
    butter = Product.objects.get(name="Butter")
    assert save(desk, butter, name="Salted butter").status_code == 302
    assert save(desk, network.milk, price="-1").status_code == 200
    assert save(desk, network.milk, price="1.55").status_code == 302
    assert save(desk, network.fee, amount="0.30").status_code == 302
    for row in (butter, network.milk, network.fee):
        assert act(desk, row, "archive").status_code == 302
        row.refresh_from_db()
        assert row.is_archived
        assert act(desk, row, "restore").status_code == 302


def test_what_has_no_verb_cannot_be_posted(network: Network, desk: Client) -> None:
    role = Role.objects.get(key="viewer")
    data = {"name": "Everything", "permissions": ["view"], "reason": WHY}
    assert "U4" in errors(desk.post(address(Role, "change", role.pk), data))
    assert Role.objects.get(pk=role.pk).name == "Viewer"
    assert ExchangeFactory.create().public_id
    desk.post(address(OrderCycle, "changelist"), {"action": "delete_selected", "_selected_action": network.cycle.pk})
    assert OrderCycle.objects.filter(pk=network.cycle.pk).exists()
