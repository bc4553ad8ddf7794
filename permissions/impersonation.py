"""What stays a person's own while Hectare staff act as her (S4): said once, for every door.

The engine refuses the actions, so verbs, pages, API and lists follow. ``keep`` is for the few verbs whose deed has no
action of its own. The middleware ``customers.act_as`` refuses the pages, whose writes are allauth's and no verbs of
ours. Whoever adds a way to change what is a person's own names it here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from permissions.access import Access
from permissions.actions import Action
from permissions.decisions import Decision, Finding, Refusal, Refused, Told

CODE: Final = "S4"


@dataclass(frozen=True)
class Kept:
    """One kind of thing that nobody does in another's place.

    Attributes:
        label: what it is called where all of them are listed.
        why: the sentence of the refusal; ``{name}`` is the person.
        instead: what to do instead.
        action: what is refused where a deed has no action of its own.
        actions: which the engine refuses.
        below: beginnings of addresses that are refused.
        pages: names of addresses that are refused.
        but: names of addresses that are not.
    """

    label: str
    why: str
    instead: str
    action: Action
    actions: frozenset[Action] = frozenset()
    below: tuple[str, ...] = ()
    pages: frozenset[str] = frozenset()
    but: frozenset[str] = frozenset()

    def has_page(self, name: str, path: str) -> bool:
        """Whether an address is refused."""
        return name in self.pages or (path.startswith(self.below or ("\0",)) and name not in self.but)

    def told(self, name: str) -> Told:
        """The refusal in words.

        Args:
            name: of the person.
        """
        finding = Finding("acted_as", False, CODE, "permission", self.why.format(name=name), self.instead)
        return Told(finding.sentence, (finding,), lambda: (finding,))


ACCOUNT: Final = Kept(
    label="how the person signs in: password, e-mail address, second factor, sessions, connected accounts",
    why="How {name} signs in is nobody else's to change, and you only act as that person.",
    instead="Stop acting. On the person's page in the staff's site you can send a link for a new password, end "
    "sessions or clear the second factor; the address only the person can change.",
    action=Action.USER_EDIT,
    below=("/accounts/",),
    pages=frozenset({"set_password", "sign_up", "sign_up_sent", "sign_up_confirm"}),
    but=frozenset({"account_logout"}),
)
KEYS: Final = Kept(
    label="API keys: making and revoking them",
    why="An API key borrows the power of the one who makes it, and would outlast your acting as {name}.",
    instead="Ask them to do it. A key that must end at once you can revoke in the staff's site, under your own name.",
    action=Action.API_KEY_MANAGE,
    actions=frozenset({Action.API_KEY_MANAGE, Action.API_KEY_REVOKE}),
)
OWNERS: Final = Kept(
    label="account owners: handing over, giving and taking the role, inviting somebody to it",
    why="Who answers for an account is decided by {name} and the other account owners, not in their place.",
    instead="Ask them to do it. Where no owner is left, stop acting and use the recovery of ownership.",
    action=Action.MEMBERSHIP_MANAGE,
    actions=frozenset(
        {
            Action.OWNERSHIP_ANSWER,
            Action.OWNERSHIP_CANCEL,
            Action.OWNERSHIP_GIVE,
            # Whoever accepts becomes the account owner of the record.
            Action.ORGANISATION_INVITE_TO_CLAIM,
        }
    ),
)
EXPORTS: Final = Kept(
    label="exports: of an organisation, of a person, the audit trail as a file",
    why="What is taken out is taken out under the name of the one who asks, and that is not {name}.",
    instead="Stop acting, and export it in the staff's site with a reason of your own.",
    action=Action.EXPORT_MAKE,
    actions=frozenset({Action.EXPORT_MAKE, Action.ORGANISATION_EXPORT}),
)
ENDS: Final = Kept(
    label="ends: leaving or removing an organisation, erasing the account",
    why="Whether {name} leaves, and whether the records of {name} end, nobody else decides.",
    instead="Ask them to do it, or stop acting and do it in the staff's site with a reason of your own.",
    action=Action.USER_ERASE,
    actions=frozenset(
        {Action.CUSTOMER_REMOVE, Action.MEMBERSHIP_LEAVE, Action.ORGANISATION_ARCHIVE, Action.USER_ERASE}
    ),
)
ANSWERS: Final = Kept(
    label="answers: accepting or declining invitations and offers made to the person",
    why="An invitation asks {name}, and nobody consents in another's place.",
    instead="Ask them to open the link in the mail. You can send it again from the staff's site.",
    action=Action.INVITATION_VIEW,
    pages=frozenset({"invitation", "invitation_open", "invitation_sign_in"}),
)
STAFF_SITE: Final = Kept(
    label="the staff's site: neither as the person nor as yourself, nor acting as a second person",
    why="You act as {name} now, who has no part in the staff's site; nobody acts as two people at once.",
    instead="Stop acting first; you are back in the staff's site then.",
    action=Action.USER_ACT_AS,
    actions=frozenset({Action.USER_ACT_AS}),
    below=("/admin/",),
)

#: All of them, in the order in which they are listed.
KEPT: Final = (ACCOUNT, KEYS, OWNERS, EXPORTS, ENDS, ANSWERS, STAFF_SITE)
_BY_ACTION: Final = {action: one for one in KEPT for action in one.actions}
ACTIONS: Final = frozenset(_BY_ACTION)


def labels() -> Iterator[str]:
    """What cannot be done while acting, for who is about to begin."""
    return (one.label for one in KEPT)


def kept_from(actor: Any, action: Action) -> Kept | None:
    """What an action is refused with to somebody who is acted as; ``None``: it is not, or nobody acts as her."""
    return _BY_ACTION.get(action) if actor.is_impersonated else None


def page_kept(name: str, path: str) -> Kept | None:
    """What an address is refused with while staff act as somebody."""
    return next((one for one in KEPT if one.has_page(name, path)), None)


def decision(actor: Access, kept: Kept, action: Action | None = None) -> Decision | None:
    """The refusal of a deed that has no action of its own; ``None`` when nobody acts as the actor."""
    if not actor.is_impersonated:
        return None
    return Decision(False, action or kept.action, CODE, kept.told, Refusal.PERMISSION, actor.name)


def keep(actor: Access, kept: Kept, action: Action | None = None) -> None:
    """Refuse a deed that has no action of its own.

    Raises:
        Refused: somebody of Hectare's staff acts as the actor (S4).
    """
    refusal = decision(actor, kept, action)
    if refusal is not None:
        raise Refused(refusal)
