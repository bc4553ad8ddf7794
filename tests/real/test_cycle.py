"""A hub of the real register runs a whole order cycle through the API, with the keys of everybody in it.

Grants are asked for and given, producers come in and hubs go out, goods and fees of every kind are put on, a grant is
withdrawn and given back, the cycle closes. At every stage the offers are compared, price by price, with what
``reckoning`` makes of the register.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from common import clock
from ordercycles.enums import Charge, FeeKind
from tests.jobs import run_jobs
from tests.real import network as networks
from tests.real import plan as plans
from tests.real import reckoning
from tests.real.caller import Caller, Tally
from tests.real.plan import Plan, PlannedFee
from tests.real.reckoning import Line
from tests.real.register import ROOT, Register

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

NONE: frozenset[tuple[str, str]] = frozenset()


@dataclass
class Story:
    """The cycle as it comes about.

    Attributes:
        callers: by approval number.
        variants: public ids, by SKU; ``skus`` the other way round.
        fees: public ids, by owner and name.
        incoming: public ids of exchanges, by approval number; ``outgoing`` likewise.
        grants: public ids, by granter and grantee.
    """

    plan: Plan
    network: networks.Network
    callers: dict[str, Caller]
    cycle: str = ""
    fees: dict[tuple[str, str], str] = field(default_factory=dict)
    incoming: dict[str, str] = field(default_factory=dict)
    outgoing: dict[str, str] = field(default_factory=dict)
    grants: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.variants = {sku: variant.public_id for sku, variant in self.network.variants.items()}
        self.skus = {public_id: sku for sku, public_id in self.variants.items()}

    @property
    def hub(self) -> Caller:
        """The coordinator."""
        return self.callers[self.plan.coordinator]

    def ids(self, skus: Collection[str]) -> list[str]:
        """Public ids of variants."""
        return [self.variants[sku] for sku in sorted(skus)]

    # What they do, in order.

    def get_ready(self) -> None:
        """Every hub gets a way to collect, a way to pay, and an address that somebody reads."""
        for number in self.plan.hubs:
            caller = self.callers[number]
            caller.post("shipping-methods/", {"hub": caller.id, "name": "From the yard", "kind": "collection"})
            caller.post("payment-methods/", {"hub": caller.id, "name": "On account"})
            # The mail that asks for confirmation goes out by itself.
            address = f"orders@{caller.id.replace('_', '-')}.example"
            caller.change(f"business-units/{caller.id}/business/", {"contact_email": address})
        run_jobs()
        for number in self.plan.hubs:
            confirm(f"orders@{self.callers[number].id.replace('_', '-')}.example")

    def ask_and_give(self) -> None:
        """Grants are asked for by who needs them, and given by whom they concern."""
        for party in self.plan.parties:
            if party != self.plan.coordinator:
                self._ask(party, self.plan.coordinator)
        for producer, hub in sorted(self.plan.grants):
            self._ask(producer, hub)
        for number, caller in self.callers.items():
            for request in list(caller.every(f"grant-requests/?granter={caller.id}&status=pending")):
                grant = caller.post(f"grant-requests/{request['id']}/approve/", expect=200)
                self.grants[number, self._number(request["grantee"]["id"])] = grant["id"]

    def _ask(self, granter: str, grantee: str) -> None:
        body = {"granter": self.callers[granter].id, "grantee": self.callers[grantee].id, "message": "For Thursdays."}
        self.callers[grantee].post("grant-requests/", body)

    def _number(self, enterprise: str) -> str:
        return next(number for number, caller in self.callers.items() if caller.id == enterprise)

    def begin(self) -> None:
        """The cycle, with everybody in it."""
        now = clock.now()
        made = self.hub.post(
            "order-cycles/",
            {
                "coordinator": self.hub.id,
                "name": "Devon and Cornwall, Thursday",
                "opens_at": (now + timedelta(days=1)).isoformat(),
                "closes_at": (now + timedelta(days=3)).isoformat(),
            },
        )
        self.cycle = f"order-cycles/{made['id']}/"
        for producer in self.plan.producers:
            self.incoming[producer] = self._add("incoming", producer)
        for hub in self.plan.hubs:
            self.outgoing[hub] = self._add("outgoing", hub)

    def _add(self, direction: str, number: str) -> str:
        body = {"direction": direction, "enterprise": self.callers[number].id}
        exchange: str = self.hub.post(f"{self.cycle}exchanges/", body)["id"]
        return exchange

    def make_fresh(self) -> None:
        """One producer has something new this week: a product with two variants."""
        caller = self.callers[self.plan.producers[0]]
        first = self.plan.fresh[0]
        body = {"producer": caller.id, "name": first.product, "category": first.category}
        product = caller.post("products/", body)["id"]
        for good in self.plan.fresh:
            details: dict[str, Any] = {
                "product": product,
                "name": good.size.name,
                "sku": good.sku,
                "unit_type": good.size.unit,
                "unit_value": str(good.size.amount),
                "price": str(good.price),
                "on_demand": True,
            }
            made = caller.post("variants/", details)["id"]
            self.variants[good.sku] = made
            self.skus[made] = good.sku

    def supply(self) -> None:
        """Producers put their goods in; the coordinator does it for every third."""
        for place, (producer, goods) in enumerate(self.plan.supplied.items()):
            caller = self.hub if place % 3 == 2 else self.callers[producer]
            self.put(caller, self.incoming[producer], [good.sku for good in goods])

    def distribute(self) -> None:
        """Goods go out to the hubs: the coordinator picks for two, the others help themselves."""
        for place, hub in enumerate(self.plan.hubs):
            caller = self.hub if place < 2 else self.callers[hub]
            self.put(caller, self.outgoing[hub], reckoning.carried(self.plan, hub))

    def put(self, caller: Caller, exchange: str, skus: Collection[str]) -> None:
        """Put goods into an exchange."""
        body = {"add": self.ids(skus)}
        changed = caller.change(f"exchanges/{exchange}/variants/", body, of=f"exchanges/{exchange}/")
        assert changed["added"] == len(skus)

    def charge(self) -> None:
        """Fees of every kind and way to charge, each attached by its owner or by the coordinator."""
        for fee in self.plan.fees:
            self.fees[fee.owner, fee.name] = self.callers[fee.owner].post("fees/", _body(fee, self.callers))["id"]
        ids = [self.fees[fee.owner, fee.name] for fee in self.plan.cycle_fees]
        self.hub.change(f"{self.cycle}fees/", {"add": ids}, of=self.cycle)
        for exchanges, attached in (
            (self.incoming, self.plan.incoming_fees),
            (self.outgoing, self.plan.outgoing_fees),
        ):
            for place, (number, fees) in enumerate(attached.items()):
                caller = self.callers[number] if place % 2 else self.hub
                ids = [self.fees[fee.owner, fee.name] for fee in fees]
                where = f"exchanges/{exchanges[number]}/"
                caller.change(f"{where}fees/", {"add": ids}, of=where) if ids else None

    def open(self) -> None:
        """It opens now."""
        opens_at = (clock.now() - timedelta(minutes=1)).isoformat()
        assert self.hub.change(self.cycle, {"opens_at": opens_at})["state"] == "open"

    # What is seen.

    def offer(self, hub: str, *, by: Caller | None = None) -> Any:
        """The offer of a hub, as the API tells it."""
        return (by or self.hub).get(f"{self.cycle}offer/?hub={self.callers[hub].id}")

    def check(self, *, withdrawn: Collection[tuple[str, str]] = NONE) -> int:
        """Compare every hub's offer with the reckoning, price by price; how many lines there were."""
        count = 0
        for hub in self.plan.hubs:
            expected = reckoning.offer(self.plan, hub, withdrawn=withdrawn)
            told = self.offer(hub, by=self.callers[hub])
            assert {self.skus[line["variant"]]: self.line(line) for line in told["lines"]} == expected
            assert {fee["name"] for fee in told["per_order_fees"]} == reckoning.per_order(self.plan, hub)
            assert len(told["lines"]) == len(expected)
            count += len(expected)
        return count

    def line(self, told: Any) -> Line:
        """A line of an offer, in the reckoning's words."""
        return Line(
            sku=self.skus[told["variant"]],
            price=Decimal(told["price"]),
            adds=tuple((fee["name"], Decimal(fee["adds"])) for fee in told["fees"]),
            with_fees=Decimal(told["price_with_fees"]),
        )

    def lapsed(self, hub: str, *, by: Caller | None = None) -> dict[str, tuple[str, ...]]:
        """What has lapsed in a hub's exchange, by SKU, with the reasons."""
        rows = (by or self.hub).every(f"exchanges/{self.outgoing[hub]}/variants/?only=lapsed&page_size=3")
        return {self.skus[row["id"]]: tuple(row["lapsed"]) for row in rows}


