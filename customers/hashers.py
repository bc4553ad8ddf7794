"""Passwords that were hashed elsewhere: which hashes are taken, how they are written here, and how they are checked.

People who come from another system keep their passwords (decision 0016). ``accepted`` looks at a hash and writes it as
one of the hashers below knows it; at the first sign-in Django hashes the password anew with the preferred hasher, and
the foreign hash is gone.

A hash that is too cheap to be safe is not taken. Nor is one that is too dear: whoever could choose its cost could keep
the site busy with a single sign-in. The bounds hold once more whenever a password is checked.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.hashers import (
    Argon2PasswordHasher,
    BasePasswordHasher,
    BCryptPasswordHasher,
    BCryptSHA256PasswordHasher,
    PBKDF2PasswordHasher,
    ScryptPasswordHasher,
    get_hasher,
    mask_hash,
)
from django.utils.crypto import constant_time_compare

#: The column ends there.
LONGEST: Final = 128
#: A bcrypt of somebody else's cut longer passwords off silently; the library refuses them.
_BCRYPT_READS: Final = 72
#: Bytes of salt and of hash.
_SALT, _DIGEST = range(8, 65), range(32, 65)

#: What was wrong, in words for the one who imports. None of them repeats any of the hash.
UNKNOWN: Final = "The hash is of a kind that is not taken."
WEAK: Final = "The hash is too weak to be taken."
DEAR: Final = "The hash costs more to check than is taken."


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a foreign hash.

    Attributes:
        encoded: as it is stored; empty when it is not taken.
        kind: ``bcrypt``, ``argon2``, ``scrypt`` or ``pbkdf2_sha256``; empty when it is unknown.
        why: why it is not taken.
    """

    encoded: str = ""
    kind: str = ""
    why: str = ""


_B64: Final = r"[A-Za-z0-9+/]+={0,2}"
_TEXT_SALT: Final = r"[!-#%-~]{8,64}"
_NUMBER: Final = r"[1-9][0-9]{0,8}"


def _bcrypt_cost(cost: int) -> str:
    return WEAK if cost < 8 else DEAR if cost > 14 else ""


def _argon2_cost(memory: int, passes: int, lanes: int) -> str:
    """OWASP's least is 7 MiB; 256 MiB and what a second or so can do are the most."""
    if memory < 7_168 or memory * passes < 14_336:
        return WEAK
    return DEAR if memory > 262_144 or memory * passes > 1_048_576 or lanes > 16 else ""


def _scrypt_cost(n: int, r: int, p: int) -> str:
    if n & (n - 1):
        return UNKNOWN
    if n * r * p < 2**16:
        return WEAK
    return DEAR if n * r > 2**20 or n * r * p > 2**21 else ""


def _pbkdf2_cost(iterations: int) -> str:
    return WEAK if iterations < 10_000 else DEAR if iterations > 2_000_000 else ""


def accepted(text: str) -> Found:
    """Whether a hash from elsewhere is taken, and as what it is stored."""
    text = text.strip().removeprefix("{bcrypt}")
    for pattern, read in _NOTATIONS:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        kind, encoded, why = read(found)
        if not why and len(encoded) > LONGEST:
            why = UNKNOWN
        return Found("" if why else encoded, kind, why)
    return Found(why=UNKNOWN)


_Read = Callable[["re.Match[str]"], tuple[str, str, str]]


def _bcrypt(found: re.Match[str]) -> tuple[str, str, str]:
    return "bcrypt", f"{found['how'] or 'bcrypt$'}{found['hash']}", _bcrypt_cost(int(found["cost"]))


def _argon2(found: re.Match[str]) -> tuple[str, str, str]:
    sizes = len(_unpadded(found["salt"])) in _SALT and len(_unpadded(found["digest"])) in range(16, 65)
    cost = _argon2_cost(*(int(found[name]) for name in ("m", "t", "p")))
    return "argon2", f"argon2{found['hash']}", cost if sizes else UNKNOWN


def _scrypt_django(found: re.Match[str]) -> tuple[str, str, str]:
    digest = _unpadded(found["digest"])
    return _scrypt(found, int(found["n"]), digest)


def _scrypt_werkzeug(found: re.Match[str]) -> tuple[str, str, str]:
    return _scrypt(found, int(found["n"]), bytes.fromhex(found["digest"]))


def _scrypt(found: re.Match[str], n: int, digest: bytes) -> tuple[str, str, str]:
    r, p = int(found["r"]), int(found["p"])
    encoded = f"scrypt${n}${found['salt']}${r}${p}${base64.b64encode(digest).decode()}"
    return "scrypt", encoded, _scrypt_cost(n, r, p) if len(digest) == 64 else UNKNOWN


