"""Tags of mail templates."""
