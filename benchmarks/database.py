"""A database of its own for each size, on the server that DATABASE_URL names: kept until it is out of date."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent


def fingerprint() -> str:
    """Changes when the network or the tables change."""
    parts = [*sorted(ROOT.glob("*/migrations/*.py")), *sorted(Path(__file__).parent.glob("network.py"))]
    parts.append(Path(__file__).parent / "sizes.py")
    return hashlib.sha256(b"".join(path.read_bytes() for path in parts)).hexdigest()[:16]


def url_of(server: str, database: str) -> str:
    """The address of another database on the same server."""
    return urlunsplit(urlsplit(server)._replace(path=f"/{database}"))


def prepare(server: str, database: str, *, anew: bool = False) -> bool:
    """Make an empty database unless an up-to-date one is there. Returns whether it has to be filled."""
    with psycopg.connect(server, autocommit=True) as connection:
        found = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [database]
        ).fetchone()
        if found and found[0] == fingerprint() and not anew:
            return False
        name = sql.Identifier(database)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
        return True


def mark(server: str, database: str) -> None:
    """Say that the database is filled and up to date."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(database), sql.Literal(fingerprint()))
        )
