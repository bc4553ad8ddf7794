"""What keeps people's own words in a mail from being more than words.

A company may be called ``https://evil.example``, and mail programs make links of whatever looks like one. So nothing in
a mail can be clicked but what a template says by ``{% link %}`` or ``{% action %}``: those put marks around the
address, and everything outside marks is broken up by a space that is not seen (``evil.\u200bexample``).
"""

from __future__ import annotations

import re
import secrets
from typing import Final

#: Stand around our own links until the mail is put together. Of chance, so that nobody can type them.
OPEN: Final = f"\ue000{secrets.token_hex(12)}\ue000"
SHUT: Final = f"\ue001{secrets.token_hex(12)}\ue001"
#: Breaks a word without being seen.
BREAK: Final = "\u200b"

_OURS = re.compile(f"{re.escape(OPEN)}.*?{re.escape(SHUT)}", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_LINKLIKE = re.compile(
    r"""
    (?<=[A-Za-z])(?=:(?://|[^\s:]*[@.?]))   # https://, mailto:anna@…
    | (?<=/)(?=/\S)                         # //evil.example
    | (?<=\w)(?=\.[^\W\d_]{2})              # evil.example, www.evil
    | (?<=\w)(?=\.xn--)
    | (?<=\S)(?=@\w)                        # anna@…
    | (?<=\.)(?=\d+\.\d+\.\d+)              # 127.0.0.1
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Control characters, those that turn the direction of writing round, and those of the marks above.
_CONTROL = re.compile("[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ue000\ue001]")
_ADDRESS = re.compile(rf"https?:(?:{BREAK})?//\S+", re.IGNORECASE)


def one_line(text: object, limit: int = 250) -> str:
    """The text on one line, without control characters: for subjects and names."""
    return " ".join(_CONTROL.sub(" ", str(text)).split())[:limit].strip()


def broken_up(text: str) -> str:
    """The text with everything in it broken up that a mail program would make a link of."""
    return _LINKLIKE.sub(BREAK, _CONTROL.sub(" ", text))


def joined(text: str) -> str:
    """The text as it is seen, without invisible breaks."""
    return text.replace(BREAK, "")


def finished_text(rendered: str) -> str:
    """A plain mail: own links stay, everything else is broken up, and no more than one empty line in a row."""
    tidy = re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", rendered)).strip()
    return _outside(_OURS, tidy, broken_up).replace(OPEN, "").replace(SHUT, "") + "\n"


def finished_html(rendered: str) -> str:
    """An HTML mail: tags and own links stay, everything else in its body is broken up."""
    head, body, rest = rendered.partition("<body")
    done = _outside(_OURS, rest, lambda part: _outside(_TAG, part, broken_up))
    return (head + body + done).strip().replace(OPEN, "").replace(SHUT, "")


def without_links(text: str, sign: str) -> str:
    """A plain mail with a sign in the place of every link: for the eyes of others."""
    return _ADDRESS.sub(sign, text)


def _outside(kept: re.Pattern[str], text: str, change: object) -> str:
    """``text`` with everything changed that ``kept`` does not match."""
    assert callable(change)
    done, start = [], 0
    for found in kept.finditer(text):
        done += [change(text[start : found.start()]), found.group()]
        start = found.end()
    return "".join([*done, change(text[start:])])
