"""Every action that the engine decides on, and every permission that a role can hold. No bare strings elsewhere."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """What somebody wants to do, as ``resource:verb``. Kept in alphabetical order."""

    ACCESS_REQUEST_ANSWER = "access_request:answer"
    ACCESS_REQUEST_VIEW = "access_request:view"
    API_KEY_MANAGE = "api_key:manage"
    API_KEY_REVOKE = "api_key:revoke"
    API_KEY_VIEW = "api_key:view"
    AUDIT_VIEW = "audit:view"
    BUSINESS_EDIT_PROFILE = "business:edit_profile"
    BUSINESS_EDIT_TRADING = "business:edit_trading"
    BUSINESS_VIEW = "business:view"
    CONNECTION_EDIT = "connection:edit"
    CONNECTION_VIEW = "connection:view"
    CUSTOMER_CHECK = "customer:check"
    CUSTOMER_CREATE = "customer:create"
    CUSTOMER_MERGE = "customer:merge"
    CUSTOMER_PURGE = "customer:purge"
    CUSTOMER_RECOVER = "customer:recover"
    CUSTOMER_REMOVE = "customer:remove"
    CUSTOMER_VIEW = "customer:view"
    CYCLE_FEE_ATTACH = "cycle_fee:attach"
    CYCLE_FEE_DETACH = "cycle_fee:detach"
    CYCLE_FEE_VIEW = "cycle_fee:view"
    EXCHANGE_ACCEPT = "exchange:accept"
    EXCHANGE_ADD_INCOMING = "exchange:add_incoming"
    EXCHANGE_ADD_OUTGOING = "exchange:add_outgoing"
    EXCHANGE_CANDIDATE_VIEW = "exchange:candidate_view"
    EXCHANGE_DECLINE = "exchange:decline"
    EXCHANGE_FEE_ATTACH = "exchange_fee:attach"
    EXCHANGE_FEE_DETACH = "exchange_fee:detach"
    EXCHANGE_FEE_VIEW = "exchange_fee:view"
    EXCHANGE_REMOVE = "exchange:remove"
    EXCHANGE_SET_NOTES = "exchange:set_notes"
    EXCHANGE_VARIANT_ADD = "exchange_variant:add"
    EXCHANGE_VARIANT_REMOVE = "exchange_variant:remove"
    EXCHANGE_VARIANT_VIEW = "exchange_variant:view"
    EXCHANGE_VIEW = "exchange:view"
    EXPORT_MAKE = "export:make"
    EXPORT_VIEW = "export:view"
    EXTERNAL_ID_VIEW = "external_id:view"
    FEE_EDIT = "fee:edit"
    FEE_VIEW = "fee:view"
    GRANT_APPROVE = "grant:approve"
    GRANT_GIVE = "grant:give"
    GRANT_GIVE_UP = "grant:give_up"
    GRANT_REFUSE = "grant:refuse"
    GRANT_REQUEST = "grant:request"
    GRANT_VIEW = "grant:view"
    GRANT_WITHDRAW = "grant:withdraw"
    IMPORT_MAKE_OWNERS = "import:make_owners"
    IMPORT_RUN = "import:run"
    IMPORT_VIEW = "import:view"
    INVITATION_MANAGE = "invitation:manage"
    INVITATION_VIEW = "invitation:view"
    MAIL_RESEND = "mail:resend"
    MAIL_VIEW = "mail:view"
    MEMBERSHIP_LEAVE = "membership:leave"
    MEMBERSHIP_MANAGE = "membership:manage"
    MEMBERSHIP_VIEW = "membership:view"
    MERGE_VIEW = "merge:view"
    METHOD_EDIT = "method:edit"
    METHOD_VIEW = "method:view"
    NOTICE_VIEW = "notice:view"
    ORDER_CYCLE_CLOSE = "order_cycle:close"
    ORDER_CYCLE_COPY = "order_cycle:copy"
    ORDER_CYCLE_CREATE = "order_cycle:create"
    ORDER_CYCLE_DELETE = "order_cycle:delete"
    ORDER_CYCLE_EDIT = "order_cycle:edit"
    ORDER_CYCLE_SET_COORDINATOR = "order_cycle:set_coordinator"
    ORDER_CYCLE_VIEW = "order_cycle:view"
    ORGANISATION_ARCHIVE = "organisation:archive"
    ORGANISATION_CREATE = "organisation:create"
    ORGANISATION_EDIT = "organisation:edit"
    ORGANISATION_EXPORT = "organisation:export"
    ORGANISATION_INVITE_TO_CLAIM = "organisation:invite_to_claim"
    ORGANISATION_RECORD = "organisation:record"
    ORGANISATION_VIEW = "organisation:view"
    ORGANISATION_VIEW_PROFILE = "organisation:view_profile"
    OWNERSHIP_ANSWER = "ownership:answer"
    OWNERSHIP_CANCEL = "ownership:cancel"
    OWNERSHIP_GIVE = "ownership:give"
    OWNERSHIP_VIEW = "ownership:view"
    PRODUCT_EDIT = "product:edit"
    PRODUCT_VIEW = "product:view"
    REMOVAL_VIEW = "removal:view"
    ROLE_MANAGE = "role:manage"
    ROLE_VIEW = "role:view"
    SIGN_UP_SET_MODE = "sign_up:set_mode"
    SIGN_UP_VIEW_MODE = "sign_up:view_mode"
    STAFF_MANAGE = "staff:manage"
    UNIT_EDIT = "unit:edit"
    UNIT_VIEW = "unit:view"
    USER_ACT_AS = "user:act_as"
    USER_CREATE = "user:create"
    USER_EDIT = "user:edit"
    USER_ERASE = "user:erase"
    USER_SUPPORT = "user:support"
    USER_VIEW = "user:view"
    VARIANT_EDIT = "variant:edit"
    VARIANT_VIEW = "variant:view"


class Permission(StrEnum):
    """What a role lets a member do in her own organisation. Kept in alphabetical order."""

    COORDINATE = "coordinate"
    MANAGE_API_KEYS = "manage_api_keys"
    MANAGE_FEES = "manage_fees"
    MANAGE_GRANTS = "manage_grants"
    MANAGE_METHODS = "manage_methods"
    MANAGE_ORGANISATION = "manage_organisation"
    MANAGE_PRODUCTS = "manage_products"
    MANAGE_PROFILE = "manage_profile"
    MANAGE_ROLES = "manage_roles"
    MANAGE_USERS = "manage_users"
    TAKE_PART = "take_part"
    VIEW = "view"
    VIEW_AUDIT = "view_audit"


#: What each permission is called on pages and in reasons.
PERMISSION_LABELS: dict[Permission, str] = {
    Permission.COORDINATE: "coordinate order cycles",
    Permission.MANAGE_API_KEYS: "manage API keys",
    Permission.MANAGE_FEES: "manage fees",
    Permission.MANAGE_GRANTS: "give and ask for grants",
    Permission.MANAGE_METHODS: "manage shipping and payment methods",
    Permission.MANAGE_ORGANISATION: "manage the organisation and its units",
    Permission.MANAGE_PRODUCTS: "manage products",
    Permission.MANAGE_PROFILE: "edit the public profile",
    Permission.MANAGE_ROLES: "manage roles",
    Permission.MANAGE_USERS: "manage people",
    Permission.TAKE_PART: "take part in order cycles",
    Permission.VIEW: "see everything of the units",
    Permission.VIEW_AUDIT: "see the audit trail",
}
