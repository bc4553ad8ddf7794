"""Whole ways through the pages, as a browser without scripts goes them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from ordercycles.enums import ExchangeStatus, NoticeKind
from ordercycles.models import Exchange, Notice, OrderCycle
from ordercycles.views import cycles as cycle_pages
from permissions.models import Grant
from tests.factories import (
    PASSWORD,
    ExchangeFactory,
    VariantFactory,
    carry,
    grant,
    hub,
    manager_of,
    producer,
    ready,
)
from tests.web.conftest import World, token_of

pytestmark = pytest.mark.django_db

_INPUT = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')


def hidden_of(response: Any) -> dict[str, list[str]]:
    """What the hidden fields of the page's main part would send."""
    body = response.content.decode().split("<main", 1)[1]
    fields: dict[str, list[str]] = {}
    for tag in _INPUT.findall(body):
        attributes = dict(_ATTRIBUTE.findall(tag))
        if attributes.get("type") == "hidden":
            fields.setdefault(attributes["name"], []).append(unescape(attributes.get("value", "")))
    return fields


def text_of(response: Any) -> str:
    """What a page says."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode())))


def variants_in(exchange: Exchange) -> set[int]:
    """What the exchange carries."""
    return set(exchange.exchange_variants.values_list("variant", flat=True))


@pytest.fixture
def browser(world: World) -> Client:
    """The coordinator's manager."""
    return world.client("coordinator")


# --- making a cycle ---------------------------------------------------------------------------------------------


def test_who_sells_its_own_has_a_simple_editor(db: Any) -> None:
    """C12: it is in its cycle from the start, and on sale as soon as it is ready; nobody is offered to be added."""
    shop = producer("Blackdown Farm Shop", sells="own")
    goods = [VariantFactory.create(of=shop) for _ in range(2)]
    browser = Client()
    browser.force_login(manager_of(shop))
    made = browser.post("/cycles/new/", {"coordinator": shop.public_id, "name": "Fortnightly"})
    cycle = OrderCycle.objects.get()
    products = f"/cycles/{cycle.public_id}/products/"
    assert made["Location"] == products
    supply = cycle.exchanges.get()
    assert (supply.direction, supply.enterprise) == ("incoming", shop)
    page = browser.get(products)
    assert "Add a shipping method" in text_of(page)
    assert "Put it on sale" not in text_of(page)
    change = f"/exchanges/{supply.public_id}/products/"
    browser.post(change, {"in": goods[0].public_id, "version": 1, "next": products})
    assert browser.post(products).status_code == 409
    ready(shop)
    assert "Put it on sale" in text_of(browser.get(products))
    assert browser.post(products)["Location"] == products
    outlet = cycle.exchanges.get(direction="outgoing")
    assert variants_in(outlet) == {goods[0].pk}
    page = browser.get(products)
    assert "what is ticked is on sale" in text_of(page)
    both = {"in": goods[1].public_id, "was": goods[0].public_id, "next": products}
    assert browser.post(change, both | {"version": hidden_of(page)["version"][0]})["Location"] == products
    assert variants_in(supply) == variants_in(outlet) == {goods[1].pk}
    steps = [browser.get(f"/cycles/{cycle.public_id}/{step}").status_code for step in ("", "fees/", "review/")]
    assert steps == [200, 200, 200]
    assert browser.get(f"/cycles/{cycle.public_id}/incoming/")["Location"] == products
    assert f"/cycles/{cycle.public_id}/incoming/" not in page.content.decode()
    copied = browser.post(f"/cycles/{cycle.public_id}/copy/", {"name": "Next"})
    assert copied.status_code == 302
    assert OrderCycle.objects.get(name="Next").exchanges.count() == 2


def test_the_one_coordinator_is_preselected(world: World, browser: Client) -> None:
    page = browser.get("/cycles/new/")
    assert hidden_of(page)["coordinator"] == [world.exe.public_id]
    made = browser.post("/cycles/new/", {"coordinator": world.exe.public_id, "name": "Week 49"})
    cycle = OrderCycle.objects.get(name="Week 49")
    assert made["Location"] == f"/cycles/{cycle.public_id}/incoming/"


