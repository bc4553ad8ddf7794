"""The verbs: the only functions that write."""
