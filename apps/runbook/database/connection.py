"""Connecting to the embedded server, and making the desk's database in it."""

from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from apps.runbook.database.folders import Folders
from tradingdesk import env


def make_database(places: Folders) -> None:
    """Create the desk's database if the server has none yet."""
    address = make_conninfo(
        host=str(places.socket), user=env.DATABASE_USER, dbname="postgres", passfile=str(places.passfile)
    )
    with psycopg.connect(address, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [env.DATABASE_NAME])
        if known.fetchone() is None:
            name = sql.Identifier(env.DATABASE_NAME)
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))


def database_url(places: Folders) -> str:
    """Return the embedded database's address with its password, for other programs of the same person."""
    password = places.passfile.read_text().strip().rsplit(":", 1)[1]
    return (
        f"postgresql://{env.DATABASE_USER}:{quote(password, safe='')}@/{env.DATABASE_NAME}"
        f"?host={quote(str(places.socket), safe='/')}"
    )