def test_several_coordinators_are_to_be_chosen_from(world: World) -> None:
    other = hub("Other Hub")
    client = Client()
    client.force_login(manager_of(world.exe, other))
    body = client.get("/cycles/new/").content.decode()
    assert body.count('type="radio"') == 2
    refused = client.post("/cycles/new/", {"name": "Week 49"})
    assert refused.status_code == 422
    assert not OrderCycle.objects.filter(name="Week 49").exists()


def test_nobody_to_coordinate_is_said_with_what_to_do(world: World) -> None:
    page = world.client("producer").get("/cycles/new/")
    assert "None of your enterprises can coordinate" in text_of(page)
    assert f"/enterprises/{world.ash.public_id}/trading/" in page.content.decode()
    assert 'name="name"' not in page.content.decode()


def test_an_error_stands_at_its_field(world: World, browser: Client) -> None:
    sent = {
        "coordinator": world.exe.public_id,
        "name": "",
        "opens_at": "2030-01-02T08:00",
        "closes_at": "2030-01-01T08:00",
    }
    body = browser.post("/cycles/new/", sent).content.decode()
    assert 'id="id_name_error"' in body
    assert 'aria-describedby="id_name_helptext id_name_error"' in body
    again = browser.post("/cycles/new/", sent | {"name": "Week 49"})
    assert again.status_code == 422
    assert 'id="id_closes_at_error"' in again.content.decode()
    assert "after the opening time" in text_of(again)


# --- who takes part ---------------------------------------------------------------------------------------------


def test_a_producer_is_added_by_one_click(world: World, browser: Client) -> None:
    other = producer("Otter Vale Eggs")
    grant(other, world.exe)
    page = f"/cycles/{world.cycle.public_id}/incoming/"
    assert "Add Otter Vale Eggs" in browser.get(page).content.decode()
    browser.post(f"{page}add/", {"enterprise": other.public_id})
    assert world.cycle.exchanges.filter(enterprise=other).exists()


def test_a_hub_that_is_not_ready_is_greyed_with_each_condition(world: World, browser: Client) -> None:
    grant(hub("Totnes Larder", is_ready=False), world.exe)
    said = text_of(browser.get(f"/cycles/{world.cycle.public_id}/outgoing/"))
    assert "Totnes Larder has no shipping method." in said
    assert "Totnes Larder has no active payment method." in said
    assert "Totnes Larder has not confirmed its contact e-mail." in said


def test_a_hub_of_hers_that_is_not_ready_comes_with_links_that_mend_it(world: World) -> None:
    other = hub("Totnes Larder", is_ready=False)
    grant(other, world.exe)
    client = Client()
    client.force_login(manager_of(world.exe, other))
    body = client.get(f"/cycles/{world.cycle.public_id}/outgoing/").content.decode()
    assert f"/methods/shipping/new/?hub={other.public_id}" in body
    assert f"/methods/payment/new/?hub={other.public_id}" in body


def test_a_partner_without_a_grant_can_be_asked(world: World, browser: Client) -> None:
    body = browser.get(f"/cycles/{world.cycle.public_id}/incoming/").content.decode()
    wanted = f"/grants/ask/?granter={world.honey.public_id}&amp;grantee={world.exe.public_id}"
    assert wanted in body
    page = browser.get(unescape(wanted)).content.decode()
    assert f'<option value="{world.honey.public_id}" selected>' in page


def test_a_participant_sees_no_candidates_and_is_told_why(world: World) -> None:
    grant(producer("Otter Vale Eggs"), world.exe)
    said = text_of(world.client("producer").get(f"/cycles/{world.cycle.public_id}/incoming/"))
    assert "Otter Vale Eggs" not in said
    assert "Rule P3" in said


def test_declining_needs_a_reason_and_accepting_undoes_it(world: World) -> None:
    client = world.client("producer")
    url = f"/exchanges/{world.incoming.public_id}/"
    assert client.post(f"{url}decline/", {"reason": ""}).status_code == 422
    client.post(f"{url}decline/", {"reason": "The cows are dry"})
    world.incoming.refresh_from_db()
    assert world.incoming.status == ExchangeStatus.DECLINED
    done = client.post(f"{url}accept/", {"next": "/"})
    assert done["Location"] == "/"
    world.incoming.refresh_from_db()
    assert world.incoming.status == ExchangeStatus.ACCEPTED