def _scrypt_passlib(found: re.Match[str]) -> tuple[str, str, str]:
    ln, r, p = (int(found[name]) for name in ("ln", "r", "p"))
    salt, digest = _unpadded(found["salt"]), _unpadded(found["digest"])
    fits = len(salt) in _SALT and len(digest) in _DIGEST and ln < 31
    encoded = f"scrypt_raw${2 ** min(ln, 31)}${_b64(salt)}${r}${p}${_b64(digest)}"
    return "scrypt", encoded, _scrypt_cost(2**ln, r, p) if fits else UNKNOWN


def _pbkdf2_django(found: re.Match[str]) -> tuple[str, str, str]:
    return _pbkdf2(found, _unpadded(found["digest"]))


def _pbkdf2_werkzeug(found: re.Match[str]) -> tuple[str, str, str]:
    return _pbkdf2(found, bytes.fromhex(found["digest"]))


def _pbkdf2(found: re.Match[str], digest: bytes) -> tuple[str, str, str]:
    iterations = int(found["iterations"])
    encoded = f"pbkdf2_sha256${iterations}${found['salt']}${base64.b64encode(digest).decode()}"
    return "pbkdf2_sha256", encoded, _pbkdf2_cost(iterations) if len(digest) == 32 else UNKNOWN


def _pbkdf2_passlib(found: re.Match[str]) -> tuple[str, str, str]:
    # Passlib writes dots for plusses.
    salt, digest = (_unpadded(found[name].replace(".", "+")) for name in ("salt", "digest"))
    iterations = int(found["iterations"])
    encoded = f"pbkdf2_sha256_raw${iterations}${_b64(salt)}${_b64(digest)}"
    fits = len(salt) in _SALT and len(digest) == 32
    return "pbkdf2_sha256", encoded, _pbkdf2_cost(iterations) if fits else UNKNOWN


_BCRYPT_HASH: Final = r"(?P<hash>\$2[aby]\$(?P<cost>[0-9]{2})\$[./A-Za-z0-9]{53})"

_NOTATIONS: Final[tuple[tuple[re.Pattern[str], _Read], ...]] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (rf"(?P<how>bcrypt\$|bcrypt_sha256\$)?{_BCRYPT_HASH}", _bcrypt),
        (
            (
                rf"(?:argon2)?(?P<hash>\$argon2id?\$v=19\$m=(?P<m>{_NUMBER}),t=(?P<t>{_NUMBER}),p=(?P<p>{_NUMBER})"
                rf"\$(?P<salt>{_B64})\$(?P<digest>{_B64}))"
            ),
            _argon2,
        ),
        (
            rf"scrypt\$(?P<n>{_NUMBER})\$(?P<salt>{_TEXT_SALT})\$(?P<r>{_NUMBER})\$(?P<p>{_NUMBER})\$(?P<digest>{_B64})",
            _scrypt_django,
        ),
        (
            (
                rf"scrypt:(?P<n>{_NUMBER}):(?P<r>{_NUMBER}):(?P<p>{_NUMBER})\$(?P<salt>{_TEXT_SALT})"
                r"\$(?P<digest>[0-9a-f]{128})"
            ),
            _scrypt_werkzeug,
        ),
        (
            (
                rf"\$scrypt\$ln=(?P<ln>[1-9][0-9]?),r=(?P<r>{_NUMBER}),p=(?P<p>{_NUMBER})"
                rf"\$(?P<salt>{_B64})\$(?P<digest>{_B64})"
            ),
            _scrypt_passlib,
        ),
        (rf"pbkdf2_sha256\$(?P<iterations>{_NUMBER})\$(?P<salt>{_TEXT_SALT})\$(?P<digest>{_B64})", _pbkdf2_django),
        (
            rf"pbkdf2:sha256:(?P<iterations>{_NUMBER})\$(?P<salt>{_TEXT_SALT})\$(?P<digest>[0-9a-f]{{64}})",
            _pbkdf2_werkzeug,
        ),
        (
            rf"\$pbkdf2-sha256\$(?P<iterations>{_NUMBER})\$(?P<salt>[A-Za-z0-9./]+)\$(?P<digest>[A-Za-z0-9./]+)",
            _pbkdf2_passlib,
        ),
    )
)


def _unpadded(text: str) -> bytes:
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), validate=True)
    except binascii.Error:
        return b""


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


# -- checking ------------------------------------------------------------------------------------------------------


def level(password: str, spent: float) -> None:
    """After a wrong password: take about as long as the preferred hasher, so that time tells nobody whose is foreign.

    How long that is on this machine, as busy as it is now, a twentieth of it says.
    """
    preferred = get_hasher()
    if not isinstance(preferred, PBKDF2PasswordHasher):
        return
    sample = preferred.iterations // 20
    started = time.perf_counter()
    hashlib.pbkdf2_hmac("sha256", password.encode(), b"level", sample)
    took = time.perf_counter() - started
    left = 1 - (spent + took) / (took * 20)
    if left > 0:
        hashlib.pbkdf2_hmac("sha256", password.encode(), b"level", max(1, int(preferred.iterations * left)))


