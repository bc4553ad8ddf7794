"""One-time tokens: what stands in a link, and what we keep of it.

A token is 256 random bits, so that nobody guesses one and a plain SHA-256 is enough to keep: there
is no short secret in it for which a slow hash would be needed. The token itself is made where the
mail is built and stands nowhere but in that mail; the row keeps the hash, and is found by it.
"""

import hashlib
import re
import secrets

BYTES = 32

#: A part of an address that can only be a secret: longer than any id or name of ours. Signed links have colons.
_SECRET = re.compile(r"(?<=/)[A-Za-z0-9_:-]{36,}(?=/|\?|$|\s)")


def new_token() -> str:
    """A new token of 256 random bits, safe in a path: 43 letters, digits, - and _."""
    return secrets.token_urlsafe(BYTES)


def hash_of(token: str) -> str:
    """What is kept of a token and what a presented one is looked up by: its SHA-256, in hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def masked(address: str) -> str:
    """An address or a line with addresses in it, without the secrets that stand in them: for logs and audit trail."""
    return _SECRET.sub("…", address)
