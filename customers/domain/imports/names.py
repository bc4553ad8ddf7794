"""Texts of lists that people keep: cleaned, and compared as people would."""

from __future__ import annotations

import re

#: Where an earlier encoding lost a character, such lists have one of these.
_LOST = re.compile(r"\?|\ufffd")


def clean(text: str) -> str:
    """On one line, with single spaces, none at the edges or inside brackets."""
    text = "".join(character if character.isprintable() else " " for character in text)
    return re.sub(r"\s+", " ", text).strip().replace("( ", "(").replace(" )", ")")


def same_name(name: str) -> str:
    """What two spellings of one company's name have in common: no capitals or marks, ltd for limited, and for &."""
    plain = name.casefold().replace("&", " and ")
    plain = re.sub(r"[^\w\s]", " ", re.sub(r"['’?\ufffd.]", "", plain))
    return re.sub(r"\blimited\b", "ltd", " ".join(plain.split()))


def has_lost(text: str) -> bool:
    """Whether a character of it seems to be lost."""
    return bool(_LOST.search(text))