class _Foreign(BasePasswordHasher):
    """Checks within the bounds, and takes its time over a wrong password. Never makes a hash: it is never preferred."""

    def verify(self, password: str, encoded: str) -> bool:
        """Whether the password is right; never an error, whatever stands in the column."""
        started = time.perf_counter()
        right = self.in_bounds(encoded) and self.check(password, encoded)
        if not right:
            level(password, time.perf_counter() - started)
        return right

    def check(self, password: str, encoded: str) -> bool:
        """Whether the password is right, of a hash in bounds."""
        return bool(super().verify(password, encoded))

    def in_bounds(self, encoded: str) -> bool:
        """Whether the hash is one that would be taken today."""
        return accepted(encoded).encoded == encoded

    def must_update(self, encoded: str) -> bool:
        """Always: it is of another kind than ours."""
        return True

    def harden_runtime(self, password: str, encoded: str) -> None:
        """``verify`` has taken its time."""


class ForeignArgon2(_Foreign, Argon2PasswordHasher):
    """``$argon2i$`` and ``$argon2id$``."""


class ForeignBCryptSHA256(_Foreign, BCryptSHA256PasswordHasher):
    """Django's bcrypt of a SHA-256."""


class ForeignBCrypt(_Foreign, BCryptPasswordHasher):
    """``$2a$``, ``$2b$`` and ``$2y$``."""

    def check(self, password: str, encoded: str) -> bool:
        """As others' libraries did: by the first 72 bytes, and by nothing after a NUL."""
        import bcrypt

        data = encoded.partition("$")[2].encode("ascii")
        read = password.encode().partition(b"\0")[0][:_BCRYPT_READS]
        return constant_time_compare(bcrypt.hashpw(read, data), data)


def _scrypt_of(password: str, salt: bytes, n: int, r: int, p: int, length: int) -> bytes:
    # OpenSSL refuses what takes more than 32 MiB unless it is told that it may.
    return hashlib.scrypt(
        password.encode(), salt=salt, n=n, r=r, p=p, dklen=length, maxmem=128 * r * (n + p + 2) + 2**20
    )


class ForeignScrypt(_Foreign, ScryptPasswordHasher):
    """Scrypt as Django writes it, with a text as its salt."""

    def check(self, password: str, encoded: str) -> bool:
        """Whether the password is right."""
        _, n, salt, r, p, digest = encoded.split("$")
        wanted = base64.b64decode(digest)
        found = _scrypt_of(password, salt.encode(), int(n), int(r), int(p), len(wanted))
        return constant_time_compare(found, wanted)


class _Raw(_Foreign):
    """A hash whose salt is bytes: ``algorithm$cost$salt$…$digest``, both in base 64 without padding."""

    def safe_summary(self, encoded: str) -> Any:
        """What may be shown of it."""
        return {"algorithm": self.algorithm, "hash": mask_hash(encoded.rpartition("$")[2])}

    def decode(self, encoded: str) -> dict[str, Any]:
        """What it is made of."""
        return {"algorithm": self.algorithm, "hash": encoded.rpartition("$")[2]}


class ForeignScryptRaw(_Raw):
    """Scrypt as passlib writes it."""

    algorithm = "scrypt_raw"

    def in_bounds(self, encoded: str) -> bool:
        """Its cost is taken today."""
        parts = encoded.split("$")
        return len(parts) == 6 and all(parts[at].isdecimal() for at in (1, 3, 4)) and not _scrypt_cost(*_costs(parts))

    def check(self, password: str, encoded: str) -> bool:
        """Whether the password is right."""
        parts = encoded.split("$")
        wanted = _unpadded(parts[5])
        return constant_time_compare(_scrypt_of(password, _unpadded(parts[2]), *_costs(parts), len(wanted)), wanted)


def _costs(parts: list[str]) -> tuple[int, int, int]:
    return int(parts[1]), int(parts[3]), int(parts[4])


class ForeignPBKDF2Raw(_Raw):
    """PBKDF2-SHA256 as passlib writes it."""

    algorithm = "pbkdf2_sha256_raw"

    def in_bounds(self, encoded: str) -> bool:
        """Its cost is taken today."""
        parts = encoded.split("$")
        return len(parts) == 4 and parts[1].isdecimal() and not _pbkdf2_cost(int(parts[1]))

    def check(self, password: str, encoded: str) -> bool:
        """Whether the password is right."""
        _, iterations, salt, digest = encoded.split("$")
        wanted = _unpadded(digest)
        found = hashlib.pbkdf2_hmac("sha256", password.encode(), _unpadded(salt), int(iterations), len(wanted))
        return constant_time_compare(found, wanted)
