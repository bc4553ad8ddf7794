"""The pages of enterprises and of grants."""
