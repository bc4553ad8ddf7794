"""A network made of real establishments, dirt included, and a whole order cycle on it."""
