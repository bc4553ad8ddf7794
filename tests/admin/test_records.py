"""What is kept as JSON is told in words on the staff's site."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from common import clock
from customers.models import Merge, PendingSignUp
from ordercycles import offers
from ordercycles.models import RecordedOffer
from permissions.models import Grant
from permissions.staff import AmountField, named
from tests.admin.conftest import Network
from tests.factories import MembershipFactory, OrganisationFactory

pytestmark = pytest.mark.django_db


def words(html: str) -> str:
    """What is to be read, with one blank between two words."""
    return re.sub(r"\s+", " ", unescape(strip_tags(html.replace("<", " <"))))


def page_of(desk: Client, row: Model) -> str:
    shown = desk.get(reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk]))
    assert shown.status_code == 200
    return words(shown.content.decode())


def test_a_recorded_offer_is_a_table_of_prices(desk: Client, network: Network) -> None:
    offer = offers.live(network.outlet).as_dict()
    (line,) = offer["lines"]
    line |= {"price": "1.45", "price_with_fees": "1.65", "fees": [{"name": "Crates", "adds": "0.2"}]}
    offer["per_order_fees"] = [{"name": "Round the town", "charge": "per_order", "amount": "2.5"}]
    row = RecordedOffer.objects.create(cycle=network.cycle, hub=network.exe, body=offer)
    told = page_of(desk, row)
    assert "Per order: Round the town (£2.50 per order)" in told
    assert f"{line['product']}, One litre {line['unit']} Ashclyst Dairy £1.45 Crates: £0.20 £1.65" in told
    assert "{" not in told


def test_a_merge_says_how_many_of_each_and_which(desk: Client, network: Network) -> None:
    moved = {"units": ["bu_1", "bu_2"], "api_keys": [{"id": "key_1", "note": "revoked"}], "members": []}
    row = Merge.objects.create(
        loser=OrganisationFactory.create(), winner=network.exe.unit.organisation, reason="One company", moved=moved
    )
    assert "Units 2: bu_1, bu_2 Members 0 Api keys 1: key_1 (revoked)" in page_of(desk, row)


def test_a_sign_up_that_waits_shows_what_was_typed(desk: Client) -> None:
    details = {
        "organisation": {"name": "Ottery <Orchards>", "vat_number": ""},
        "unit": {"name": "Home farm"},
        "business": {"kind": "farm", "is_producer": True, "certifications": ["Organic", "Pasture"]},
    }
    row = PendingSignUp.objects.create(email="o@ottery.example", name="Olive", details=details, expires_at=clock.now())
    told = page_of(desk, row)
    assert "Organisation Name Ottery <Orchards> Unit Name Home farm" in told
    assert "Business Kind farm Is producer yes Certifications Organic, Pasture" in told


def test_a_row_without_a_name_is_called_by_what_it_joins(desk: Client, network: Network) -> None:
    given = Grant.objects.get(content_object=network.ash)
    told = page_of(desk, given)
    assert told.count("Ashclyst Dairy → Exe Hub") == 3
    assert given.public_id in told
    act = desk.get(reverse("admin:permissions_grant_act", args=[given.pk, "withdraw"]))
    assert words(act.content.decode()).count("Ashclyst Dairy → Exe Hub") == 3


def test_an_act_that_would_be_refused_says_so_and_asks_for_nothing(desk: Client, network: Network) -> None:
    link = MembershipFactory.create(organisation=network.exe.unit.organisation, role="owner")
    address = reverse("admin:permissions_membership_act", args=[link.pk, "deactivate"])
    page = desk.get(address).content.decode()
    assert f"U7: {link.user} is the last active account owner" in words(page)
    assert "Reason" not in words(page)
    # Sent all the same, it is refused where it was asked, and what was typed is kept.
    page = desk.post(address, {"reason": "They left."}).content.decode()
    assert f"U7: {link.user} is the last active account owner" in words(page)
    assert 'value="They left."' in page
    link.refresh_from_db()
    assert link.is_active


@pytest.mark.parametrize(("kept", "shown"), [("3.0000", "3"), ("0.2500", "0.25"), ("100.0000", "100"), ("0.0000", "0")])
def test_amounts_are_written_without_the_places_of_the_column(kept: str, shown: str) -> None:
    assert AmountField(decimal_places=4, max_digits=12).prepare_value(Decimal(kept)) == shown


def test_pounds_keep_their_pence() -> None:
    assert AmountField(decimal_places=2, max_digits=8).prepare_value(Decimal("3.50")) == Decimal("3.50")
    assert AmountField(decimal_places=4, max_digits=8).prepare_value("3,5") == "3,5"


def test_nothing_is_a_dash() -> None:
    assert named({"company": {}, "unit": None}) == "–"


def test_filters_say_what_they_find(desk: Client, network: Network) -> None:
    told = words(desk.get(reverse("admin:ordercycles_fee_changelist")).content.decode())
    assert "By archived All active put away" in told
    told = words(desk.get(reverse("admin:permissions_role_changelist")).content.decode())
    assert "By organisation All comes with the product an organisation's own" in told