def test_saving_a_page_can_lead_to_the_next(world: World, browser: Client) -> None:
    carry(world.incoming, *(VariantFactory.create(product=world.product, name=f"Jug {n}") for n in range(50)))
    url = f"/exchanges/{world.outgoing.public_id}/"
    found = re.search(r'name="then"\s+value="([^"]*)"', browser.get(url, {"q": "milk"}).content.decode())
    assert found is not None
    then = unescape(found[1])
    saved = browser.post(f"{url}products/", {"version": 1, "in": world.spare.public_id, "then": then, "next": url})
    assert saved["Location"] == then
    assert "Back to the first" in text_of(browser.get(then))


def test_participants_do_their_part(world: World) -> None:
    """A producer takes back a product, a hub takes another one and says when it is ready for collection."""
    ada, hal = world.client("producer"), world.client("hub")
    supply, outlet = (f"/exchanges/{one.public_id}/" for one in (world.incoming, world.outgoing))
    hal.post(f"{outlet}products/", {"version": 1, "in": world.spare.public_id})
    assert variants_in(world.outgoing) == {world.variant.pk, world.spare.pk}
    hal.post(f"{outlet}notes/", {"version": 2, "collection_time": "Thursday from 4 pm"})
    assert Exchange.objects.get(pk=world.outgoing.pk).collection_time == "Thursday from 4 pm"
    asked = ada.post(f"{supply}products/", {"version": 1, "was": world.spare.public_id})
    assert "Deane Hub" in text_of(asked)
    ada.post(f"{supply}products/", hidden_of(asked) | {"confirmed": "yes"})
    assert variants_in(world.incoming) == {world.variant.pk}
    assert "Lapsed" in text_of(hal.get(outlet, {"only": "lapsed"}))


def test_next_leads_to_no_other_site(world: World) -> None:
    done = world.client("producer").post(
        f"/exchanges/{world.incoming.public_id}/accept/", {"next": "https://elsewhere.example/"}
    )
    assert done["Location"] == f"/exchanges/{world.incoming.public_id}/"


def test_removing_shows_what_goes_first(world: World, browser: Client) -> None:
    url = f"/exchanges/{world.incoming.public_id}/remove/"
    page = browser.get(url)
    assert "Deane Hub: 1" in text_of(page)
    assert world.cycle.exchanges.count() == 2
    browser.post(url, {name: values[0] for name, values in hidden_of(page).items()})
    assert [one.enterprise for one in world.cycle.exchanges.all()] == [world.deane]


# --- goods ------------------------------------------------------------------------------------------------------


def test_ticking_adds_and_unticking_removes(world: World, browser: Client) -> None:
    url = f"/exchanges/{world.outgoing.public_id}/"
    sent = {"version": world.outgoing.version, "in": [world.spare.public_id], "was": [world.variant.public_id]}
    browser.post(f"{url}products/", sent)
    assert variants_in(world.outgoing) == {world.spare.pk}


def test_what_a_page_does_not_show_stays(world: World, browser: Client) -> None:
    browser.post(f"/exchanges/{world.outgoing.public_id}/products/", {"version": 1, "in": [world.spare.public_id]})
    assert variants_in(world.outgoing) == {world.variant.pk, world.spare.pk}


def test_taking_out_what_hubs_carry_is_confirmed_first(world: World, browser: Client) -> None:
    url = f"/exchanges/{world.incoming.public_id}/products/"
    asked = browser.post(url, {"version": 1, "was": [world.variant.public_id]})
    assert asked.status_code == 409
    assert "Deane Hub: 1 product" in text_of(asked)
    assert world.variant.pk in variants_in(world.incoming)
    browser.post(url, hidden_of(asked) | {"confirmed": "yes"})
    assert world.variant.pk not in variants_in(world.incoming)


def test_a_second_editor_is_told_and_loses_nothing(world: World, browser: Client) -> None:
    url = f"/exchanges/{world.outgoing.public_id}/products/"
    read_at = world.outgoing.version
    world.client("hub").post(url, {"version": read_at, "was": [world.variant.public_id]})
    late = browser.post(url, {"version": read_at, "in": [world.spare.public_id]})
    assert late.status_code == 409
    said = text_of(late)
    assert "changed products" in said
    assert world.users["hub"].name in said
    assert "To add 1" in said
    assert variants_in(world.outgoing) == set()
    browser.post(url, hidden_of(late))
    assert variants_in(world.outgoing) == {world.spare.pk}


