"""Addresses of the pages of people."""

from __future__ import annotations

from django.urls import path

from customers.views import connections, invitations, offers
from customers.views import Account, SetPassword

urlpatterns = [
    path("account/", Account.as_view(), name="account"),
    path("set-password/<str:uid>/<str:token>/", SetPassword.as_view(), name="set_password"),
    path("invitations/open/", offers.Offer.as_view(), name="invitation_open"),
    path("invitations/open/sign-in/", offers.SignIn.as_view(), name="invitation_sign_in"),
    path("invitations/<str:token>/", offers.Link.as_view(), name="invitation"),
    path("organisations/<str:organisation>/people/invite/", invitations.Invite.as_view(), name="invite"),
    path("organisations/<str:organisation>/people/invite-many/", invitations.InviteMany.as_view(), name="invite_many"),
    path("organisations/<str:organisation>/people/invitations/", invitations.Invitations.as_view(), name="invitations"),
    path(
        "organisations/<str:organisation>/people/invitations/<str:invitation>/resend/",
        invitations.Resend.as_view(),
        name="invitation_resend",
    ),
    path(
        "organisations/<str:organisation>/people/invitations/<str:invitation>/revoke/",
        invitations.Revoke.as_view(),
        name="invitation_revoke",
    ),
    path("organisations/<str:organisation>/connections/", connections.Connections.as_view(), name="connections"),
    path(
        "organisations/<str:organisation>/connections/new/", connections.RecordCompany.as_view(), name="company_record"
    ),
    path("organisations/<str:organisation>/connections/add/", connections.ConnectBack.as_view(), name="connect_back"),
    path(
        "organisations/<str:organisation>/connections/<str:connection>/edit/",
        connections.EditConnection.as_view(),
        name="connection_edit",
    ),
    path(
        "organisations/<str:organisation>/connections/<str:connection>/remove/",
        connections.RemoveConnection.as_view(),
        name="connection_remove",
    ),
    path(
        "organisations/<str:organisation>/connections/<str:connection>/invite/",
        connections.InviteToClaim.as_view(),
        name="claim_invite",
    ),
    path(
        "organisations/<str:organisation>/connections/<str:connection>/invite/<str:invitation>/",
        connections.ActOnClaim.as_view(),
        name="claim_act",
    ),
]
