"""Offers to join an organisation, or to take one over."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from common import clock
from common.audit import audited
from common.ids import PublicIdField
from common.models import Versioned
from customers.enums import InvitationKind, InvitationStatus, TransferStatus
from organisations.validators import validate_one_line


@audited(exclude=["token_hash"])
class Invitation(Versioned):
    """A one-time, expiring offer to whoever reads an e-mail address.

    The link in the mail is made when the mail is sent; only the hash of its token is kept, that of the newest mail.
    """

    public_id = PublicIdField(prefix="inv")
    kind = models.CharField(_("kind"), max_length=6, choices=InvitationKind, default=InvitationKind.MEMBER)
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail"), validators=[validate_one_line])
    name = models.CharField(_("name"), max_length=150, blank=True, validators=[validate_one_line])
    #: Empty when the role has been deleted since: the invitation is dead.
    role = models.ForeignKey(
        "permissions.Role", on_delete=models.SET_NULL, null=True, blank=True, related_name="invitations"
    )
    all_units = models.BooleanField(_("all units"), default=True)
    units = models.ManyToManyField("organisations.BusinessUnit", blank=True, related_name="invitations")
    message = models.CharField(_("message"), max_length=500, blank=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="invitations_sent"
    )
    #: On whose behalf: the organisation of the one who invites; empty when Hectare does.
    invited_for = models.ForeignKey(
        "organisations.Organisation", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    status = models.CharField(_("status"), max_length=8, choices=InvitationStatus, default=InvitationStatus.PENDING)
    token_hash = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True, editable=False)
    times_sent = models.PositiveSmallIntegerField(_("times sent"), default=0, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True, editable=False)
    #: Of one that was revoked because of something else, what that was. Names nobody.
    ended_because = models.CharField(_("why it ended"), max_length=200, blank=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="invitations_accepted"
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "organisation",
                condition=Q(status=InvitationStatus.PENDING),
                name="invitation_pending_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} – {self.organisation}"

    @property
    def state(self) -> str:
        """The status, or ``expired`` when its time is over."""
        if self.status == InvitationStatus.PENDING and self.expires_at <= clock.now():
            return "expired"
        return str(self.status)


audited()(Invitation.units.through)


@audited()
class OwnershipTransfer(Versioned):
    """An account owner hands her part to a colleague, who accepts or declines."""

    public_id = PublicIdField(prefix="otr")
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.CASCADE, related_name="ownership_transfers"
    )
    giver = models.ForeignKey("permissions.Membership", on_delete=models.CASCADE, related_name="transfers_given")
    recipient = models.ForeignKey("permissions.Membership", on_delete=models.CASCADE, related_name="transfers_received")
    #: What the giver is afterwards.
    giver_role = models.ForeignKey("permissions.Role", on_delete=models.CASCADE, related_name="+")
    status = models.CharField(_("status"), max_length=9, choices=TransferStatus, default=TransferStatus.PENDING)
    expires_at = models.DateTimeField(_("expires"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("ownership transfer")
        verbose_name_plural = _("ownership transfers")
        constraints = [
            models.UniqueConstraint(
                fields=["giver"], condition=Q(status=TransferStatus.PENDING), name="transfer_pending_once"
            ),
            models.CheckConstraint(condition=~Q(giver=models.F("recipient")), name="transfer_is_to_another"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def state(self) -> str:
        """The status, or ``expired`` when its time is over."""
        if self.status == TransferStatus.PENDING and self.expires_at <= clock.now():
            return "expired"
        return str(self.status)