def test_all_that_match_are_added_and_removed(world: World, browser: Client) -> None:
    carry(world.incoming, *(VariantFactory.create(product=world.product, name=f"Jug {n}") for n in range(60)))
    url = f"/exchanges/{world.outgoing.public_id}/"
    assert "Add all 60 that can be" in text_of(browser.get(url, {"q": "jug"}))
    browser.post(f"{url}products/", {"version": 1, "all": "add", "q": "jug"})
    assert len(variants_in(world.outgoing)) == 61
    asked = browser.post(f"{url}products/", {"version": 2, "all": "remove", "q": "jug"})
    assert asked.status_code == 409
    assert "takes 60 products out" in text_of(asked)
    browser.post(f"{url}products/", hidden_of(asked) | {"confirmed": "yes"})
    assert variants_in(world.outgoing) == {world.variant.pk}


def test_goods_are_paged_through_without_a_gap(world: World, browser: Client) -> None:
    carry(world.incoming, *(VariantFactory.create(product=world.product) for _ in range(60)))
    url = f"/exchanges/{world.incoming.public_id}/"
    first = browser.get(url).content.decode()
    found = re.search(r'rel="next"\s+href="(\?after=[^"]+)"', first)
    assert found
    second = browser.get(url + unescape(found.group(1))).content.decode()
    ids = [re.findall(r'name="in"\s+value="(var_[^"]+)"', body) for body in (first, second)]
    assert [len(page) for page in ids] == [50, 12]
    assert len({*ids[0], *ids[1]}) == 62


def test_what_may_not_be_changed_says_why(world: World) -> None:
    page = world.client("producer").get(f"/exchanges/{world.outgoing.public_id}/")
    said = text_of(page)
    assert "Why can I not change these?" in said
    assert "Deane Hub has not granted Ashclyst Dairy." in said
    assert "Rule P7" in said
    assert "Save this page" not in said


def test_a_refusal_names_the_rule_and_changes_nothing(world: World) -> None:
    refused = world.client("producer").post(
        f"/exchanges/{world.outgoing.public_id}/products/", {"version": 1, "was": [world.variant.public_id]}
    )
    assert refused.status_code == 403
    assert "Rule P7" in text_of(refused)
    assert variants_in(world.outgoing) == {world.variant.pk}


# --- the cycle --------------------------------------------------------------------------------------------------


def test_a_conflict_keeps_what_was_typed_beside_what_stands_now(world: World, browser: Client) -> None:
    url = f"/cycles/{world.cycle.public_id}/"
    read_at = world.cycle.version
    browser.post(url, {"version": read_at, "name": "Theirs"})
    late = browser.post(url, {"version": read_at, "name": "Mine"})
    assert late.status_code == 409
    assert 'value="Mine"' in late.content.decode()
    assert "It is “Theirs” now." in text_of(late)
    browser.post(url, {"version": hidden_of(late)["version"][0], "name": "Mine"})
    world.cycle.refresh_from_db()
    assert world.cycle.name == "Mine"


def test_fees_go_on_the_whole_cycle_and_off_again(world: World, browser: Client) -> None:
    url = f"/cycles/{world.cycle.public_id}/fees/"
    browser.post(url, {"version": world.cycle.version, "was": [world.fee.public_id]})
    assert world.cycle.cycle_fees.count() == 0
    browser.post(url, {"version": world.cycle.version + 1, "on": [world.fee.public_id]})
    assert world.cycle.cycle_fees.count() == 1


@pytest.mark.parametrize("typed", ["\0", "fee_\0", ""])
def test_what_no_text_can_hold_names_no_fee(world: World, browser: Client, typed: str) -> None:
    """The character NUL in a form is an id of nothing, and no error of the server."""
    for url, version in (
        (f"/cycles/{world.cycle.public_id}/fees/", world.cycle.version),
        (f"/exchanges/{world.outgoing.public_id}/fees/", world.outgoing.version),
    ):
        assert browser.post(url, {"version": version, "on": [typed]}).status_code in {403, 404, 422}
    added = browser.post(f"/cycles/{world.cycle.public_id}/outgoing/add/", {"enterprise": typed})
    assert added.status_code in {403, 404, 422}


