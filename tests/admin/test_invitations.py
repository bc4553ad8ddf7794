"""What staff do about invitations, records of companies and duplicates."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from common import clock
from customers.models import Invitation, Merge, User
from mails.models import Mail
from organisations.models import Connection, Organisation
from permissions.models import Role
from tests.admin.conftest import Network
from tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db
WHY = "They rang"


def invite(desk: Client, **data: Any) -> Any:
    values = {"kind": "member", "email": "new@people.example", "reason": WHY} | data
    return desk.post(reverse("admin:customers_invitation_add"), values)


def act(desk: Client, row: Invitation, name: str) -> Any:
    return desk.post(reverse("admin:customers_invitation_act", args=[row.pk, name]), {"reason": WHY})


@pytest.fixture
def shell(network: Network) -> Organisation:
    """A record of the hub's company."""
    held = network.exe.unit.organisation
    made: Organisation = OrganisationFactory.create(name="Silver", kind="shell", created_by_organisation=held)
    Connection.objects.create(organisation=held, other=made, note="Ring first")
    return made


def test_staff_invite_look_after_and_revoke(network: Network, desk: Client, staff: User) -> None:
    company = network.exe.unit.organisation
    role = Role.objects.get(organisation=None, key="viewer")
    named = {"organisation": company.pk, "role": role.pk}
    # Over all units or some, and it is said which; another company's are refused.
    for wrong in ({}, {"units": [network.ash.unit.pk]}):
        assert "units" in invite(desk, **named, **wrong).context["adminform"].form.errors
    assert invite(desk, **named, units=[network.exe.unit.pk], email="some@people.example").status_code == 302
    made = Invitation.objects.get()
    assert (made.all_units, list(made.units.all())) == (False, [network.exe.unit])
    made.delete()
    assert invite(desk, **named, all_units="on").status_code == 302
    row = Invitation.objects.get()
    assert (row.organisation, row.role, row.invited_by, row.invited_for) == (company, role, staff, None)
    Invitation.objects.filter(pk=row.pk).update(expires_at=clock.now() - timedelta(days=1))
    for state in ("expired", "undelivered"):
        listed = desk.get(reverse("admin:customers_invitation_changelist"), {"state": state}).content.decode()
        assert "new@people.example" in listed
    assert (
        "new@people.example"
        not in desk.get(reverse("admin:customers_invitation_changelist"), {"state": "failed"})
        .content.decode()
        .partition("result_list")[2]
    )
    assert act(desk, row, "resend").status_code == 302
    assert Mail.objects.filter(kind="invitation", about=row.public_id).count() == 2
    assert act(desk, row, "revoke").status_code == 302
    row.refresh_from_db()
    assert row.status == "revoked"
    assert "I1" in act(desk, row, "resend").content.decode()


def test_staff_invite_to_take_a_record_over(network: Network, desk: Client, shell: Organisation) -> None:
    assert invite(desk, kind="claim", organisation=shell.pk).status_code == 302
    assert invite(desk, kind="claim", company_name="Tiverton Tofu", email="t@tofu.example").status_code == 302
    assert list(Invitation.objects.order_by("pk").values_list("kind", "organisation__name")) == [
        ("claim", "Silver"),
        ("claim", "Tiverton Tofu"),
    ]
    assert invite(desk, kind="claim").status_code == 200
    units = invite(desk, kind="claim", organisation=shell.pk, units=[network.exe.unit.pk])
    assert list(units.context["adminform"].form.errors) == ["units"]
    assert invite(desk).status_code == 200
    assert invite(desk, kind="claim", organisation=shell.pk, reason="").status_code == 200
    assert Invitation.objects.count() == 2


def test_companies_like_it_are_shown_before_one_is_invited(desk: Client, shell: Organisation) -> None:
    there = OrganisationFactory.create(name="Tiverton Tofu Limited", town="Tiverton", company_number="01234567")
    data = {"kind": "claim", "company_name": "Tiverton Tofu", "postcode": "ex16  9aa", "vat_number": "123 456 789"}
    shown = invite(desk, **data)
    assert shown.status_code == 200
    (told,) = shown.context["adminform"].form.errors["confirmed"]
    assert f"Tiverton Tofu Limited (customer, Tiverton, {there.postcode}, 01234567; {there.public_id})" in told
    assert not Invitation.objects.exists()
    # A number is given once, whatever is confirmed.
    again = invite(desk, **data, confirmed="on", company_number="0123 4567")
    assert list(again.context["adminform"].form.errors) == ["company_number"]
    assert invite(desk, **data, confirmed="on").status_code == 302
    made = Invitation.objects.get().organisation
    assert (made.kind, made.postcode, made.vat_number) == ("shell", "EX16 9AA", "GB123456789")


def test_duplicates_side_by_side_and_merged(network: Network, desk: Client, shell: Organisation) -> None:
    double = OrganisationFactory.create(name="Silverton", town="Tiverton", company_number="01234567")
    page = reverse("admin:customers_merge_add")
    assert desk.get(page).status_code == 200
    pair = f"{page}?loser={shell.pk}&winner={double.pk}"
    shown = desk.get(pair).content.decode()
    for words in ("Silverton", "Tiverton", "01234567", "Merge them"):
        assert words in shown
    assert not Merge.objects.exists()
    choices = {"name": "loser", "town": "winner", "postcode": "winner", "people": "moved"}
    assert desk.post(pair, choices).status_code == 200
    # What was not looked at does not happen: nothing, and then something else.
    seen = desk.get(pair).context["preview"]
    for looked_at, told in (("", "Look at what would happen first."), (seen, "This is not what you looked at")):
        again = desk.post(pair, {**choices, "reason": WHY, "preview": looked_at})
        assert told in again.content.decode()
    assert not Merge.objects.exists()
    looked = desk.post(pair, {**choices, "look": "Show"})
    assert "required" not in looked.context["form"].errors.as_text()
    assert looked.context["form"]["name"].value() == "loser"
    done = desk.post(pair, {**choices, "reason": WHY, "preview": looked.context["preview"]})
    assert done.status_code == 302
    double.refresh_from_db()
    assert (double.name, double.town) == ("Silver", "Tiverton")
    assert Connection.objects.get(note="Ring first").other == double
    assert "merged or removed already" in desk.get(pair).content.decode()
    assert "one and the same" in desk.get(f"{page}?loser={double.pk}&winner={double.pk}").content.decode()


def test_connections_are_changed_with_a_reason(network: Network, desk: Client, shell: Organisation) -> None:
    row = Connection.objects.get(other=shell)
    page = reverse("admin:organisations_connection_change", args=[row.pk])
    data = {"kind": "storage", "note": "Ring twice", "reason": WHY, "seen": row.version}
    assert desk.post(page, data).status_code == 302
    row.refresh_from_db()
    assert (row.kind, row.note, row.version) == ("storage", "Ring twice", 2)
