"""Addresses of the pages of people."""

from __future__ import annotations

from django.urls import path

from customers.views import (
    Account,
    Rename,
    SetPassword,
    SignUpConfirm,
    SignUpPage,
    SignUpSent,
    StopActing,
    connections,
    data,
    invitations,
    offers,
    ownership,
    people,
    roles,
)

urlpatterns = [
    path("account/", Account.as_view(), name="account"),
    path("account/stop-acting/", StopActing.as_view(), name="stop_acting"),
    path("account/name/", Rename.as_view(), name="my_name"),
    path("set-password/<str:uid>/<str:token>/", SetPassword.as_view(), name="set_password"),
    path("sign-up/", SignUpPage.as_view(), name="sign_up"),
    path("sign-up/sent/", SignUpSent.as_view(), name="sign_up_sent"),
    path("sign-up/<str:token>/", SignUpConfirm.as_view(), name="sign_up_confirm"),
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
    path("organisations/<str:organisation>/people/", people.People.as_view(), name="people"),
    path("organisations/<str:organisation>/people/<str:membership>/", people.Person.as_view(), name="person"),
    path(
        "organisations/<str:organisation>/people/<str:membership>/change/",
        people.ChangePerson.as_view(),
        name="person_change",
    ),
    path(
        "organisations/<str:organisation>/people/<str:membership>/deactivate/",
        people.DeactivatePerson.as_view(),
        name="person_deactivate",
    ),
    path(
        "organisations/<str:organisation>/people/<str:membership>/reactivate/",
        people.ReactivatePerson.as_view(),
        name="person_reactivate",
    ),
    path(
        "organisations/<str:organisation>/people/<str:membership>/remove/",
        people.RemovePerson.as_view(),
        name="person_remove",
    ),
    path("account/memberships/<str:membership>/leave/", people.Leave.as_view(), name="membership_leave"),
    path("account/data/", data.MyData.as_view(), name="my_data"),
    path("account/data/<str:export>/", data.Download.as_view(), name="export_download"),
    path("account/erase/", data.EraseMe.as_view(), name="erase_me"),
    path("organisations/<str:organisation>/exports/", data.OrganisationExports.as_view(), name="exports"),
    path("organisations/<str:organisation>/roles/", roles.Roles.as_view(), name="roles"),
    path("organisations/<str:organisation>/roles/new/", roles.CreateRole.as_view(), name="role_create"),
    path("organisations/<str:organisation>/roles/<str:role>/", roles.EditRole.as_view(), name="role"),
    path("organisations/<str:organisation>/roles/<str:role>/delete/", roles.DeleteRole.as_view(), name="role_delete"),
    path("organisations/<str:organisation>/ownership/", ownership.Ownership.as_view(), name="ownership"),
    path(
        "organisations/<str:organisation>/ownership/<str:transfer>/",
        ownership.Transfer.as_view(),
        name="ownership_transfer",
    ),
    path(
        "organisations/<str:organisation>/ownership/<str:transfer>/accept/",
        ownership.AcceptTransfer.as_view(),
        name="ownership_accept",
    ),
    path(
        "organisations/<str:organisation>/ownership/<str:transfer>/decline/",
        ownership.DeclineTransfer.as_view(),
        name="ownership_decline",
    ),
    path(
        "organisations/<str:organisation>/ownership/<str:transfer>/cancel/",
        ownership.CancelTransfer.as_view(),
        name="ownership_cancel",
    ),
]
