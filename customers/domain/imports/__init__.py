"""Customers, units and people from elsewhere: read, checked, and written as a whole or not at all."""
