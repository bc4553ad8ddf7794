"""A batch of the Logistics service, made up: organisations, units and users with passwords hashed in every way.

The same seed makes the same batch, but for the salts. Parameters are the cheapest that are taken, or others' defaults:
people's own passwords are what the benchmark signs in with. Hashes are made once for each kind and password, and
shared: what an import does with them does not depend on who has which.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final

import bcrypt
from argon2 import low_level

PASSWORDS: Final = ("five barred gate", "Höhenweg 12", "barn-owl/1947")

_SYLLABLES: Final = ("ash", "bram", "culm", "dart", "exe", "far", "gate", "holt", "ing", "ley", "mere", "tor")


def _bcrypt(password: bytes, cost: int) -> str:
    return bcrypt.hashpw(password, bcrypt.gensalt(cost)).decode()


def _argon2(password: bytes, variety: Any) -> str:
    return low_level.hash_secret(password, b"0123456789abcdef", 2, 8192, 1, 32, variety).decode()


def _scrypt(password: bytes, salt: bytes, length: int) -> bytes:
    return hashlib.scrypt(password, salt=salt, n=2**13, r=8, p=1, dklen=length, maxmem=2**26)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def _passlib_pbkdf2(password: bytes) -> str:
    salt = b"\xff0123456789abcd"
    digest = hashlib.pbkdf2_hmac("sha256", password, salt, 12_000)
    return f"$pbkdf2-sha256$12000${_b64(salt).replace('+', '.')}${_b64(digest).replace('+', '.')}"


def _django_pbkdf2(password: bytes) -> str:
    digest = hashlib.pbkdf2_hmac("sha256", password, b"nacl5678", 20_000)
    return f"pbkdf2_sha256$20000$nacl5678${base64.b64encode(digest).decode()}"


#: Name to what hashes a password so. ``md5`` and ``sha1`` are not taken.
HASHES: Final[dict[str, Callable[[bytes], str]]] = {
    "bcrypt 2b": lambda password: _bcrypt(password, 8),
    "bcrypt 2y": lambda password: _bcrypt(password, 8).replace("$2b$", "$2y$"),
    "argon2id": lambda password: _argon2(password, low_level.Type.ID),
    "argon2i": lambda password: _argon2(password, low_level.Type.I),
    "scrypt": lambda password: (
        f"$scrypt$ln=13,r=8,p=1${_b64(b'0123456789abcdef')}${_b64(_scrypt(password, b'0123456789abcdef', 32))}"
    ),
    "scrypt of Werkzeug": lambda password: f"scrypt:8192:8:1$nacl5678${_scrypt(password, b'nacl5678', 64).hex()}",
    "pbkdf2 of passlib": _passlib_pbkdf2,
    "pbkdf2 of Django": _django_pbkdf2,
}
WEAK: Final[dict[str, Callable[[bytes], str]]] = {
    "md5": lambda password: hashlib.md5(password, usedforsecurity=False).hexdigest(),
    "sha1": lambda password: f"sha1$salt${hashlib.sha1(password, usedforsecurity=False).hexdigest()}",
}


@cache
def hash_of(kind: str, password: str) -> str:
    """A password, hashed as somebody else would."""
    return (HASHES | WEAK)[kind](password.encode())


def email_of(number: int) -> str:
    """The e-mail of a user of the batch; the first is 1."""
    return f"user{number}@logistics.example"


def secret_of(number: int) -> tuple[str, str]:
    """How a user's password was hashed, and the password. One in ten has a hash that is not taken."""
    kinds = list(WEAK) if number % 10 == 0 else list(HASHES)
    return kinds[number % len(kinds)], PASSWORDS[number % len(PASSWORDS)]


def records(users: int, organisations: int, units: int, seed: int = 7) -> Iterator[dict[str, Any]]:
    """The rows of a batch."""
    chance = random.Random(seed)
    for number in range(1, organisations + 1):
        yield {
            "type": "organisation",
            "id": f"L-{number}",
            "name": f"{_name(chance)} {number} Ltd",
            "company_number": f"{90_000_000 + number}",
            "town": "Exeter",
            "postcode": "EX4 3PQ",
        }
    for number in range(1, units + 1):
        kind = (number % 3 == 1 and "farm") or (number % 3 == 2 and "store") or ""
        yield {
            "type": "unit",
            "id": f"U-{number}",
            "organisation": f"L-{_organisation(number, organisations)}",
            "name": f"Site {number}",
            "town": "Exeter",
            "business": kind,
        }
    for number in range(1, users + 1):
        yield _user(number, organisations, units)


def _user(number: int, organisations: int, units: int) -> dict[str, Any]:
    kind, password = secret_of(number)
    role = ("manager", "coordinator", "contributor", "viewer")[number % 4]
    if number % 3:
        where: dict[str, Any] = {"organisation": f"L-{_organisation(number, organisations)}", "role": role}
    else:
        unit = number % units + 1
        where = {"organisation": f"L-{_organisation(unit, organisations)}", "role": role, "units": [f"U-{unit}"]}
    return {
        "type": "user",
        "id": number,
        "email": email_of(number),
        "name": f"Person {number}",
        "active": number % 50 != 7,
        "password_hash": hash_of(kind, password),
        "memberships": [where],
    }


def _organisation(number: int, organisations: int) -> int:
    return number % organisations + 1


def _name(chance: random.Random) -> str:
    return "".join(chance.choice(_SYLLABLES) for _ in range(3)).title()


def batch(users: int, organisations: int, units: int) -> bytes:
    """A batch as JSON Lines."""
    lines = (json.dumps(one, ensure_ascii=False) for one in records(users, organisations, units))
    return ("\n".join(lines) + "\n").encode()
