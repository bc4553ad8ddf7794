"""A party's program: calls the API with the party's key, and remembers what it cost."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from organisations.models import Business
from permissions.access import Access
from permissions.actions import Permission
from permissions.domain.keys import make_key
from permissions.models import Role
from tests.factories import MembershipFactory

#: What the programs of those who trade are given.
SCOPES = (
    Permission.VIEW,
    Permission.COORDINATE,
    Permission.TAKE_PART,
    Permission.MANAGE_PRODUCTS,
    Permission.MANAGE_FEES,
    Permission.MANAGE_METHODS,
    Permission.MANAGE_GRANTS,
    Permission.MANAGE_ORGANISATION,
)


@dataclass(slots=True)
class Tally:
    """Calls, by method and kind of address, with the slowest of each in seconds."""

    calls: int = 0
    slowest: dict[str, float] = field(default_factory=dict)

    def add(self, what: str, seconds: float) -> None:
        """Count a call."""
        self.calls += 1
        self.slowest[what] = max(seconds, self.slowest.get(what, 0.0))


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int
    body: Any
    etag: str
    location: str


@dataclass(slots=True)
class Caller:
    """One party with its key."""

    id: str
    name: str
    key: str
    tally: Tally
    client: Client = field(default_factory=Client)
    etags: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, business: Business, tally: Tally) -> Caller:
        """A caller for an enterprise: its organisation gets an account owner, who makes the key."""
        organisation = business.unit.organisation
        owner = MembershipFactory.create(organisation=organisation, role="owner").user
        made = make_key(
            Access.for_user(owner),
            organisation=organisation,
            name=f"Orders of {business.name}"[:80],
            role=Role.objects.get(organisation=None, key="manager"),
            units=[business.unit],
            scopes=SCOPES,
        )
        return cls(business.public_id, business.name, made.secret, tally)

    def call(
        self, method: str, path: str, body: Any = None, *, expect: int | tuple[int, ...], etag: str = ""
    ) -> Answer:
        """Call the API; the status is asserted, and what came back is shown when it is another."""
        headers = {"Authorization": f"Bearer {self.key}"}
        if etag:
            headers["If-Match"] = etag
        begun = time.perf_counter()
        response = self.client.generic(
            method,
            f"/api/v1/{path}" if not path.startswith("http") else path,
            b"" if body is None else _json(body),
            content_type="application/json",
            headers=headers,
        )
        self.tally.add(f"{method} {_kind(path)}", time.perf_counter() - begun)
        answered = response.json() if response.content else None
        expected = (expect,) if isinstance(expect, int) else expect
        assert response.status_code in expected, (self.name, method, path, response.status_code, answered)
        return Answer(
            response.status_code, answered, response.headers.get("ETag", ""), response.headers.get("Location", "")
        )

    def get(self, path: str, *, expect: int = 200) -> Any:
        """Read."""
        return self.call("GET", path, expect=expect).body

    def every(self, path: str) -> Iterator[Any]:
        """Every row of a list, page after page."""
        following: str | None = path
        while following:
            page = self.get(following)
            yield from page["results"]
            following = page["next"]

    def post(self, path: str, body: Any = None, *, expect: int = 201) -> Any:
        """Make, or do."""
        answer = self.call("POST", path, body, expect=expect)
        if answer.location:
            self.etags[answer.location.partition("/api/v1/")[2]] = answer.etag
        return answer.body

    def change(self, path: str, body: Any, *, of: str = "", expect: int = 200) -> Any:
        """Change the thing at ``of`` (the same address unless said) as a program does.

        It sends the version that it knows, from the last answer or a read; told that somebody else has changed the
        thing since (412), it reads again and tries again.
        """
        thing = of or path
        known = self.etags.get(thing)
        answer = self.call("PATCH", path, body, expect=(expect, 412), etag=known) if known else None
        if answer is None or answer.status == 412:
            etag = self.call("GET", thing, expect=200).etag
            answer = self.call("PATCH", path, body, expect=expect, etag=etag)
        if answer.etag:
            self.etags[thing] = answer.etag
        return answer.body

    def delete(self, path: str, *, expect: int = 204) -> Any:
        """Remove."""
        return self.call("DELETE", path, expect=expect).body


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()


def _kind(path: str) -> str:
    """The address without its ids and query."""
    plain = path.partition("/api/v1/")[2] or path
    parts = plain.partition("?")[0].split("/")
    return "/".join("…" if "_" in part else part for part in parts)
