"""A role of its own for each process: what a process must never write, its login at the database cannot.

Everything not named here a role may read, add, change and remove. The owner alone makes tables.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

WRITES = ("INSERT", "UPDATE", "DELETE")
# what nobody's role may do: the record is added to and never changed
RECORD = {
    "journal_entry": ("UPDATE", "DELETE"),
    "risk_limitset": ("DELETE",),
    "broker_evidence": ("UPDATE", "DELETE"),
    "ledger_cashentry": ("UPDATE", "DELETE"),
    "ledger_adoption": ("UPDATE", "DELETE"),
    "ledger_statedfee": ("UPDATE", "DELETE"),
}
# who people are: the web's business alone
PEOPLE = (
    "auth_user", "auth_group", "auth_user_groups", "auth_user_user_permissions", "auth_group_permissions",
    "mfa_authenticator", "usersessions_usersession", "django_session", "operators_reach", "operators_second",
    "operators_token", "operators_cache", "operators_preference", "account_emailaddress",
    "account_emailconfirmation",
)  # fmt: skip
# what only the link hears and decides: an order's intent before it, what the broker said, what was filled
SENDING = {
    "broker_intent": ("INSERT", "DELETE"),
    "broker_orderidmark": WRITES,
    "broker_lease": WRITES,
    "broker_linksession": WRITES,
}
HEARD = {"broker_evidence": WRITES, "ledger_fill": WRITES, "ledger_position": WRITES}
# what the worker alone keeps; whoever writes a fill or an adoption of before only drops it
CARRIED = dict.fromkeys(("ledger_carry", "ledger_carried"), ("INSERT", "UPDATE"))


@dataclass(frozen=True, slots=True)
class Role:
    """A login, what it may not do to which table, and what it may not even read."""

    name: str
    title: str
    denied: Mapping[str, tuple[str, ...]]
    unread: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # and which columns it may change yet
    reads_only: bool = False


ROLES = (
    # a person who adopts the broker's position restates ours; one who takes the statement's fee, that fee
    Role(
        "web",
        "pages: approves, asks, keeps people; sends nothing",
        {**SENDING, **HEARD, **CARRIED, "ledger_position": ("DELETE",)},
        columns={"ledger_fill": ("commission", "commission_currency")},
    ),
    Role(
        "worker",
        "the day's steps: judges and releases; sends nothing, knows nobody",
        {**SENDING, **HEARD, "risk_limitset": WRITES, **dict.fromkeys(PEOPLE, WRITES)},
        unread=("django_session",),
    ),
    Role(
        "link",
        "speaks to the gateway; approves nothing, sets no limit",
        {
            "approvals_request": ("INSERT", "DELETE"),
            "approvals_grant": WRITES,
            "risk_limitset": WRITES,
            "plans_plan": ("INSERT", "DELETE"),
            "desks_phase": WRITES,
            **CARRIED,
            **dict.fromkeys(PEOPLE, WRITES),
        },
        unread=("django_session",),
    ),
    Role(
        "report",
        "reads, for reports and other programs",
        {},
        unread=("auth_user", "mfa_authenticator", "django_session", "operators_token", "operators_cache"),
        reads_only=True,
    ),
)


def name_of(role: Role, database: str) -> str:
    """Roles belong to the whole server, so each desk's carry the name of its database."""
    return f"{database}_{role.name}"


def make_roles(connection: psycopg.Connection[tuple[object, ...]], passwords: Mapping[str, str]) -> list[str]:
    """Make or renew every role and its rights, in one transaction; say what was done."""
    database = str(connection.info.dbname)
    with connection.transaction():
        tables = {str(row[0]) for row in connection.execute(TABLES)}
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        for role in ROLES:
            for statement in _statements(role, database, tables, passwords[role.name]):
                connection.execute(statement)
    return [f"{name_of(role, database)}: {role.title}" for role in ROLES]


TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


def _statements(role: Role, database: str, tables: set[str], password: str) -> Iterator[sql.Composed]:
    name, word = sql.Identifier(name_of(role, database)), sql.Literal(password)
    yield sql.SQL(
        "DO $make$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = {}) "
        "THEN CREATE ROLE {}; END IF; END $make$"
    ).format(sql.Literal(name_of(role, database)), name)
    yield sql.SQL("ALTER ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}").format(name, word)
    yield sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(database), name)
    yield sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name)
    yield sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(name)
    may = "SELECT" if role.reads_only else "SELECT, INSERT, UPDATE, DELETE"
    yield sql.SQL("GRANT {} ON ALL TABLES IN SCHEMA public TO {}").format(sql.SQL(may), name)
    if not role.reads_only:
        yield sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(name)
    for table in sorted(set(role.unread) & tables):
        yield sql.SQL("REVOKE ALL ON {} FROM {}").format(sql.Identifier(table), name)
    denied = {**RECORD, **role.denied}
    for table in sorted(denied.keys() & tables):
        rights = sql.SQL(", ".join(sorted({*denied[table], *RECORD.get(table, ())})))
        yield sql.SQL("REVOKE {} ON {} FROM {}").format(rights, sql.Identifier(table), name)
    for table in sorted(role.columns.keys() & tables):
        columns = sql.SQL(", ").join(sql.Identifier(one) for one in role.columns[table])
        yield sql.SQL("GRANT UPDATE ({}) ON {} TO {}").format(columns, sql.Identifier(table), name)