def test_a_copy_reports_what_it_left_out(world: World, browser: Client) -> None:
    Grant.objects.filter(content_object=world.deane).delete()
    made = browser.post(f"/cycles/{world.cycle.public_id}/copy/", {"name": "Week 49"}, follow=True)
    said = text_of(made)
    assert "Copied, without 1 thing" in said
    assert "Deane Hub has not granted Exe Hub." in said


def test_the_table_of_lanes_comes_in_parts(world: World, browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cycle_pages, "LANES_ACROSS", 1)
    monkeypatch.setattr(cycle_pages, "LANES_DOWN", 1)
    ExchangeFactory.create(cycle=world.cycle, enterprise=producer(), direction="incoming")
    ExchangeFactory.create(cycle=world.cycle, enterprise=hub(), direction="outgoing")
    first = text_of(browser.get(f"/cycles/{world.cycle.public_id}/review/"))
    assert "Hubs 1 to 1 of 2" in first
    assert "Page 1 of 2, 2 in all" in first
    second = text_of(browser.get(f"/cycles/{world.cycle.public_id}/review/?page=2&across=2"))
    assert "Hubs 2 to 2 of 2" in second
    assert "Page 2 of 2, 2 in all" in second


def test_the_review_shows_prices_with_each_fee(world: World, browser: Client) -> None:
    said = text_of(browser.get(f"/cycles/{world.cycle.public_id}/review/"))
    assert "On offer at Deane Hub" in said
    assert "Running the hub" in said
    assert "1 flows" in said


def test_lapsed_goods_are_told_with_their_reason(world: World, browser: Client) -> None:
    Grant.objects.filter(content_object=world.ash, group=world.deane.group).delete()
    said = text_of(browser.get(f"/cycles/{world.cycle.public_id}/review/"))
    assert "1 lapsed" in said
    assert "Ashclyst Dairy no longer grants Deane Hub." in said
    assert "Deane Hub: 1 product has lapsed." in said
    home = text_of(browser.get("/"))
    assert "Goods that have lapsed" in home


# --- grants -----------------------------------------------------------------------------------------------------


def test_withdrawing_shows_what_lapses_first(world: World) -> None:
    client = world.client("producer")
    url = f"/grants/{world.grant.public_id}/withdraw/"
    said = text_of(client.get(url))
    assert "Exeter week 48" in said
    assert "Deane Hub: 1 product" in said
    assert Grant.objects.filter(pk=world.grant.pk).exists()
    client.post(url)
    assert not Grant.objects.filter(pk=world.grant.pk).exists()


def test_one_grant_goes_to_several(world: World, browser: Client) -> None:
    sent = {
        "granter": world.exe.public_id,
        "grantees": [world.ash.public_id, world.deane.public_id],
        "permission": "add_to_order_cycle",
    }
    browser.post("/grants/give/", sent)
    assert Grant.objects.filter(content_object=world.exe).count() == 2
    assert Notice.objects.filter(kind=NoticeKind.GRANT_GIVEN).count() == 2
    world.request.refresh_from_db()
    assert world.request.status == "approved"


def test_nobody_gives_a_grant_to_herself_and_is_told_so(world: World) -> None:
    client = Client()
    client.force_login(manager_of(world.exe, world.ash))
    sent = {"granter": world.exe.public_id, "permission": "add_to_order_cycle"}
    answer = client.post("/grants/give/", {**sent, "grantees": [world.exe.public_id]})
    assert answer.status_code == 409
    assert "An enterprise needs no grant to itself." in text_of(answer)
    client.post("/grants/give/", {**sent, "grantees": [world.exe.public_id, world.ash.public_id]})
    assert [one.group for one in Grant.objects.filter(content_object=world.exe)] == [world.ash.group]


def test_a_request_is_answered(world: World, browser: Client) -> None:
    assert "Exe Hub" in text_of(browser.get("/grants/requests/"))
    browser.post(f"/grants/requests/{world.request.public_id}/refuse/", {"answer": "Not this year"})
    world.request.refresh_from_db()
    assert (world.request.status, world.request.answer) == ("refused", "Not this year")
    again = browser.post(f"/grants/requests/{world.request.public_id}/approve/")
    assert again.status_code == 409
    assert "answered already" in text_of(again)


