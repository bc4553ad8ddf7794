"""Hashes from elsewhere: which are taken, that the old password is right, and that a new hash takes its place."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import bcrypt
import pytest
from argon2 import low_level
from django.contrib.auth.hashers import check_password, identify_hasher, make_password, verify_password

from customers import hashers
from customers.hashers import DEAR, UNKNOWN, WEAK, accepted

PASSWORD = "gate-post 7 Ä"
SALT = b"\x00\x01saltsaltsal\xff\xfe\xfd"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def bcrypt_hash(password: bytes = PASSWORD.encode(), cost: int = 8) -> str:
    return bcrypt.hashpw(password, bcrypt.gensalt(cost)).decode()


def argon2_hash(variety: Any = low_level.Type.ID, memory: int = 8192, passes: int = 2) -> str:
    return low_level.hash_secret(PASSWORD.encode(), SALT, passes, memory, 1, 32, variety).decode()


def scrypt(n: int = 2**13, r: int = 8, p: int = 1, *, salt: bytes, length: int) -> bytes:
    return hashlib.scrypt(PASSWORD.encode(), salt=salt, n=n, r=r, p=p, dklen=length, maxmem=2**27)


def b64_64(salt: bytes) -> str:
    return base64.b64encode(scrypt(salt=salt, length=64)).decode()


def pbkdf2(salt: bytes, iterations: int = 10_000) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt, iterations)


GOOD = {
    "bcrypt 2b": (bcrypt_hash(), "bcrypt"),
    "bcrypt 2a": (bcrypt_hash().replace("$2b$", "$2a$"), "bcrypt"),
    "bcrypt 2y": (bcrypt_hash().replace("$2b$", "$2y$"), "bcrypt"),
    "bcrypt of Spring": ("{bcrypt}" + bcrypt_hash().replace("$2b$", "$2a$"), "bcrypt"),
    "bcrypt of Django": ("bcrypt$" + bcrypt_hash(), "bcrypt"),
    "bcrypt_sha256 of Django": (
        "bcrypt_sha256$" + bcrypt_hash(hashlib.sha256(PASSWORD.encode()).hexdigest().encode()),
        "bcrypt",
    ),
    "argon2id": (argon2_hash(), "argon2"),
    "argon2i": (argon2_hash(low_level.Type.I), "argon2"),
    "argon2 of Django": ("argon2" + argon2_hash(), "argon2"),
    "scrypt of Django": (
        f"scrypt$8192$abcdefghijklmnopqrstuv$8$1${b64_64(b'abcdefghijklmnopqrstuv')}",
        "scrypt",
    ),
    "scrypt of Werkzeug": (
        f"scrypt:8192:8:1$abcdefghijklmnop${scrypt(salt=b'abcdefghijklmnop', length=64).hex()}",
        "scrypt",
    ),
    "scrypt beyond 32 MiB": (
        f"scrypt:32768:8:1$abcdefghijklmnop${scrypt(n=2**15, salt=b'abcdefghijklmnop', length=64).hex()}",
        "scrypt",
    ),
    "scrypt of passlib": (f"$scrypt$ln=13,r=8,p=1${b64(SALT)}${b64(scrypt(salt=SALT, length=32))}", "scrypt"),
    "pbkdf2 of Django": (
        f"pbkdf2_sha256$10000$abcdefghijkl${base64.b64encode(pbkdf2(b'abcdefghijkl')).decode()}",
        "pbkdf2_sha256",
    ),
    "pbkdf2 of Werkzeug": (f"pbkdf2:sha256:10000$abcdefgh${pbkdf2(b'abcdefgh').hex()}", "pbkdf2_sha256"),
    "pbkdf2 of passlib": (
        f"$pbkdf2-sha256$10000${b64(SALT).replace('+', '.')}${b64(pbkdf2(SALT)).replace('+', '.')}",
        "pbkdf2_sha256",
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_the_old_password_is_right_and_is_hashed_anew(name: str) -> None:
    text, kind = GOOD[name]
    found = accepted(text)
    assert (found.kind, found.why) == (kind, "")
    assert len(found.encoded) <= 128
    kept: list[str] = []
    assert not check_password("wrong", found.encoded, kept.append)
    assert kept == []
    assert check_password(PASSWORD, found.encoded, kept.append)
    assert kept == [PASSWORD]
    assert identify_hasher(found.encoded).safe_summary(found.encoded)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", UNKNOWN),
        ("hunter2", UNKNOWN),
        ("5f4dcc3b5aa765d61d8327deb882cf99", UNKNOWN),
        ("md5$salt$5f4dcc3b5aa765d61d8327deb882cf99", UNKNOWN),
        ("sha1$salt$5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8", UNKNOWN),
        ("{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", UNKNOWN),
        ("$1$abc$0123456789012345678901", UNKNOWN),
        ("$2x$10$" + "a" * 53, UNKNOWN),
        ("$argon2d$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$" + "A" * 43, UNKNOWN),
        ("$2b$07$" + "a" * 53, WEAK),
        ("$2b$15$" + "a" * 53, DEAR),
        ("$2b$31$" + "a" * 53, DEAR),
        ("$argon2id$v=19$m=1024,t=2,p=2$c2FsdHNhbHQ$" + "A" * 43, WEAK),
        ("$argon2id$v=19$m=4194304,t=3,p=4$c2FsdHNhbHQ$" + "A" * 43, DEAR),
        ("$argon2id$v=19$m=65536,t=900,p=4$c2FsdHNhbHQ$" + "A" * 43, DEAR),
        ("$argon2id$v=19$m=65536,t=3,p=4$c2E$" + "A" * 43, UNKNOWN),
        ("scrypt:1024:8:1$abcdefgh$" + "0" * 128, WEAK),
        ("scrypt:999:8:99$abcdefgh$" + "0" * 128, UNKNOWN),
        ("scrypt:8388608:8:1$abcdefgh$" + "0" * 128, DEAR),
        ("$scrypt$ln=40,r=8,p=1$c2FsdHNhbHQ$" + "A" * 43, UNKNOWN),
        ("pbkdf2_sha256$1000$abcdefgh$" + "A" * 43 + "=", WEAK),
        ("pbkdf2_sha256$900000000$abcdefgh$" + "A" * 43 + "=", DEAR),
        ("pbkdf2_sha256$20000$abcdefgh$" + "A" * 20 + "=", UNKNOWN),
        ("$pbkdf2-sha256$20000$c2E$" + "A" * 43, UNKNOWN),
        ("!", UNKNOWN),
    ],
)
def test_what_is_not_taken(text: str, why: str) -> None:
    found = accepted(text)
    assert (found.encoded, found.why) == ("", why)


def test_a_long_password_is_read_as_bcrypt_read_it() -> None:
    long = "x" * 100
    found = accepted(bcrypt_hash(b"x" * 72))
    assert check_password(long, found.encoded)
    assert not check_password("y" * 100, found.encoded)


@pytest.mark.parametrize(
    "stored",
    [
        "bcrypt$$2b$31$" + "a" * 53,
        "bcrypt$nonsense",
        "argon2$argon2id$v=19$m=99999999,t=9,p=1$c2FsdHNhbHQ$AAAA",
        "scrypt$4194304$abcdefgh$64$64$AAAA",
        "scrypt_raw$1073741824$AAAA$8$1$AAAA",
        "scrypt_raw$nonsense",
        "pbkdf2_sha256_raw$999999999$AAAA$AAAA",
        "pbkdf2_sha256_raw$x",
    ],
)
def test_what_is_out_of_bounds_is_not_even_tried(stored: str) -> None:
    assert verify_password(PASSWORD, stored) == (False, True)


def test_a_wrong_password_takes_about_as_long_as_ours(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In iterations, not in seconds: a machine that is busy is no finding."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS[1:]]
    done: list[int] = []

    def counted(digest: str, password: bytes, salt: bytes, iterations: int, *_: Any) -> bytes:
        done.append(iterations)
        return b""

    moments = iter([0.0, 0.1, 10.0, 10.1])
    monkeypatch.setattr("customers.hashers.hashlib.pbkdf2_hmac", counted)
    monkeypatch.setattr("customers.hashers.time.perf_counter", lambda: next(moments))
    # A twentieth took 0.1, so ours takes 2: of these, 0.5 have been spent already, and 0.1 on finding out.
    hashers.level(PASSWORD, 0.5)
    whole = 1_000_000
    assert done == [whole // 20, int(whole * 0.7)]
    done.clear()
    hashers.level(PASSWORD, 5.0)
    assert done == [whole // 20]


def test_the_preferred_hasher_is_first_and_foreign_ones_make_none(settings: Any) -> None:
    from config.settings import base

    assert base.PASSWORD_HASHERS[0] == "django.contrib.auth.hashers.PBKDF2PasswordHasher"
    assert settings.PASSWORD_HASHERS[2:] == base.PASSWORD_HASHERS[1:]
    assert make_password(PASSWORD).startswith("md5$")
