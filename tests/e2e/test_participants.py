"""A producer and a hub do their part in somebody else's order cycle, and are told why they cannot do more."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from ordercycles.enums import Direction
from tests.e2e.support import MakePerson, Valley, thursday
from tests.factories import CycleFactory, ExchangeFactory, grant

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_a_producer_takes_a_product_back_and_is_told_why_it_cannot_touch_a_hub(
    network: Valley, person: MakePerson
) -> None:
    """The town's hub has granted the dairy; the quay's has not granted the farm."""
    grant(network.town, network.ash)
    grant(network.ash, network.quay)
    story = thursday(network)
    ExchangeFactory.create(
        cycle=CycleFactory.create(coordinator=network.town, name="Town Friday"),
        enterprise=network.bramble,
    )
    ada = person(network.person(network.ash))
    ada.reads("Exe Thursday", within=ada.part("Waiting for your yes or no"))
    ada.press("Accept Exe Thursday")
    ada.reads("Ashclyst Dairy takes part in “Exe Thursday”.")

    # Her list has the one cycle that she is in, and no other; in it she sees no other producer.
    ada.follow("Order cycles", within=ada.page.get_by_role("navigation", name="Main", exact=True))
    ada.reads_not("Town Friday")
    ada.follow("Exe Thursday")
    ada.page.get_by_text("Why can I not change this?").click()
    ada.reads("Rule P2")
    ada.follow("Incoming", within=ada.page.get_by_role("navigation", name="Steps"))
    ada.reads("Ashclyst Dairy")
    ada.reads_not("Bramble Farm")
    ada.page.get_by_text("Why can I not add anybody?").click()
    ada.reads("Only the coordinator, Exe Hub, adds producers and hubs")

    # Butter goes: a hub carries it, so she is asked first.
    ada.follow("Products Ashclyst Dairy", within=ada.part("Producers that supply it"))
    ada.tick("Butter", on=False)
    ada.press("Save this page")
    ada.reads("Town Larder")
    ada.press("Yes, do it")
    ada.reads("1 product removed.")
    expect(ada.row("Butter").get_by_role("checkbox")).not_to_be_checked()

    # At the hub that granted her she may take out what is hers.
    ada.go(f"/cycles/{story.cycle.public_id}/outgoing/")
    ada.follow("Products Town Larder", within=ada.part("Hubs that pass it out"))
    ada.reads_not("Kale")
    ada.reads("does not supply it in this cycle any more", within=ada.row("Butter"))
    ada.tick("Butter", on=False)
    ada.press("Save this page")
    ada.reads("1 product removed.")

    # At the other she sees, and reads why that is all.
    ada.go(f"/cycles/{story.cycle.public_id}/outgoing/")
    ada.follow("Products Quay Stores", within=ada.part("Hubs that pass it out"))
    milk = ada.row("Milk")
    expect(milk.get_by_role("checkbox")).to_be_disabled()
    ada.page.get_by_text("Why can I not change these?").click()
    ada.reads("Quay Stores has not granted Ashclyst Dairy")
    ada.reads("Rule P7")
    expect(ada.page.get_by_role("button", name="Save this page")).to_have_count(0)


def test_a_hub_adds_a_product_and_declines_another_cycle(network: Valley, person: MakePerson) -> None:
    """What its grants allow it adds itself; what it does not want it declines, with a reason."""
    story = thursday(network)
    friday = CycleFactory.create(coordinator=network.exe, name="Exe Friday")
    ExchangeFactory.create(cycle=friday, direction=Direction.OUTGOING, enterprise=network.town)

    hal = person(network.person(network.town))
    hal.follow("Order cycles", within=hal.page.get_by_role("navigation", name="Main", exact=True))
    hal.follow("Exe Thursday")
    hal.follow("Outgoing", within=hal.page.get_by_role("navigation", name="Steps"))
    hal.reads_not("Quay Stores")
    hal.follow("Products Town Larder", within=hal.part("Hubs that pass it out"))
    hal.tick("Leeks")
    hal.press("Save this page")
    hal.reads("1 product added.")
    hal.reads("On offer", within=hal.row("Leeks"))

    # When and where it can be fetched is for the hub to say.
    hal.follow("Collection", within=hal.page.get_by_role("navigation", name="Parts of this page"))
    hal.fill("Ready for collection", "Thursday from 4 pm to 7 pm")
    hal.press("Save")
    hal.reads("Saved.")

    # What a producer supplies is not for the hub to change.
    hal.go(f"/exchanges/{story.bramble.public_id}/")
    kale = hal.row("Kale")
    expect(kale.get_by_role("checkbox")).to_be_disabled()
    hal.page.get_by_text("Why can I not change these?").click()
    hal.reads("Rule H4")

    hal.go(f"/cycles/{friday.public_id}/outgoing/")
    hal.follow("Products Town Larder", within=hal.part("Hubs that pass it out"))
    hal.follow("Decline")
    hal.press("Decline")
    hal.reads("Please look at this again")
    hal.fill("Reason", "We are closed on Fridays.")
    hal.press("Decline")
    hal.reads("Declined. The coordinator has been told.")

    cora = person(network.person(network.exe))
    cora.reads("Town Larder", within=cora.part("Notices"))
    cora.go(f"/cycles/{friday.public_id}/outgoing/")
    cora.reads("“We are closed on Fridays.”", within=cora.part("Hubs that pass it out"))
    cora.reads("Declined", within=cora.part("Hubs that pass it out"))


def test_the_goods_of_a_withdrawn_grant_lapse_and_stand_again(network: Valley, person: MakePerson) -> None:
    """The dairy withdraws what it lets the town's hub do: first it is shown what lapses, then everybody sees why."""
    story = thursday(network)
    ada = person(network.person(network.ash))
    hal = person(network.person(network.town))
    where = f"/exchanges/{story.town.public_id}/"

    ada.follow("Grants", within=ada.page.get_by_role("navigation", name="Main", exact=True))
    ada.follow("Withdraw from Town Larder")
    ada.reads("Withdraw what Ashclyst Dairy lets Town Larder do?")
    preview = ada.row("Exe Thursday")
    ada.reads("Town Larder", within=preview)
    ada.reads("2", within=preview.get_by_role("cell").last)
    ada.follow("Keep it")
    hal.go(where)
    hal.reads("On offer", within=hal.row("Milk"))

    ada.follow("Withdraw from Town Larder")
    ada.press("Withdraw it")
    ada.reads("Withdrawn. The other side has been told.")

    hal.go("/")
    hal.reads("Ashclyst Dairy no longer lets", within=hal.part("Notices"))
    hal.reads("Exe Thursday", within=hal.part("Goods that have lapsed"))
    hal.follow("Town Larder", within=hal.part("Goods that have lapsed"))
    for product in ("Milk", "Butter"):
        hal.reads("Lapsed", within=hal.row(product))
        hal.reads("Ashclyst Dairy no longer grants Town Larder.", within=hal.row(product))
    hal.reads_not("Kale")
    hal.go(f"/cycles/{story.cycle.public_id}/review/")
    offer = hal.part("On offer at Town Larder").first
    hal.reads("Kale", within=offer)
    hal.reads_not("Milk", within=offer)

    # She thinks better of it: he asks, she gives, and nothing had to be put in again.
    hal.go("/grants/ask/")
    hal.choose("Whom it asks", "Ashclyst Dairy")
    hal.fill("Message", "We miss your butter.")
    hal.press("Send the request")
    hal.reads("Ashclyst Dairy has been asked.")
    ada.go("/")
    ada.follow("Town Larder asks Ashclyst Dairy", within=ada.part("Requests for grants"))
    ada.reads("We miss your butter.")
    ada.press("Give it")
    ada.reads("Given to Town Larder.")
    hal.go(where)
    for product in ("Milk", "Butter", "Kale"):
        hal.reads("On offer", within=hal.row(product))
    hal.reads_not("Lapsed")