def test_who_knows_of_whom_bounds_the_choice(world: World, browser: Client) -> None:
    stranger = hub("Stranger")
    assert "Stranger" not in browser.get("/grants/give/").content.decode()
    sent = {"granter": world.exe.public_id, "grantees": [stranger.public_id], "permission": "edit_profile"}
    assert browser.post("/grants/give/", sent).status_code == 422


# --- enterprises ------------------------------------------------------------------------------------------------


def test_the_link_in_the_mail_asks_before_it_confirms(world: World) -> None:
    url = f"/enterprises/confirm-contact/{token_of(world.exe)}/"
    client = world.client("anonymous")
    client.get(url)
    world.exe.refresh_from_db()
    assert not world.exe.contact_email_is_confirmed
    client.post(url)
    world.exe.refresh_from_db()
    assert world.exe.contact_email_is_confirmed


def test_a_new_address_gets_its_mail(world: World, browser: Client) -> None:
    sent = {"version": 1, "kind": "store", "sells": "any", "contact_email": "new@exe-hub.example"}
    unit = f"/organisations/{world.exe.unit.organisation.public_id}/units/{world.exe.public_id}/"
    done = browser.post(f"{unit}trading/", sent, follow=True)
    assert "A mail has gone to new@exe-hub.example" in text_of(done)
    for number in range(3):
        sent |= {"version": number + 2, "contact_email": f"new{number}@exe-hub.example"}
        done = browser.post(f"{unit}trading/", sent, follow=True)
    assert "Saved. Too many mails have gone out; the one that confirms the address can be sent again at" in text_of(
        done
    )
    world.exe.refresh_from_db()
    assert world.exe.contact_email == "new2@exe-hub.example"


def test_too_many_mails_are_refused_for_a_while(world: World, browser: Client) -> None:
    token_of(world.exe)
    url = f"/enterprises/{world.exe.public_id}/confirm-contact/"
    statuses = [browser.post(url).status_code for _ in range(4)]
    assert statuses == [302, 302, 302, 429]
    assert int(browser.post(url)["Retry-After"]) > 0


# --- what is always so ------------------------------------------------------------------------------------------


def test_counts_of_what_waits_stand_in_the_navigation(world: World) -> None:
    body = text_of(world.client("producer").get("/products/"))
    assert "Order cycles 1 , 1 to answer" in body


def test_notices_are_read(world: World, browser: Client) -> None:
    assert "Ashclyst Dairy accepted." in text_of(browser.get("/"))
    browser.post("/notices/")
    world.notice.refresh_from_db()
    assert world.notice.read_at is not None


def test_staff_do_not_mark_the_notices_of_others(world: World) -> None:
    world.client("staff").post("/notices/")
    world.notice.refresh_from_db()
    assert world.notice.read_at is None


def test_an_error_page_names_the_request(world: World, browser: Client) -> None:
    missing = browser.get("/cycles/ocy_00000000000000000000000000/", headers={"X-Request-ID": "abcdefgh12345678"})
    assert missing.status_code == 404
    assert "abcdefgh12345678" in text_of(missing)


def test_what_may_not_be_known_looks_like_what_never_was(world: World) -> None:
    client = world.client("outsider")
    headers = {"X-Request-ID": "abcdefgh12345678"}
    hidden = client.get(f"/cycles/{world.cycle.public_id}/", headers=headers)
    never = client.get("/cycles/ocy_00000000000000000000000000/", headers=headers)
    assert (hidden.status_code, hidden.content) == (never.status_code, never.content)


@pytest.mark.parametrize("path", ["accounts/login/", "accounts/password/reset/", "sign-up/"])
def test_pages_before_signing_in_have_our_layout(path: str) -> None:
    page = Client().get(f"/{path}")
    assert page.status_code == 200
    assert "css/hectare.css" in page.content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "logout/",
        "password/change/",
        "email/",
        "2fa/",
        "2fa/totp/activate/",
        "2fa/webauthn/",
        "2fa/webauthn/add/",
        "2fa/recovery-codes/generate/",
        "sessions/",
        "reauthenticate/",
    ],
)
def test_pages_of_the_account_have_our_layout(world: World, path: str) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": world.users["coordinator"].email, "password": PASSWORD})
    page = client.get(f"/accounts/{path}", follow=True)
    assert page.status_code == 200
    assert "css/hectare.css" in page.content.decode()