def _body(fee: PlannedFee, callers: dict[str, Caller]) -> dict[str, Any]:
    body = {
        "owner": callers[fee.owner].id,
        "name": fee.name,
        "kind": fee.kind,
        "charge": fee.charge,
        "amount": fee.amount,
        "further_amount": fee.further_amount,
        "max_items": fee.max_items,
        "minimum": fee.minimum,
    }
    return {name: value for name, value in body.items() if value is not None}


def confirm(address: str) -> None:
    """Follow the link in the mail to an address, as its reader does."""
    (message,) = [one for one in mail.outbox if one.to == [address] and "onfirm" in one.subject]
    (link,) = [word for word in str(message.body).split() if "confirm-contact" in word]
    client = Client()
    path = link.partition("://")[2].partition("/")[2]
    assert client.get(f"/{path}").status_code == 200
    assert client.post(f"/{path}", follow=True).status_code == 200


@pytest.fixture
def story(register: Register) -> Story:
    """Everybody in the database, with a key each; nothing has happened yet."""
    plan = plans.make(register)
    network = networks.load(register)
    tally = Tally()
    callers = {number: Caller.of(network.businesses[number], tally) for number in plan.parties}
    return Story(plan, network, callers)


def test_a_hub_of_the_register_runs_a_whole_cycle(
    story: Story, register: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = time.perf_counter()
    plan = story.plan
    assert {fee.kind for fee in plan.fees} == set(FeeKind.values)
    assert {fee.charge for fee in plan.fees} == set(Charge.values)

    story.get_ready()
    story.ask_and_give()
    story.begin()
    story.make_fresh()
    story.supply()
    story.distribute()
    story.charge()
    forbidden(story)
    story.open()
    lines = story.check()
    withdraw_and_give_back(story, plan.producers[0], plan.hubs[0], "producer_hub_grant")
    withdraw_and_give_back(story, plan.producers[1], plan.coordinator, "producer_coordinator_grant")
    close(story)

    figures = {
        "rows": register.rows,
        "loaded": len(register.establishments),
        "refused": dict(register.refusals),
        "remarks": dict(register.remarks),
        "organisations": story.network.organisations,
        "producers": sum(one.is_producer for one in register.establishments),
        "hubs": sum(one.is_hub for one in register.establishments),
        "products": story.network.products,
        "variants": len(story.network.variants),
        "connections": story.network.connections,
        "in the cycle": {"producers": len(plan.producers), "hubs": len(plan.hubs), "grants": len(story.grants)},
        "lines offered": lines,
        "calls": story.hub.tally.calls,
        "slowest calls": dict(sorted(story.hub.tally.slowest.items(), key=lambda one: -one[1])[:5]),
        "seconds": round(time.perf_counter() - begun, 1),
    }
    tell(figures, capsys)


def forbidden(story: Story) -> None:
    """What no grant covers is refused with its rule, whoever tries, and names every variant that it refuses."""
    plan = story.plan
    hub = plan.hubs[0]
    producer = next(one for one in plan.producers if not plan.granted(one, hub))
    skus = [good.sku for good in plan.supplied[producer]]
    where = f"exchanges/{story.outgoing[hub]}/"
    refused = story.hub.change(f"{where}variants/", {"add": story.ids(skus)}, of=where, expect=403)
    assert {error["rule"] for error in refused["errors"]} == {"C7"}
    assert {error["id"] for error in refused["errors"]} == set(story.ids(skus))
    # The two have nothing to do with each other: the goods do not exist to the hub, nor its part to the producer.
    refused = story.callers[hub].change(f"{where}variants/", {"add": story.ids(skus)}, of=where, expect=400)
    assert [error["code"] for error in refused["errors"]] == ["not_found"] * len(skus)
    assert story.callers[producer].get(where, expect=404)["code"] == "not_found"


def withdraw_and_give_back(story: Story, granter: str, grantee: str, reason: str) -> None:
    """A grant ends: the preview says what lapses, the offers shrink by that; given back, all stands again."""
    pair = (granter, grantee)
    caller, plan = story.callers[granter], story.plan
    expected = {
        hub: {sku for sku in before if sku not in reckoning.offer(plan, hub, withdrawn={pair})}
        for hub in plan.hubs
        if (before := reckoning.offer(plan, hub))
    }
    where = f"grants/{story.grants[pair]}/"
    preview = caller.call("DELETE", f"{where}?preview=true", expect=200).body
    assert preview["variants"] == sum(map(len, expected.values())) > 0
    assert {one["id"]: one["variants"] for one in preview["cycles"][0]["hubs"]} == {
        story.callers[hub].id: len(skus) for hub, skus in expected.items() if skus
    }
    caller.delete(where)
    story.check(withdrawn={pair})
    for hub, skus in expected.items():
        # What the coordinator carries itself rests on one grant, which has two reasons there.
        reasons = (reason, "producer_hub_grant") if hub == grantee == plan.coordinator else (reason,)
        assert story.lapsed(hub) == dict.fromkeys(skus, reasons)

    body = {"granter": caller.id, "grantee": story.callers[grantee].id}
    story.grants[pair] = caller.post("grants/", body)["id"]
    story.check()
    assert not any(story.lapsed(hub) for hub in plan.hubs)


def close(story: Story) -> None:
    """Closed: nobody changes it, and a grant that ends afterwards changes nothing of what was on offer."""
    plan = story.plan
    etag = story.hub.call("GET", story.cycle, expect=200).etag
    assert story.hub.call("POST", f"{story.cycle}close/", expect=200, etag=etag).body["state"] == "closed"
    story.check()
    where = f"exchanges/{story.incoming[plan.producers[0]]}/"
    sku = plan.supplied[plan.producers[0]][0].sku
    refused = story.callers[plan.producers[0]].change(
        f"{where}variants/", {"remove": story.ids([sku])}, of=where, expect=409
    )
    assert {error["rule"] for error in refused["errors"]} == {"L3"}
    story.callers[plan.producers[0]].delete(f"grants/{story.grants[plan.producers[0], plan.hubs[0]]}/")
    story.check()
    assert all(story.offer(hub)["recorded"] for hub in plan.hubs)


def tell(figures: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Print the figures, and leave them in the folder of results."""
    text = json.dumps(figures, indent=2)
    place = ROOT / "build" / "real-register.json"
    place.parent.mkdir(exist_ok=True)
    place.write_text(text + "\n")
    with capsys.disabled():
        print(f"\n{text}")
