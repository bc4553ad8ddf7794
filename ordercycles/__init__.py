"""Catalogue, fees, methods, order cycles, exchanges, their rules and the offer."""
