"""The demo network, as plain tables: fictional enterprises of Devon and Somerset. Loaded by ``manage.py load_demo``."""
