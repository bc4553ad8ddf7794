"""A coordinator makes an order cycle from nothing; the beginning of it also in a browser that runs no scripts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from common import clock
from tests.e2e.support import MakePerson, Person, Valley, mailed_link

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_a_coordinator_makes_an_order_cycle(network: Valley, person: MakePerson) -> None:
    cora = person(network.person(network.exe))
    create(cora)
    add_producers(cora)
    add_hubs(cora, network, person)
    pick_products(cora)
    attach_fees(cora)
    review(cora)


def test_a_coordinator_begins_an_order_cycle_without_scripts(network: Valley, person: MakePerson) -> None:
    cora = person(network.person(network.exe), scripts=False)
    create(cora)
    add_producers(cora)
    pick_incoming(cora)
    cora.back_to("Exe Thursday")
    cora.follow("Outgoing", within=cora.page.get_by_role("navigation", name="Steps"))
    cora.press("Add Town Larder")
    cora.reads("Town Larder", within=cora.part("Hubs that pass it out"))
    cora.reads("Quay Stores", within=cora.part("Cannot be added yet"))


def create(cora: Person) -> None:
    """Name and times; the coordinator is the one enterprise that she has."""
    cora.follow("New order cycle")
    cora.reads("Exe Hub")
    now = clock.now()
    cora.fill("Name", "Exe Thursday")
    # The other way round first: it says what to do, and keeps what was typed.
    cora.fill("Opens", f"{now + timedelta(days=5):%Y-%m-%dT09:00}")
    cora.fill("Closes", f"{now + timedelta(days=2):%Y-%m-%dT09:00}")
    cora.press("Create the order cycle")
    cora.reads("Choose a closing time after the opening time.")
    expect(cora.page.get_by_label("Name")).to_have_value("Exe Thursday")
    cora.fill("Opens", f"{now + timedelta(days=1):%Y-%m-%dT09:00}")
    cora.press("Create the order cycle")
    cora.reads("Exe Thursday")
    cora.reads("Upcoming")


def add_producers(cora: Person) -> None:
    """Two that have granted; a third, who has not, is named with what to do."""
    # Where she has come to already.
    cora.press("Add Ashclyst Dairy")
    cora.press("Add Bramble Farm")
    taking_part = cora.part("Producers that supply it")
    cora.reads("Ashclyst Dairy", within=taking_part)
    cora.reads("Bramble Farm", within=taking_part)
    cora.reads("Moor Goats", within=cora.part("Have not granted you"))
    expect(cora.page.get_by_role("button", name="Add Moor Goats")).to_have_count(0)


def add_hubs(cora: Person, network: Valley, person: MakePerson) -> None:
    """One is ready. The other is greyed with what is missing, until its own people have mended that."""
    cora.follow("Outgoing")
    cora.press("Add Town Larder")
    greyed = cora.part("Cannot be added yet")
    cora.reads("Quay Stores", within=greyed)
    for missing in ("shipping method", "payment method", "contact e-mail"):
        cora.reads(missing, within=greyed)
    expect(cora.page.get_by_role("button", name="Add Quay Stores")).to_have_count(0)

    make_ready(person(network.person(network.quay)), person)

    cora.go(cora.page.url.removeprefix(cora.site))
    cora.press("Add Quay Stores")
    cora.reads("Quay Stores", within=cora.part("Hubs that pass it out"))


def make_ready(quinn: Person, person: MakePerson) -> None:
    """Shipping, payment, and a contact address that its reader has confirmed."""
    quinn.reads("Add a shipping method", within=quinn.part("Still to set up"))
    quinn.follow("Add a shipping method")
    quinn.fill("Name", "Collection on the quay")
    quinn.press("Save")
    quinn.go("/")
    quinn.follow("Add an active payment method")
    quinn.fill("Name", "Card at the counter")
    quinn.press("Save")
    quinn.go("/")
    quinn.follow("Enter a contact e-mail")
    quinn.fill("Contact e-mail", "orders@quay.example")
    quinn.press("Save")
    quinn.reads("A mail has gone to orders@quay.example")
    # Whoever reads the mail confirms, signed in or not.
    reader = person()
    reader.go(mailed_link("orders@quay.example", "confirm-contact", quinn.site))
    reader.press("Yes, confirm it")
    reader.reads("is now the confirmed contact address of Quay Stores")
    quinn.go("/")
    expect(quinn.part("Still to set up")).to_have_count(0)


def pick_incoming(cora: Person) -> None:
    """All of one producer, some of the other."""
    cora.follow("Incoming", within=cora.page.get_by_role("navigation", name="Steps"))
    cora.follow("Choose products Ashclyst Dairy")
    cora.press("Add all 3 that can be")
    cora.reads("3 products added.")
    cora.back_to("Incoming")
    cora.follow("Choose products Bramble Farm")
    cora.tick("Kale")
    cora.press("Save this page")
    cora.reads("1 product added.")


def pick_products(cora: Person) -> None:
    """In from the producers; out to each hub what its grants allow."""
    pick_incoming(cora)
    cora.back_to("Exe Thursday")
    cora.follow("Outgoing", within=cora.page.get_by_role("navigation", name="Steps"))
    cora.follow("Choose products Town Larder")
    cora.press("Add all 4 that can be")
    cora.reads("4 products added.")
    cora.back_to("Outgoing")
    cora.follow("Choose products Quay Stores")
    # The dairy has not granted this hub: its goods are shown, greyed, with the reason.
    row = cora.row("Milk")
    expect(row.get_by_role("checkbox")).to_be_disabled()
    row.get_by_text("Why can I not add it?").click()
    cora.reads("Ashclyst Dairy has not granted Quay Stores", within=row)
    cora.tick("Kale")
    cora.press("Save this page")
    cora.reads("1 product added.")


def attach_fees(cora: Person) -> None:
    """Her own on the whole cycle, others' where they belong."""
    cora.back_to("Exe Thursday")
    cora.tick("Running costs")
    cora.press("Save fees")
    steps = cora.page.get_by_role("navigation", name="Steps")
    cora.follow("Incoming", within=steps)
    cora.follow("Products Ashclyst Dairy")
    cora.follow("Fees", within=cora.page.get_by_role("navigation", name="Parts of this page"))
    cora.tick("Crates")
    cora.press("Save fees")
    cora.reads("Fees saved.")
    cora.back_to("Exe Thursday")
    cora.follow("Outgoing", within=steps)
    cora.follow("Products Town Larder")
    cora.follow("Fees", within=cora.page.get_by_role("navigation", name="Parts of this page"))
    cora.tick("Counter")
    cora.tick("Round the town")
    cora.press("Save fees")
    cora.reads("Fees saved.")
    cora.back_to("Exe Thursday")


def review(cora: Person) -> None:
    """The offer of each hub, with what every fee adds."""
    cora.follow("Review", within=cora.page.get_by_role("navigation", name="Steps"))
    cora.reads("3 flow", within=cora.row("Ashclyst Dairy").first)
    cora.follow("Town Larder", within=cora.page.get_by_role("navigation", name="Hub"))
    cora.reads("On offer at Town Larder")
    town = cora.part("On offer at Town Larder").first
    cora.reads("4 products", within=town)
    # 5.75 + 0.20 + 10 % + 5 %, rounded once: 6.8125.
    cheddar = town.get_by_role("row").filter(has_text="Cheddar")
    for price in ("£5.75", "Crates: £0.20", "£6.81"):
        cora.reads(price, within=cheddar)
    cora.reads("Round the town", within=town)
    cora.follow("Quay Stores", within=cora.page.get_by_role("navigation", name="Hub"))
    quay = cora.part("On offer at Quay Stores").first
    cora.reads("1 product", within=quay)
    cora.reads("£1.98", within=quay.get_by_role("row").filter(has_text="Kale"))
