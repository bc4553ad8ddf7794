"""Who works where, beside the account owners: what each sign-in shows."""

from __future__ import annotations

from typing import NamedTuple

#: For every account of the demo network, which is never loaded where real people sign in.
PASSWORD = "hectare-demo-2026"  # noqa: S105

STAFF_NAME = "Sam Hectare"
STAFF_EMAIL = "staff@hectare.farm"


class Part(NamedTuple):
    """A role at an organisation (by mail domain): over the named units, or over all."""

    domain: str
    role: str
    units: tuple[str, ...] = ()


class Person(NamedTuple):
    """Somebody with a sign-in."""

    name: str
    email: str
    parts: tuple[Part, ...]


PEOPLE: tuple[Person, ...] = (
    Person("Nadia Rahman", "coordinator@exe-hub.example", (Part("exe-hub", "coordinator", ("exe",)),)),
    Person("Peter Vosper", "viewer@exe-hub.example", (Part("exe-hub", "viewer"),)),
    Person("Kezia Lang", "dairyhand@ashclyst-dairy.example", (Part("ashclyst-dairy", "contributor"),)),
    # Two people with enterprises of different types.
    Person(
        "Jo Ansell",
        "jo@two-hats.example",
        (Part("deane-hub", "manager"), Part("culm-valley", "manager")),
    ),
    Person(
        "Priya Nair",
        "priya@two-hats.example",
        (Part("tamar-roots", "coordinator"), Part("teign-mill", "contributor", ("mill",))),
    ),
)

#: What to try, by e-mail; printed when the demo is loaded.
TO_TRY: tuple[tuple[str, str], ...] = (
    (STAFF_EMAIL, "the staff's site at /admin/: Explain access, and acting with a reason"),
    ("owner@exe-hub.example", "everything of a hub that coordinates: the draft, upcoming, open and closed cycles"),
    ("coordinator@exe-hub.example", "the editor; Totnes Larder is greyed, and Parrett Valley Honey has been asked"),
    ("viewer@exe-hub.example", "sees all of Exe Hub and changes nothing"),
    ("owner@ashclyst-dairy.example", "a producer: may change its goods at Deane Hub, and not at Tamar Roots"),
    ("owner@bramley-court.example", "withdrew its grant to Deane Hub: its goods there have lapsed"),
    ("owner@deane-hub.example", "a hub: took goods of its producers, and declined the next cycle"),
    ("owner@parrett-honey.example", "a request for a grant waits for an answer"),
    ("owner@totnes-larder.example", "a hub that is not ready: no payment method, address not confirmed"),
    ("owner@blackdown-farm.example", "a farm shop that sells its own: the simple cycle"),
    ("jo@two-hats.example", "manages a hub (Deane Hub) and a producer (Culm Valley Market Garden)"),
    ("priya@two-hats.example", "coordinates a producer that is a hub (Tamar Roots), and helps at Teign Mill"),
)
