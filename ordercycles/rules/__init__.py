"""The rules of order cycles: what is looked at (facts), on what (targets), and who may (policies)."""

from ordercycles.rules.policies import register

__all__ = ["register"]
