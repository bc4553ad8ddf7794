"""Organisations, their connections, business units and businesses."""
