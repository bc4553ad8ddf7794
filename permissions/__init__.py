"""Who may: the engine, roles and memberships, grants, API credentials, the audit trail."""
