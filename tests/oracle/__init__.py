"""A plain-Python model of the rules of an order cycle, to check the engine against."""
