"""The demo network: what it promises to show, and that it loads once, fast."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from config import demo
from customers.models import User
from ordercycles.demo import people
from ordercycles.enums import Charge, CycleState, Direction, ExchangeStatus
from ordercycles.models import Exchange, ExchangeVariant, Fee, OrderCycle, Variant
from organisations.models import Business
from permissions.access import Access
from permissions.actions import Permission
from permissions.models import Grant, GrantRequest, Membership
from permissions.models.grants import RequestStatus
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def printed(db: Any) -> str:
    out = io.StringIO()
    call_command("load_demo", "--if-empty", stdout=out)
    return out.getvalue()


def test_what_it_shows(printed: str, client: Client) -> None:
    assert 14 <= Business.objects.count() <= 16
    assert Business.objects.filter(is_producer=True, sells="any").exists()
    assert Business.objects.filter(is_producer=True, sells="own").exists()
    assert 250 <= Variant.objects.count() <= 500
    assert not Variant.objects.filter(price=0).exists()
    assert set(Fee.objects.values_list("charge", flat=True)) == set(Charge.values)
    states = Counter(cycle.state for cycle in OrderCycle.objects.all())
    assert states == {CycleState.DRAFT: 1, CycleState.UPCOMING: 2, CycleState.OPEN: 1, CycleState.CLOSED: 1}
    assert Exchange.objects.filter(status=ExchangeStatus.ACCEPTED).exists()
    assert Exchange.objects.filter(status=ExchangeStatus.DECLINED).exists()
    closed = OrderCycle.objects.in_state(CycleState.CLOSED).get()
    assert [len(one.body["lines"]) > 20 for one in closed.recorded_offers.all()] == [True, True]
    assert GrantRequest.objects.filter(status=RequestStatus.PENDING).exists()
    assert Membership.objects.filter(role__key="viewer").exists()
    unready = Business.objects.get(unit__name="Totnes Larder")
    assert (unready.contact_email_is_confirmed, unready.payment_methods.count()) == (False, 0)
    _lapsed()
    _two_hats()
    _sign_ins(printed, client)


def _lapsed() -> None:
    deane, bramley = (Business.objects.get(unit__name=name) for name in ("Deane Hub", "Bramley Court Orchard"))
    assert not Grant.objects.filter(content_object=bramley, group=deane.group).exists()
    carried = ExchangeVariant.objects.filter(
        exchange__cycle__name="Exe Hub, this week", exchange__direction=Direction.OUTGOING, exchange__enterprise=deane
    )
    assert carried.filter(variant__producer=bramley).count() > 5


def _two_hats() -> None:
    for email in ("jo@two-hats.example", "priya@two-hats.example"):
        access = Access.for_user(User.objects.get(email=email))
        hers = Business.objects.filter(pk__in=access.ids(Permission.TAKE_PART))
        assert len({one.unit.organisation_id for one in hers}) == 2
        assert len({(one.is_producer, one.sells) for one in hers}) == 2


def _sign_ins(printed: str, client: Client) -> None:
    for email, _ in people.TO_TRY:
        assert email in printed
        assert client.login(username=email, password=people.PASSWORD)
    assert people.PASSWORD in printed


def test_it_is_loaded_once(printed: str) -> None:
    users = User.objects.count()
    out = io.StringIO()
    call_command("load_demo", "--if-empty", stdout=out)
    assert out.getvalue() == printed
    assert User.objects.count() == users
    with pytest.raises(CommandError, match="not empty"):
        call_command("load_demo")


def test_what_somebody_else_has_made_stays_alone() -> None:
    UserFactory.create()
    out = io.StringIO()
    call_command("load_demo", "--if-empty", stdout=out)
    assert out.getvalue() == ""
    assert not demo.is_loaded()
