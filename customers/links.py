"""The links with which a person sets her password: signed, short-lived, for one use.

Nothing of them is stored. A link carries a fingerprint of what it would change: as soon as the password, the e-mail or
the last sign-in is another, or the account is closed, the fingerprint does not fit any more and the link is dead.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from common.errors import Gone
from customers.models import User

_SALT: Final = "customers.set-password"
#: How long the link of a forgotten password works.
RESET_LIFE: Final = timedelta(hours=1)

WELCOME: Final = "welcome"
RESET: Final = "reset"


def life_of(purpose: str) -> timedelta:
    """How long a link works: a new account's is longer than that of a forgotten password."""
    return timedelta(hours=settings.SET_PASSWORD_HOURS) if purpose == WELCOME else RESET_LIFE


def set_password_url(user: User, purpose: str = WELCOME) -> str:
    """The address at which the user sets a password. Made when its mail is built, and kept nowhere."""
    said = {"p": purpose, "f": _fingerprint(user)}
    token = signing.dumps(said, salt=_SALT)
    return settings.SITE_URL + reverse("set_password", args=[user.public_id, token])


def user_of(uid: str, token: str, *, lock: bool = False) -> User:
    """Whose password a link sets.

    Args:
        lock: inside a transaction: nobody uses the link a second time meanwhile.

    Raises:
        Gone: ``dead_link``, whatever the reason.
    """
    rows = User.objects.select_for_update() if lock else User.objects.all()
    user = rows.filter(public_id=uid, is_active=True, erased_at=None).first()
    if user is None or not _fits(user, token):
        raise Gone("This link has been used, or it has expired. Ask for a new one.", code="dead_link")
    return user


def _fits(user: User, token: str) -> bool:
    try:
        purpose = str(signing.loads(token, salt=_SALT)["p"])
        said = signing.loads(token, salt=_SALT, max_age=life_of(purpose))
    except signing.BadSignature:
        return False
    return constant_time_compare(str(said["f"]), _fingerprint(user))


def _fingerprint(user: User) -> str:
    last = user.last_login.isoformat() if user.last_login else ""
    state = "\n".join((user.public_id, user.password, user.email.lower(), last))
    return salted_hmac(_SALT, state, algorithm="sha256").hexdigest()
