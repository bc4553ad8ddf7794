"""The pages of order cycles."""
