"""What single addresses do, beside what holds for all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from common import clock
from common.ids import new_id
from ordercycles.models import Exchange, ExchangeVariant, Notice, OrderCycle
from organisations.models import BusinessUnit
from permissions.models import ApiKey, Grant
from tests.api.client import Api, errors, problem
from tests.api.world import World, another_person
from tests.factories import MembershipFactory, VariantFactory, archive, grant, hub, producer, ready, withdraw

pytestmark = pytest.mark.django_db


class TestOrganisations:
    def test_me(self, world: World) -> None:
        me = world.api("owner").get("me/").json()
        assert (me["kind"], me["id"], me["is_staff"]) == ("user", world.ids["owner"], False)
        (membership,) = me["memberships"]
        assert membership["organisation"] == {"id": world.ids["org"], "name": "Exe Foods"}
        assert {unit["name"] for unit in membership["units"]} == {"Exe Hub", "Office"}
        key = world.api("key").get("me/").json()
        assert (key["kind"], key["id"], key["email"]) == ("key", world.ids["key"], None)

    def test_partners_see_the_public_profile(self, world: World) -> None:
        own = world.api("owner").get(f"business-units/{world.ids['hub']}/business/").json()
        others = world.api("producer").get(f"business-units/{world.ids['hub']}/business/").json()
        assert own["is_yours"]
        assert own["contact_email"]
        assert not others["is_yours"]
        assert others["contact_email"] is None
        assert others["contact_email_confirmed_at"] is None

    def test_profile_and_trading_change_together_or_not_at_all(self, owner: Api, world: World) -> None:
        address = f"business-units/{world.ids['hub']}/business/"
        etag = owner.get(address)["ETag"]
        wrong = {"description": "New.", "contact_email": "x\n@y.example"}
        assert owner.patch(address, wrong, if_match=etag).status_code == 400
        done = owner.patch(address, {"description": "New.", "contact_email": "a@b.example"}, if_match=etag)
        assert (done.json()["description"], done.json()["contact_email_confirmed_at"]) == ("New.", None)
        problem(owner.patch(address, {"description": "Newer."}, if_match=etag), 412, "stale")
        assert owner.patch(address, {}, if_match="*").status_code == 200

    def test_a_unit_becomes_an_enterprise_once(self, owner: Api, world: World) -> None:
        address = f"business-units/{world.ids['office']}/business/"
        assert owner.put(address, {"kind": "farm"}).json()["is_producer"]
        problem(owner.put(address, {"kind": "farm"}), 409, "exists")

    def test_archiving_a_unit_looks_first(self, owner: Api, world: World) -> None:
        address = f"business-units/{world.ids['hub']}/"
        preview = owner.delete(f"{address}?preview=true").json()
        assert [cycle["id"] for cycle in preview["coordinates"]] == [world.ids["ocy"]]
        assert BusinessUnit.objects.get(public_id=world.ids["hub"]).archived_at is None
        assert owner.delete(address, if_match="*").json()["archived_at"]
        assert owner.post(f"{address}restore/").json()["archived_at"] is None

    def test_a_unit_is_not_moved_and_stays_under_its_organisation(self, owner: Api, world: World) -> None:
        address = f"business-units/{world.ids['office']}/"
        response = owner.patch(address, {"organisation": world.stranger.unit.organisation.public_id}, if_match="*")
        assert errors(response) == [("/organisation", "unknown_field")]

    def test_a_key_is_shown_once(self, owner: Api, world: World) -> None:
        body = {"name": "Stock", "role": world.ids["role"], "scopes": ["view"], "units": [world.ids["hub"]]}
        made = owner.post(f"organisations/{world.ids['org']}/api-keys/", body)
        assert made.status_code == 201
        assert made["Cache-Control"] == "no-store"
        secret = made.json()["secret"]
        assert Api(key=secret).get("me/").json()["memberships"][0]["units"] == [
            {"id": world.ids["hub"], "name": "Exe Hub"}
        ]
        read = owner.get(made["Location"])
        assert "secret" not in read.json()
        assert secret not in read.content.decode()
        assert ApiKey.objects.get(public_id=read.json()["id"]).secret_hash not in read.content.decode()
        problem(world.api("stranger").get(made["Location"]), 404, "not_found")
        assert owner.delete(made["Location"]).status_code == 204
        problem(Api(key=secret).get("me/"), 401, "invalid_credential")

    def test_a_key_needs_units_of_the_organisation(self, owner: Api, world: World) -> None:
        for unit in (world.ids["dairy"], new_id("bu")):
            body = {"name": "Stock", "role": world.ids["role"], "scopes": ["view"], "units": [unit]}
            response = owner.post(f"organisations/{world.ids['org']}/api-keys/", body)
            assert errors(response) == [("/units/0", "not_found")]

    def test_the_role_of_the_object_counts(self, world: World) -> None:
        """Somebody who is an owner here and a viewer there may not change what is there."""
        person = another_person(world.company, "viewer")
        MembershipFactory.create(user=person, organisation=world.dairy.unit.organisation, role="owner")
        response = Api(person).patch(f"organisations/{world.ids['org']}/", {"town": "X"}, if_match="*")
        problem(response, 403, "refused")


class TestGrants:
    def test_giving_is_once_and_may_be_repeated(self, owner: Api, world: World) -> None:
        body = {"granter": world.ids["hub"], "grantee": world.ids["dairy"]}
        first, second = owner.post("grants/", body), owner.post("grants/", body)
        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json() == second.json() == owner.get(first["Location"]).json()
        assert first.json()["permission"] == "add_to_order_cycle"

    def test_both_sides_end_it_and_see_first_what_lapses(self, world: World) -> None:
        address = f"grants/{world.ids['grant']}/"
        for side in ("producer", "owner"):
            preview = world.api(side).delete(f"{address}?preview=true")
            assert preview.status_code == 200
            assert preview.json()["cycles"][0]["id"] == world.ids["ocy"]
        assert Grant.objects.filter(public_id=world.ids["grant"]).exists()
        assert world.api("owner").delete(address).status_code == 204
        assert not Grant.objects.filter(public_id=world.ids["grant"]).exists()
        problem(world.api("owner").delete(address), 404, "not_found")

    def test_who_is_on_both_sides_withdraws(self, world: World) -> None:
        twin = hub("Exe Shop", organisation=world.company)
        made = grant(world.coordinator, twin)
        assert world.api("owner").delete(f"grants/{made.public_id}/").status_code == 204

    def test_asking_and_answering(self, world: World) -> None:
        owner, dairy = world.api("owner"), world.api("producer")
        body = {"granter": world.ids["dairy"], "grantee": world.ids["hub"], "permission": "manage_products"}
        asked = owner.post("grant-requests/", body)
        problem(owner.post("grant-requests/", body), 409, "pending")
        refused = problem(owner.post(f"{asked['Location']}approve/"), 403, "refused")
        assert refused["rule"] in {"L6", "R1"}
        assert dairy.post(f"{asked['Location']}approve/").json()["permission"] == "manage_products"
        assert owner.get(asked["Location"]).json()["status"] == "approved"
        problem(dairy.post(f"{asked['Location']}approve/"), 409, "not_possible_now")
        other = f"grant-requests/{world.ids['request']}/refuse/"
        assert owner.post(other, {"answer": "No."}).json()["answer"] == "No."

    def test_filters(self, owner: Api, world: World) -> None:
        def found(query: str, path: str = "grants/") -> int:
            return len(owner.get(f"{path}?{query}").json()["results"])

        grant(world.coordinator, world.dairy, "edit_profile")
        assert found("") == 3
        assert found(f"granter={world.ids['dairy']}") == 1
        assert found(f"grantee={world.ids['hub']}") == 2
        assert found("permission=edit_profile") == 1
        assert found("status=pending", "grant-requests/") == 1
        assert found("status=refused", "grant-requests/") == 0
        assert found(f"granter={world.ids['hub']}&grantee={world.ids['dairy']}", "grant-requests/") == 1
        assert found("permission=manage_products", "grant-requests/") == 0


class TestCatalogue:
    def test_a_variant_from_beginning_to_end(self, world: World) -> None:
        dairy = world.api("producer")
        made = dairy.post(
            "variants/",
            {"product": world.ids["product"], "unit_type": "g", "unit_value": 250, "price": "2.85", "sku": "B250"},
        )
        assert made.status_code == 201
        assert (made.json()["price"], made.json()["weight_kg"]) == ("2.85", "0.2500")
        where = made["Location"]
        changed = dairy.patch(where, {"price": "2.95"}, if_match=made["ETag"])
        assert (changed.json()["price"], changed.json()["version"]) == ("2.95", 2)
        problem(dairy.patch(where, {"price": "3"}, if_match=made["ETag"]), 412, "stale")
        assert dairy.patch(where, {"price": "3"}).status_code == 200
        assert errors(dairy.patch(where, {"price": "-1"})) == [("/price", "min_value")]
        assert errors(dairy.patch(where, {"producer": world.ids["store"]})) == [("/producer", "unknown_field")]
        assert dairy.delete(f"{where}?preview=true").json() == {"variants": 1, "cycles": []}
        assert dairy.delete(where).json()["archived_at"]
        assert dairy.post(f"{where}restore/").json()["archived_at"] is None

    def test_filters(self, world: World) -> None:
        dairy = world.api("producer")
        archive(world.cheese)

        def names(query: str) -> list[str]:
            return [row["product_name"] for row in dairy.get(f"variants/?{query}").json()["results"]]

        assert names("") == ["Butter", "Cheese"]
        assert names("archived=true") == ["Cheese"]
        assert names("archived=false") == ["Butter"]
        assert names("search=chee") == ["Cheese"]
        assert names(f"product={world.ids['product']}") == ["Butter"]
        assert names(f"producer={world.ids['dairy']}") == ["Butter", "Cheese"]
        assert names(f"producer={world.ids['store']}") == []

    def test_fees_need_what_their_charge_needs(self, owner: Api, world: World) -> None:
        body = {"owner": world.ids["hub"], "name": "Box", "kind": "packing", "charge": "flexible", "amount": "1"}
        assert errors(owner.post("fees/", body)) == [("/further_amount", "required")]
        assert owner.delete(f"fees/{world.ids['fee']}/?preview=true").json()["whole_cycles"][0]["name"] == "June"

    def test_methods_preview_nothing(self, owner: Api, world: World) -> None:
        assert owner.delete(f"shipping-methods/{world.ids['shm']}/?preview=true").json() == {}


class TestCycles:
    def test_who_sells_its_own_takes_part_at_once(self, owner: Api, world: World) -> None:
        shop = ready(producer(sells="own", organisation=world.company))
        made = owner.post("order-cycles/", {"coordinator": shop.public_id, "name": "Own"}).json()
        sides = [[one["enterprise"]["id"] for one in made[side]] for side in ("incoming", "outgoing")]
        assert sides == [[shop.public_id], [shop.public_id]]
        other = {"direction": "incoming", "enterprise": world.ids["dairy"]}
        answer = owner.post(f"order-cycles/{made['id']}/exchanges/", other)
        assert problem(answer, 409, "not_possible_now")["rule"] == "C12"

    def test_from_draft_to_copy(self, owner: Api, world: World) -> None:
        made = owner.post("order-cycles/", {"coordinator": world.ids["hub"], "name": "Draft"})
        assert (made.json()["state"], made.json()["version"]) == ("draft", 1)
        times = {"opens_at": "2030-01-01T00:00:00Z", "closes_at": "2030-01-02T00:00:00Z"}
        changed = owner.patch(made["Location"], times, if_match=made["ETag"])
        assert (changed.json()["state"], changed.json()["opens_at"]) == ("upcoming", "2030-01-01T00:00:00Z")
        backwards = {"closes_at": "2029-01-02T00:00:00Z"}
        assert errors(owner.patch(made["Location"], backwards, if_match="*")) == [
            ("/closes_at", "closes_before_it_opens")
        ]
        fixed = owner.patch(made["Location"], {"coordinator": world.ids["dairy"]}, if_match="*")
        assert problem(fixed, 403, "refused")["rule"] == "C3"
        same = owner.patch(made["Location"], {"coordinator": world.ids["hub"]}, if_match="*")
        assert same.status_code == 200
        assert errors(owner.patch(made["Location"], {"nothing": 1}, if_match="*")) == [("/nothing", "unknown_field")]
        assert owner.delete(made["Location"], if_match=changed["ETag"]).status_code == 204
        problem(owner.get(made["Location"]), 404, "not_found")

    def test_a_copy_says_what_it_left_out(self, owner: Api, world: World) -> None:
        withdraw(world.dairy, world.coordinator)
        report = owner.post(f"order-cycles/{world.ids['ocy']}/copy/", {"name": "Again"}).json()
        assert report["order_cycle"]["name"] == "Again"
        assert ("incoming", "Culm Dairy", "C4") in [
            (one["what"], one["name"], one["rule"]) for one in report["left_out"]
        ]

    def test_an_open_cycle_is_closed_and_its_offer_recorded(self, owner: Api, world: World) -> None:
        OrderCycle.objects.filter(pk=world.cycle.pk).update(opens_at=clock.now() - timedelta(hours=1))
        address = f"order-cycles/{world.ids['ocy']}/"
        offer = f"{address}offer/?hub={world.ids['store']}"
        assert owner.get(offer).json()["recorded"] is False
        problem(owner.post(f"{address}close/"), 428, "precondition_required")
        problem(owner.post(f"{address}close/", if_match='"7"'), 412, "stale")
        assert owner.post(f"{address}close/", if_match=owner.get(address)["ETag"]).json()["state"] == "closed"
        told = owner.get(offer).json()
        assert told["recorded"] is True
        assert [(line["product"], line["price_with_fees"]) for line in told["lines"]] == [("Butter", "5.00")]
        body = problem(owner.patch(address, {"name": "Late"}, if_match="*"), 409, "not_possible_now")
        assert (body["rule"], body["action"]) == ("L3", "order_cycle:edit")
        assert body["facts"]

    def test_filters(self, owner: Api, world: World) -> None:
        def count(query: str) -> int:
            return len(owner.get(f"order-cycles/?{query}").json()["results"])

        assert count("state=upcoming") == 1
        assert count("state=open") == 0
        assert count("search=exe+hub") == 1
        assert count(f"coordinator={world.ids['hub']}") == 1
        assert count(f"coordinator={world.ids['dairy']}") == 0

    def test_a_participant_sees_its_own_part(self, world: World) -> None:
        seen = world.api("producer").get(f"order-cycles/{world.ids['ocy']}/").json()
        assert seen["role"] == "participant"
        assert seen["candidates"] is None
        assert seen["may"]["edit"]["rule"] == "P2"
        whole = world.api("owner").get(f"order-cycles/{world.ids['ocy']}/").json()
        assert whole["candidates"]["incoming"][0]["enterprise"]["name"] == "Culm Dairy"
        (lane,) = whole["lanes"]
        assert (lane["producer"]["name"], lane["hub"]["name"], lane["flows"]) == ("Culm Dairy", "Topsham Store", 1)

    def test_greyed_candidates_say_why(self, owner: Api, world: World) -> None:
        unready = hub("Unready", is_ready=False)
        grant(unready, world.coordinator)
        rows = owner.get(f"order-cycles/{world.ids['ocy']}/candidates/?direction=outgoing").json()["results"]
        (row,) = [one for one in rows if one["enterprise"]["name"] == "Unready"]
        assert (row["may_add"]["allowed"], row["may_add"]["rule"]) == (False, "C5")
        assert "shipping method" in row["may_add"]["why"]
        body = {"direction": "outgoing", "enterprise": unready.public_id}
        refused = problem(owner.post(f"order-cycles/{world.ids['ocy']}/exchanges/", body), 409, "not_possible_now")
        assert refused["rule"] == "C5"
        assert errors(owner.get(f"order-cycles/{world.ids['ocy']}/candidates/")) == [("direction", "required")]
        assert errors(owner.get(f"order-cycles/{world.ids['ocy']}/offer/")) == [("hub", "required")]

    def test_no_offer_of_whom_one_does_not_see(self, owner: Api, world: World) -> None:
        for public_id in (world.ids["stranger"], new_id("bu")):
            problem(owner.get(f"order-cycles/{world.ids['ocy']}/offer/?hub={public_id}"), 404, "not_found")

    def test_coordinator_fees(self, owner: Api, world: World) -> None:
        address = f"order-cycles/{world.ids['ocy']}/fees/"
        problem(owner.patch(address, {"remove": [world.ids["fee"]]}), 428, "precondition_required")
        etag = owner.get(f"order-cycles/{world.ids['ocy']}/")["ETag"]
        done = owner.patch(address, {"remove": [world.ids["fee"]]}, if_match=etag)
        assert [fee["is_attached"] for fee in done.json()["results"]] == [False]
        assert owner.patch(address, {"add": [world.ids["fee"]]}, if_match=done["ETag"]).status_code == 200
        assert errors(owner.patch(address, {"add": [new_id("fee")]}, if_match="*")) == [("/add/0", "not_found")]


class TestExchanges:
    def test_goods_all_or_nothing_with_every_reason(self, world: World) -> None:
        owner = world.api("owner")
        address = f"exchanges/{world.ids['outgoing']}/variants/"
        unsupplied = [VariantFactory.create(of=world.dairy).public_id for _ in range(2)]
        add = [unsupplied[0], world.ids["cheese"], unsupplied[1]]
        body = problem(owner.patch(address, {"add": add}, if_match="*"), 409, "refused_items")
        assert [(one["pointer"], one["id"], one["rule"]) for one in body["errors"]] == [
            ("/add/0", unsupplied[0], "C7"),
            ("/add/2", unsupplied[1], "C7"),
        ]
        assert not ExchangeVariant.objects.filter(exchange=world.outgoing, variant=world.cheese).exists()
        done = owner.patch(address, {"add": [world.ids["cheese"]], "remove": [world.ids["butter"]]}, if_match="*")
        assert (done.json()["added"], done.json()["removed"], done.json()["version"]) == (1, 1, 2)

    def test_goods_of_others_are_not_there(self, world: World) -> None:
        owner = world.api("owner")
        hidden = VariantFactory.create(of=producer("Hidden")).public_id
        address = f"exchanges/{world.ids['outgoing']}/variants/"
        answers = []
        for public_id in (hidden, new_id("var")):
            body = problem(
                owner.patch(address, {"add": [world.ids["cheese"], public_id]}, if_match="*"), 400, "invalid"
            )
            answers.append({**body, "request_id": ""})
        assert answers[0] == answers[1]
        assert [(one["pointer"], one["code"]) for one in answers[0]["errors"]] == [("/add/1", "not_found")]

    def test_goods_lists_have_bounds(self, owner: Api, world: World) -> None:
        address = f"exchanges/{world.ids['outgoing']}/variants/"
        many = [new_id("var") for _ in range(5_001)]
        assert errors(owner.patch(address, {"add": many}, if_match="*")) == [("/add", "too_many")]
        twice = {"add": [world.ids["cheese"], world.ids["cheese"]], "remove": ["x"]}
        assert errors(owner.patch(address, twice, if_match="*")) == [("/add/1", "duplicate"), ("/remove/0", "wrong_id")]
        assert errors(owner.patch(address, {"add": "var"}, if_match="*")) == [("/add", "wrong_type")]

    def test_what_is_shown_says_what_may_be_done(self, owner: Api, world: World) -> None:
        withdraw(world.dairy, world.store)
        address = f"exchanges/{world.ids['outgoing']}/variants/"
        rows = {row["product"]: row for row in owner.get(address).json()["results"]}
        butter, cheese = rows["Butter"], rows["Cheese"]
        assert (butter["is_in"], butter["is_effective"], butter["lapsed"]) == (True, False, ["producer_hub_grant"])
        assert (cheese["is_in"], cheese["may_add"]["rule"]) == (False, "C7")
        assert butter["may_remove"] == {"allowed": True, "rule": "C8"}
        assert [row["product"] for row in owner.get(f"{address}?only=lapsed").json()["results"]] == ["Butter"]
        assert owner.get(f"{address}?only=addable").json()["results"] == []
        assert (
            owner.get(f"{address}?search=chee&producer={world.ids['dairy']}").json()["results"][0]["id"] == cheese["id"]
        )

    def test_taking_from_others_is_confirmed(self, owner: Api, world: World) -> None:
        goods = f"exchanges/{world.ids['incoming']}/variants/"
        taken = {"remove": [world.ids["butter"]]}
        body = problem(owner.patch(goods, taken, if_match="*"), 409, "confirmation_needed")
        assert body["preview"]["hubs"]
        assert owner.patch(goods, {**taken, "confirm": True}, if_match="*").json()["removed"] == 1
        owner.patch(goods, {"add": [world.ids["butter"]]}, if_match="*")
        address = f"exchanges/{world.ids['incoming']}/"
        assert owner.delete(f"{address}?preview=true").json()["hubs"]
        problem(owner.delete(address, if_match="*"), 409, "confirmation_needed")
        assert owner.delete(f"{address}?confirm=true", if_match=owner.get(address)["ETag"]).status_code == 204
        assert not Exchange.objects.filter(pk=world.incoming.pk).exists()

    def test_fees(self, owner: Api, world: World) -> None:
        address = f"exchanges/{world.ids['outgoing']}/fees/"
        etag = owner.get(f"exchanges/{world.ids['outgoing']}/")["ETag"]
        done = owner.patch(address, {"remove": [world.ids["fee"]]}, if_match=etag)
        assert [(fee["is_attached"], fee["may_change"]["allowed"]) for fee in done.json()["results"]] == [(False, True)]
        problem(owner.patch(address, {"add": [world.ids["fee"]]}, if_match=etag), 412, "stale")

    def test_answering(self, world: World) -> None:
        dairy = world.api("producer")
        address = f"exchanges/{world.ids['incoming']}/"
        assert errors(dairy.post(f"{address}decline/", {})) == [("/reason", "required")]
        for act, body in (("decline/", {"reason": "Dry cows."}), ("accept/", None)):
            problem(dairy.post(address + act, body), 428, "precondition_required")
            problem(dairy.post(address + act, body, if_match='"99"'), 412, "stale")
            done = dairy.post(address + act, body, if_match=dairy.get(address)["ETag"])
            assert done.json()["status"] == {"decline/": "declined", "accept/": "accepted"}[act]

    def test_a_page_of_exchanges(self, owner: Api, world: World) -> None:
        address = f"order-cycles/{world.ids['ocy']}/exchanges/?page_size=1"
        first = owner.get(address).json()
        second = owner.get(first["next"]).json()
        found = [row["id"] for row in (*first["results"], *second["results"])]
        assert sorted(found) == sorted([world.ids["incoming"], world.ids["outgoing"]])
        assert first["results"][0]["order_cycle"] == world.ids["ocy"]


class TestAccess:
    def check(self, api: Api, **body: Any) -> Any:
        return api.post("access/check/", body)

    def test_of_oneself(self, owner: Api, world: World) -> None:
        told = self.check(owner, action="order_cycle:edit", target=world.ids["ocy"]).json()
        assert (told["allowed"], told["rule"]) == (True, "C2")
        told = self.check(
            owner, action="exchange_variant:add", target=world.ids["outgoing"], variant=world.ids["cheese"]
        ).json()
        assert (told["allowed"], told["rule"]) == (True, "C7")
        told = self.check(
            owner, action="exchange:add_outgoing", target=world.ids["ocy"], enterprise=world.ids["store"]
        ).json()
        assert (told["allowed"], told["rule"], told["refusal"]) == (False, "C5", "state")
        told = self.check(owner, action="cycle_fee:attach", target=world.ids["ocy"], fee=world.ids["fee"]).json()
        assert told["allowed"]
        told = self.check(
            owner, action="exchange_fee:detach", target=world.ids["outgoing"], fee=world.ids["fee"]
        ).json()
        assert told["rule"] == "C10"
        told = self.check(owner, action="grant:give", target=world.ids["hub"], enterprise=world.ids["dairy"]).json()
        assert told["rule"] == "G1"
        told = self.check(owner, action="grant:give_up", target=world.ids["grant"]).json()
        assert told["rule"] == "L5"

    def test_of_ones_own_people_and_keys(self, owner: Api, world: World) -> None:
        viewer = world.people["viewer"].public_id
        told = self.check(owner, action="order_cycle:edit", target=world.ids["ocy"], user=viewer).json()
        assert (told["allowed"], told["rule"]) == (False, "R1")
        told = self.check(owner, action="order_cycle:edit", target=world.ids["ocy"], key=world.ids["key"]).json()
        assert told["allowed"]

    def test_not_of_others(self, world: World) -> None:
        dairy = world.people["producer"].public_id
        body = {"action": "order_cycle:view", "target": world.ids["ocy"], "user": dairy}
        problem(self.check(world.api("owner"), **body), 404, "not_found")
        problem(self.check(world.api("viewer"), **{**body, "user": world.ids["owner"]}), 404, "not_found")
        problem(self.check(world.api("producer"), **{**body, "user": "", "key": world.ids["key"]}), 400, "invalid")
        assert self.check(world.api("staff"), **body).json()["rule"] == "P1"

    def test_what_her_people_are_elsewhere_is_not_told(self, world: World) -> None:
        both = another_person(world.company, "viewer")
        MembershipFactory.create(user=both, organisation=world.dairy.unit.organisation, role="owner")
        body = {"action": "exchange:accept", "target": world.ids["incoming"], "user": both.public_id}
        assert self.check(Api(both), action="exchange:accept", target=world.ids["incoming"]).json()["allowed"]
        assert not self.check(world.api("owner"), **body).json()["allowed"]

    def test_what_is_missing_or_wrong_is_said(self, owner: Api, world: World) -> None:
        said = {"action": "exchange_variant:add", "target": world.ids["outgoing"]}
        assert errors(self.check(owner, **said)) == [("/variant", "required")]
        assert errors(self.check(owner, action="fee:edit", target=world.ids["ocy"])) == [("/action", "wrong_target")]
        assert errors(self.check(owner, action="fee:edit", target="7")) == [("/target", "wrong_id")]
        hidden = VariantFactory.create(of=producer("Hidden")).public_id
        for public_id in (hidden, new_id("var")):
            problem(self.check(owner, **said, variant=public_id), 404, "not_found")

    def test_explanations(self, owner: Api, world: World) -> None:
        told = owner.get(f"access/explain/?target={world.ids['ocy']}").json()
        actions = [one["decision"]["action"] for one in told["explanations"]]
        assert "order_cycle:edit" in actions
        assert all(
            one["rules"] for one in told["explanations"] if one["decision"]["action"] != "order_cycle:set_coordinator"
        )
        one = owner.get(
            f"access/explain/?target={world.ids['ocy']}&action=exchange:add_incoming&enterprise={world.ids['dairy']}"
        ).json()
        assert [rule["rule"] for rule in one["explanations"][0]["rules"]] == ["C4", "S1"]


class TestNotices:
    def test_reading(self, owner: Api, world: World) -> None:
        (notice,) = owner.get("notices/?unread=true").json()["results"]
        assert (notice["id"], notice["order_cycle"]) == (world.ids["notice"], world.ids["ocy"])
        world.api("stranger").post("notices/read/", {"notices": [notice["id"]]})
        assert Notice.objects.get(public_id=notice["id"]).read_at is None
        assert owner.post("notices/read/", {"notices": [notice["id"]]}).json() == {"marked": 1}
        assert owner.post("notices/read/").json() == {"marked": 0}
        assert owner.get("notices/?unread=true").json()["results"] == []
        assert len(owner.get(f"notices/?unread=false&enterprise={world.ids['hub']}").json()["results"]) == 1
