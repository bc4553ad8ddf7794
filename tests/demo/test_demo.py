"""The demo network: what it promises to show, that it loads once, and that none of its links is dead or barred."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
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
from tests.walk import kind, walk

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

#: Who coordinates, only looks on, supplies, is not ready, runs the simple cycle, and is staff; with how many pages of
#: each kind each of them looks at.
PEOPLE = {
    "coordinator@exe-hub.example": 2,
    "viewer@exe-hub.example": 1,
    "owner@ashclyst-dairy.example": 1,
    "owner@totnes-larder.example": 1,
    "owner@blackdown-farm.example": 1,
    "staff@hectare.farm": 1,
}
#: A link that some are refused, and told why: the status, and what the page says.
SAYS_WHY = {"/account/memberships/…/leave/?": (409, "is the last active account owner of")}


@pytest.fixture(scope="class")
def printed(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """What the command says that loads it: once, for the tests of one class."""
    out = io.StringIO()
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_demo", "--if-empty", stdout=out)
        yield out.getvalue()
        transaction.set_rollback(True)


def what_it_shows(printed: str, client: Client) -> None:
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


class TestLoaded:
    """The network as it is loaded."""

    def test_what_it_shows(self, printed: str, client: Client) -> None:
        what_it_shows(printed, client)

    def test_it_is_loaded_once(self, printed: str) -> None:
        users = User.objects.count()
        out = io.StringIO()
        call_command("load_demo", "--if-empty", stdout=out)
        assert out.getvalue() == printed
        assert User.objects.count() == users
        with pytest.raises(CommandError, match="not empty"):
            call_command("load_demo")

    def test_every_link_that_people_are_shown_leads_somewhere(self, printed: str) -> None:
        wrong, pages = [], set()
        for email, of_a_kind in PEOPLE.items():
            client = Client()
            client.force_login(User.objects.get(email=email))
            for step in walk(client, of_a_kind):
                status, words = SAYS_WHY.get(kind(step.path), (0, ""))
                if step.status == status and words in step.text:
                    continue
                pages.add(kind(step.path))
                if step.status != 200 or step.astray:
                    wrong.append(f"{email}: {step.path}: {step.status} {step.astray}")
        assert wrong == []
        assert len(pages) > 80


def test_what_somebody_else_has_made_stays_alone() -> None:
    UserFactory.create()
    out = io.StringIO()
    call_command("load_demo", "--if-empty", stdout=out)
    assert out.getvalue() == ""
    assert not demo.is_loaded()
