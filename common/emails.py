"""E-mail addresses: when two of them are one."""

from __future__ import annotations

import unicodedata


def normal(email: str) -> str:
    """The form in which addresses are compared and kept: no spaces around it, small letters, one way to write each.

    Unicode is composed and its look-alikes of width folded (NFKC), and the domain is written as it is asked for in the
    domain name system (IDNA), so that ``Anna@MÜLLER.example`` and ``anna@xn--mller-kva.example`` are one. A domain that
    cannot be written so stays as it is: it reaches nobody, and equals nothing but itself.
    """
    local, at, domain = unicodedata.normalize("NFKC", email).strip().rpartition("@")
    try:
        asked = domain.lower().encode("idna").decode("ascii")
    except UnicodeError:
        asked = domain.lower()
    return f"{local.lower()}{at}{asked}"


def spellings(email: str) -> list[str]:
    """The ways in which an address may have been kept: with its domain as people write it, and as it is asked for."""
    known = normal(email)
    local, _, domain = known.rpartition("@")
    try:
        shown = domain.encode("ascii").decode("idna")
    except UnicodeError:
        shown = domain
    return sorted({known, f"{local}@{shown}", email.strip().lower()})


def same(one: str, other: str) -> bool:
    """Whether two addresses are one."""
    return normal(one) == normal(other)


def hinted(email: str) -> str:
    """An address as it may be shown to somebody who may not know it: ``a•••@farm.example``."""
    local, at, domain = email.rpartition("@")
    return f"{local[:1]}•••{at}{domain}"
