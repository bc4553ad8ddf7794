"""Every rule code with its sentence, those of policies and those that no single policy holds.

Apps describe their codes when they are ready; a test fails for a code that is used and not described. The general ones
(``General``) speak in explanations where they bear on what was asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from permissions.actions import Action

if TYPE_CHECKING:
    from permissions.decisions import Explanation


@dataclass(frozen=True)
class General:
    """A rule that bears on the decisions of several policies.

    Attributes:
        code: as in the catalogue.
        actions: on which it bears; all when there are none.
        bears: whether it bears on an explanation of these.
    """

    code: str
    actions: Collection[Action] = ()
    bears: Callable[[Explanation], bool] = lambda explanation: True


_sentences: dict[str, str] = {}
_general: list[General] = []


def describe(sentences: Mapping[str, str], *general: General) -> None:
    """Add codes with their sentences, and general rules. A code is described once."""
    for code, sentence in sentences.items():
        if code in _sentences:
            raise ValueError(f"{code} is described already")
        _sentences[code] = sentence
    _general.extend(general)


def sentences() -> dict[str, str]:
    """Every code with its sentence, in the order in which they were described."""
    return dict(_sentences)


def general() -> list[General]:
    """The rules that no single policy holds."""
    return list(_general)


def bearing_on(explanation: Explanation) -> tuple[tuple[str, str], ...]:
    """Code and sentence of every general rule that bears on an explanation; none where nothing is explained."""
    if not explanation.rules:
        return ()
    action = explanation.decision.action
    return tuple(
        (one.code, _sentences[one.code])
        for one in _general
        if (not one.actions or action in one.actions) and one.bears(explanation)
    )


def _several(explanation: Explanation) -> bool:
    return sum(1 for rule in explanation.rules if rule.applies and rule.code != "S1") > 1


#: Codes of people, enterprises and grants, and those of all actions alike.
OF_ALL: Mapping[str, str] = {
    "X2": "For anybody who may not know of it, a thing does not exist: it is not found.",
    "R1": "Her role is too small: she sees the enterprise that a rule speaks of, and may not do this for it.",
    "S1": (
        "Hectare staff see everything, and act for others through the admin only, under the same conditions on "
        "grants and readiness, with a reason that is recorded."
    ),
    "S2": "What concerns all customers and staff themselves is done by staff administrators, with a reason.",
    "S3": (
        "Staff administrators act as a customer's person: with a reason that is recorded, for an hour at most, under"
        " her rules and under both names; never as staff, nor as somebody whose account is closed."
    ),
    "S4": (
        "Whoever acts as a person leaves alone what is hers: how she signs in, API keys, account owners, exports,"
        " answers to invitations, and ends. Nor has she a part in the staff's site."
    ),
    "U1": (
        "Whoever manages several enterprises has the union of what each gives; nothing is taken from an enterprise"
        " that she does not manage with the permission needed."
    ),
    "U2": "Those who manage an organisation's people see them, and add and change them.",
    "U3": "Everybody sees her own account and memberships, and changes her own name.",
    "U4": "An organisation's own roles are made, changed and deleted by those whose role includes it for all of it.",
    "U5": "Nobody gives, changes or takes away more than she holds herself: no role, no units, no permission.",
    "U6": "Nobody changes her own membership or the role that she holds; everybody may leave.",
    "U7": (
        "An organisation keeps an active account owner: one whose membership and account are active and whose e-mail"
        " is confirmed. Who is only invited does not count."
    ),
    "U8": "The built-in roles are known to all, the roles of an organisation to its members.",
    "A1": "The audit trail is seen by those whose role includes it for the whole organisation.",
    "K1": "API keys are seen, made and revoked by those whose role includes it for the whole organisation.",
    "O1": "Members see their organisation.",
    "O2": "A member with the right role edits her organisation.",
    "O3": "Both organisations of a connection see it.",
    "O4": "A connection is made and ended by the people of the organisation that recorded it.",
    "O5": "The record of a company is made by a customer that knows it, and is that customer's to edit until claimed.",
    "O6": "Connected organisations see each other's public profile: name, kind of business, town.",
    "O7": "An organisation's data is exported by those who manage it and see its audit trail; of named units, these.",
    "E1": "Members see the enterprises of the units that they are given.",
    "E2": "Enterprises with a grant of any kind between them see each other's public profile.",
    "E3": "Connected organisations see each other's public profile.",
    "G1": "A grant is given by the granter's people, to another enterprise, while both are active.",
    "G2": "Both sides of a grant, or of a request for one, see it.",
    "G4": "A member with the right role edits the public profile of her enterprise.",
    "G5": "An enterprise that was granted edit_profile edits the granter's public profile.",
    "G6": "A member with the right role sets what her enterprise sells, and its contact e-mail.",
    "G7": "A member with the right role edits the units that she is given.",
    "G8": "Members see the products of their enterprises; those with the right role manage them.",
    "G9": "An enterprise that was granted manage_products manages the granter's catalogue.",
    "L5": "Both sides of a grant may end it: the granter withdraws it, the grantee gives it up. Third parties cannot.",
    "L6": "A grantee may ask for a grant; it is pending until the granter's people give or refuse it.",
}


def register() -> None:
    """Describe the codes of all. Called once, when the apps are ready."""
    from permissions.impersonation import ACTIONS, CODE  # which knows decisions, and these know the catalogue

    kept = General(CODE, sorted(ACTIONS), lambda explanation: explanation.decision.code == CODE)
    describe(OF_ALL, General("U1", bears=_several), kept)
