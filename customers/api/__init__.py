"""The API of customers and their people."""
