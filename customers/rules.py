"""The rules of people's accounts and of customers, registered with the engine."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import OuterRef

from customers.enums import InvitationKind, InvitationStatus, TransferStatus
from customers.models import (
    AccessRequest,
    Export,
    ExternalId,
    Forgotten,
    Impersonation,
    ImportBatch,
    Invitation,
    Merge,
    OwnershipTransfer,
    PendingSignUp,
    Removal,
    SignUpMode,
    StaffUser,
    User,
)
from mails.models import Mail
from permissions import catalogue, engine
from permissions.access import AnyUser
from permissions.actions import Action, Permission
from permissions.engine import Target
from permissions.models import Membership
from permissions.policies import NOBODY, STAFF_ACT, STAFF_SEE
from permissions.rules import (
    STATE,
    AdministratorActs,
    AllOf,
    HoldsOver,
    IsHerself,
    Need,
    Not,
    Policy,
    Rule,
    Scope,
    SlotIs,
    StaffActs,
    Where,
)

USER = Scope({"user": "pk"})
INVITATION = Scope({"invitation": "pk", "organisation": "organisation_id", "sponsor": "invited_for_id", "kind": "kind"})
TRANSFER = Scope(
    {"transfer": "pk", "organisation": "organisation_id", "user": "recipient__user_id", "giver": "giver__user_id"}
)
EXPORT = Scope({"export": "pk", "user": "requested_by_id"})
ORGANISATION = Scope({"organisation": "pk"})
STAFF_ONLY = Scope({"row": "pk"})

_COLLEAGUE = Where(
    "colleague:user",
    lambda scope, actor: Membership.objects.filter(
        actor.over("organisation_id", Permission.MANAGE_USERS, 1), user=scope.outer("user")
    ),
    (
        "You manage the people of an organisation that the person belongs to.",
        "You manage the people of none of the person's organisations.",
    ),
)
_CUSTOMERS_ROW = Where(
    "customers:user",
    lambda scope, actor: User.objects.filter(pk=scope.outer("user"), is_staff=False, erased_at=None),
    ("It is the account of a customer's person.", "It is the account of Hectare staff, or was erased."),
)
_SOMEBODY_ELSE = Not(IsHerself(), ("It is somebody else.", "It is you, and you are here as yourself already."))
_TO_ACT_AS = replace(
    _CUSTOMERS_ROW,
    words=(
        _CUSTOMERS_ROW.words[0],
        "It is the account of Hectare staff, whose rights nobody borrows, or it was erased.",
    ),
    mend="Act as a person of the customer that you want to help.",
)
_ACTIVE = Where(
    "active:user",
    lambda scope, actor: User.objects.filter(pk=scope.outer("user"), is_active=True),
    ("The account is active.", "The account is closed, so nothing could be done with it."),
    "Let the person in again first, or look at the organisation's page in the staff's site.",
)
_PENDING_INVITATION = Where(
    "pending:invitation",
    lambda scope, actor: Invitation.objects.filter(
        pk=scope.outer("invitation"), status__in=[InvitationStatus.PENDING, InvitationStatus.FAILED]
    ),
    ("It has not been answered.", "It has been answered or revoked already."),
)
_PENDING_TRANSFER = Where(
    "pending:transfer",
    lambda scope, actor: OwnershipTransfer.objects.filter(pk=scope.outer("transfer"), status=TransferStatus.PENDING),
    ("It waits for an answer.", "It has been answered or cancelled already."),
)
_OWNS = Where(
    "owner:organisation",
    lambda scope, actor: Membership.objects.filter(
        # She herself, not somebody whose role only may as much: the user at hand when all users are asked.
        user=OuterRef("pk") if isinstance(actor, AnyUser) else actor.user_id,
        organisation=scope.outer("organisation"),
        organisation__archived_at=None,
        role__key="owner",
        role__organisation=None,
        is_active=True,
        all_units=True,
    ),
    ("{organisation} has you as an account owner.", "Only an account owner of {organisation} can do it."),
)

_PEOPLE = HoldsOver(Permission.MANAGE_USERS)
_STAFF_DO = "Hectare staff do it, with a reason that is recorded."
#: Nothing is written to what was erased: a name would come back onto it.
_KEPT = Where(
    "kept:user",
    lambda scope, actor: User.objects.filter(pk=scope.outer("user"), erased_at=None),
    ("It is somebody's account.", "The account was erased."),
)
_ADMINISTRATORS_DO = Rule(
    "S2", "Staff administrators do it, with a reason that is recorded.", AllOf((AdministratorActs(), _KEPT))
)

CODES = {
    "I1": "An invitation is seen, sent again and revoked by those who manage the organisation's people.",
    "I2": "An invitation to take over a record is kept by the people of the customer that sent it, too.",
    "T1": "An account owner hands her part over to a colleague, who accepts it or not; either side can end it.",
    "Q1": "Whether a company is a customer is told to those who manage an organisation, by its numbers only.",
    "Q2": "Who takes on customers is one switch: nobody, Hectare staff, or anybody by signing up. It holds everywhere.",
    "D1": "An export is for the one who asked for it, and for nobody else; an API key asks for none.",
    "D2": "A customer is not removed while it coordinates an open order cycle.",
}


def of_user(user: User) -> Target:
    """One user."""
    return Target(User.objects.filter(pk=user.pk), USER)


def of_invitation(invitation: Invitation) -> Target:
    """One invitation."""
    return Target(Invitation.objects.filter(pk=invitation.pk), INVITATION)


def of_transfer(transfer: OwnershipTransfer) -> Target:
    """One ownership transfer."""
    return Target(OwnershipTransfer.objects.filter(pk=transfer.pk), TRANSFER)


def of_export(export: Export) -> Target:
    """One export."""
    return Target(Export.objects.filter(pk=export.pk), EXPORT)


def of_request(request: AccessRequest) -> Target:
    """One request of a company."""
    return Target(AccessRequest.objects.filter(pk=request.pk), STAFF_ONLY)


def of_mail(mail: Mail) -> Target:
    """One mail of the log."""
    return Target(Mail.objects.filter(pk=mail.pk), STAFF_ONLY)


def of_removal(removal: Removal) -> Target:
    """One removal of a customer."""
    return Target(Removal.objects.filter(pk=removal.pk), STAFF_ONLY)


def register() -> None:
    """Register the rules of accounts and customers. Called once, when the apps are ready."""
    catalogue.describe(CODES)
    _register_accounts()
    _register_invitations()
    _register_customers()
    _register_models()


def _register_accounts() -> None:
    engine.register(
        Policy(
            Action.USER_VIEW,
            (
                Rule("U3", "Everybody sees her own account.", IsHerself()),
                Rule("U2", "Those who manage an organisation's people see their accounts.", _COLLEAGUE),
                STAFF_SEE,
            ),
            NOBODY,
        ),
        Policy(
            Action.USER_CREATE,
            (STAFF_ACT,),
            ("S1", "Accounts come by invitation, or are made by Hectare staff."),
            view=Action.USER_VIEW,
        ),
        Policy(
            Action.USER_EDIT,
            (
                Rule("U3", "Everybody changes her own name.", IsHerself()),
                Rule("S1", _STAFF_DO, AllOf((StaffActs(), _CUSTOMERS_ROW))),
                _ADMINISTRATORS_DO,
            ),
            ("U3", "An account is changed by its owner."),
            view=Action.USER_VIEW,
        ),
        Policy(
            Action.USER_SUPPORT,
            (Rule("S1", _STAFF_DO, AllOf((StaffActs(), _CUSTOMERS_ROW))), _ADMINISTRATORS_DO),
            ("S1", "Sessions, resets and second factors are looked after by Hectare staff."),
            view=Action.USER_VIEW,
        ),
        Policy(
            Action.USER_ACT_AS,
            (
                Rule(
                    "S3",
                    "Staff administrators act as a customer's person, with a reason that is recorded.",
                    AdministratorActs(),
                    (Need(_SOMEBODY_ELSE, "S3"), Need(_TO_ACT_AS, "S3"), Need(_ACTIVE, "S3", STATE)),
                ),
            ),
            (
                "S3",
                (
                    "Only staff administrators act as a customer's person, with a reason. Ask one of them, or look at "
                    "Explain access: it answers most questions without acting."
                ),
            ),
            view=Action.USER_VIEW,
            too_small=False,
        ),
        Policy(
            Action.USER_ERASE,
            (
                Rule("U3", "Everybody may have her own data erased.", IsHerself()),
                Rule("S1", _STAFF_DO, AllOf((StaffActs(), _CUSTOMERS_ROW))),
                _ADMINISTRATORS_DO,
            ),
            ("U3", "A person's data is erased at her own wish, or by Hectare."),
            view=Action.USER_VIEW,
        ),
        # Decided on the actor where the account is still to be made, and on the account otherwise.
        Policy(
            Action.STAFF_MANAGE,
            (_ADMINISTRATORS_DO,),
            ("S2", "Staff are made and changed by staff administrators."),
            view=Action.USER_VIEW,
            too_small=False,
        ),
    )


def _register_invitations() -> None:
    # Who joins is the business of those who manage people; who takes a record over, of the customer that keeps it.
    joins = AllOf((_PEOPLE, SlotIs("kind", InvitationKind.MEMBER)))
    sponsored = AllOf((HoldsOver(Permission.MANAGE_ORGANISATION, "sponsor"), SlotIs("kind", InvitationKind.CLAIM)))
    engine.register(
        Policy(
            Action.INVITATION_VIEW,
            (
                Rule("I1", "Those who manage an organisation's people see its invitations.", joins),
                Rule("I2", "The customer that invited a company sees the invitation.", sponsored),
                STAFF_SEE,
            ),
            NOBODY,
        ),
        Policy(
            Action.INVITATION_MANAGE,
            (
                Rule(
                    "I1",
                    "Those who manage an organisation's people send its invitations again, or revoke them.",
                    joins,
                    (Need(_PENDING_INVITATION, "I1", STATE),),
                ),
                Rule(
                    "I2",
                    "The customer that invited a company sends the invitation again, or revokes it.",
                    sponsored,
                    (Need(_PENDING_INVITATION, "I1", STATE),),
                ),
                Rule("S1", _STAFF_DO, StaffActs(), (Need(_PENDING_INVITATION, "I1", STATE),)),
            ),
            ("I1", "Invitations are looked after by those who manage the organisation's people."),
            view=Action.INVITATION_VIEW,
        ),
        Policy(
            Action.OWNERSHIP_VIEW,
            (
                Rule("T1", "Those who manage an organisation's people see its transfers.", _PEOPLE),
                Rule("T1", "Who is to become account owner sees the transfer.", IsHerself()),
                Rule("T1", "Who hands her part over sees the transfer.", IsHerself("giver")),
                STAFF_SEE,
            ),
            NOBODY,
        ),
        Policy(
            Action.OWNERSHIP_GIVE,
            (Rule("T1", "An account owner hands her part to a colleague.", _OWNS),),
            ("T1", "Only an account owner hands the account over."),
            view=Action.ORGANISATION_VIEW,
            too_small=False,
        ),
        Policy(
            Action.OWNERSHIP_ANSWER,
            (Rule("T1", "The recipient accepts or declines.", IsHerself(), (Need(_PENDING_TRANSFER, "T1", STATE),)),),
            ("T1", "A transfer is answered by its recipient."),
            view=Action.OWNERSHIP_VIEW,
            too_small=False,
        ),
        Policy(
            Action.OWNERSHIP_CANCEL,
            (
                Rule("T1", "Who hands over cancels.", IsHerself("giver"), (Need(_PENDING_TRANSFER, "T1", STATE),)),
                Rule("S1", _STAFF_DO, StaffActs(), (Need(_PENDING_TRANSFER, "T1", STATE),)),
            ),
            ("T1", "A transfer is cancelled by the account owner who began it."),
            view=Action.OWNERSHIP_VIEW,
        ),
    )


def _register_customers() -> None:
    acts = Rule("S1", _STAFF_DO, StaffActs())
    by_staff = "Hectare staff do it; write to us."
    engine.register(
        # Decided on the actor herself: there is nothing else yet.
        Policy(
            Action.CUSTOMER_CREATE, (acts,), ("S1", "A customer is taken on by Hectare staff."), view=Action.USER_VIEW
        ),
        Policy(
            Action.CUSTOMER_CHECK,
            (
                Rule(
                    "Q1",
                    "Those who manage an organisation ask whether a company is a customer.",
                    HoldsOver(Permission.MANAGE_ORGANISATION),
                ),
                STAFF_SEE,
            ),
            ("Q1", "Only those who manage the whole organisation ask whether a company is a customer."),
            view=Action.ORGANISATION_VIEW,
        ),
        # Customers as staff see them, with their people, invitations and numbers; to everybody else there are none.
        Policy(Action.CUSTOMER_VIEW, (STAFF_SEE,), NOBODY),
        Policy(Action.CUSTOMER_REMOVE, (acts,), ("S1", by_staff), view=Action.ORGANISATION_VIEW),
        Policy(
            Action.CUSTOMER_PURGE,
            (Rule("S2", _ADMINISTRATORS_DO.title, AdministratorActs()),),
            ("S2", "A customer's records are purged before their day by staff administrators."),
            view=Action.REMOVAL_VIEW,
            too_small=False,
        ),
        Policy(Action.CUSTOMER_MERGE, (acts,), ("S1", by_staff), view=Action.ORGANISATION_VIEW),
        Policy(Action.CUSTOMER_RECOVER, (acts,), ("S1", by_staff), view=Action.ORGANISATION_VIEW),
        Policy(Action.REMOVAL_VIEW, (STAFF_SEE,), NOBODY),
        Policy(Action.MERGE_VIEW, (STAFF_SEE,), NOBODY),
        Policy(Action.EXTERNAL_ID_VIEW, (STAFF_SEE,), NOBODY),
        Policy(Action.ACCESS_REQUEST_VIEW, (STAFF_SEE,), NOBODY),
        Policy(Action.ACCESS_REQUEST_ANSWER, (acts,), ("S1", by_staff), view=Action.ACCESS_REQUEST_VIEW),
        Policy(Action.SIGN_UP_VIEW_MODE, (STAFF_SEE,), NOBODY),
        # The first time there is no row yet: decided on the actor.
        Policy(
            Action.SIGN_UP_SET_MODE,
            (_ADMINISTRATORS_DO,),
            ("S2", "Who takes on customers is set by staff administrators."),
            view=Action.USER_VIEW,
            too_small=False,
        ),
        Policy(Action.IMPORT_VIEW, (STAFF_SEE,), NOBODY),
        Policy(Action.IMPORT_RUN, (acts,), ("S1", by_staff), view=Action.USER_VIEW),
        # Decided on the actor, too: whoever brings in an account owner may know her password.
        Policy(
            Action.IMPORT_MAKE_OWNERS,
            (_ADMINISTRATORS_DO,),
            ("S2", "Account owners are brought in by staff administrators."),
            view=Action.USER_VIEW,
            too_small=False,
        ),
        Policy(Action.MAIL_VIEW, (STAFF_SEE,), NOBODY),
        Policy(Action.MAIL_RESEND, (acts,), ("S1", by_staff), view=Action.MAIL_VIEW),
        Policy(
            Action.EXPORT_VIEW,
            (Rule("D1", "Who asked for an export sees it.", IsHerself()),),
            NOBODY,
        ),
        Policy(
            Action.EXPORT_MAKE,
            (Rule("U3", "Everybody may have her own data.", IsHerself()), STAFF_ACT),
            ("U3", "A person's data is given to herself."),
            view=Action.USER_VIEW,
        ),
    )


def _register_models() -> None:
    engine.register_model(User, Action.USER_VIEW, Action.USER_EDIT, USER)
    engine.register_model(StaffUser, Action.USER_VIEW, Action.STAFF_MANAGE, USER)
    engine.register_model(Impersonation, Action.USER_VIEW, Action.USER_ACT_AS, Scope({"user": "user_id"}))
    engine.register_model(Invitation, Action.INVITATION_VIEW, Action.INVITATION_MANAGE, INVITATION)
    engine.register_model(OwnershipTransfer, Action.OWNERSHIP_VIEW, Action.OWNERSHIP_CANCEL, TRANSFER)
    engine.register_model(Export, Action.EXPORT_VIEW, Action.EXPORT_VIEW, EXPORT)
    engine.register_model(Removal, Action.REMOVAL_VIEW, Action.REMOVAL_VIEW, STAFF_ONLY)
    engine.register_model(Merge, Action.MERGE_VIEW, Action.MERGE_VIEW, STAFF_ONLY)
    engine.register_model(ExternalId, Action.EXTERNAL_ID_VIEW, Action.EXTERNAL_ID_VIEW, STAFF_ONLY)
    engine.register_model(Forgotten, Action.EXTERNAL_ID_VIEW, Action.EXTERNAL_ID_VIEW, STAFF_ONLY)
    engine.register_model(AccessRequest, Action.ACCESS_REQUEST_VIEW, Action.ACCESS_REQUEST_VIEW, STAFF_ONLY)
    engine.register_model(PendingSignUp, Action.ACCESS_REQUEST_VIEW, Action.ACCESS_REQUEST_VIEW, STAFF_ONLY)
    engine.register_model(SignUpMode, Action.SIGN_UP_VIEW_MODE, Action.SIGN_UP_VIEW_MODE, STAFF_ONLY)
    engine.register_model(ImportBatch, Action.IMPORT_VIEW, Action.IMPORT_VIEW, STAFF_ONLY)
    engine.register_model(Mail, Action.MAIL_VIEW, Action.MAIL_RESEND, STAFF_ONLY)
