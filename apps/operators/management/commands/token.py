"""Tokens of programs: ./desk token issue NAME, revoke NAME, list."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.journal.ports import Actor
from apps.operators.actions.issue_token import issue_token, revoke_token
from apps.operators.models import Token
from apps.operators.ports import SCOPES, TokenRefused

TERMINAL = Actor("system", "terminal")


class Command(BaseCommand):
    help = "Make, withdraw and list the tokens with which programs use the API."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        issue = verbs.add_parser("issue", help="make one; its words are printed once")
        issue.add_argument("name")
        issue.add_argument("--scope", action="append", choices=list(SCOPES), default=None)
        issue.add_argument("--strategy", default="", help="the only strategy it may act for")
        issue.add_argument("--account", default="", help="the only account it may act for")
        issue.add_argument("--days", type=int, default=90)
        revoke = verbs.add_parser("revoke", help="withdraw one")
        revoke.add_argument("name")
        verbs.add_parser("list", help="name them, without their words")

    def handle(self, *, verb: str, **options: Any) -> None:
        getattr(self, f"_{verb}")(**options)

    def _issue(self, *, name: str, scope: list[str] | None, days: int, **options: Any) -> None:
        try:
            issued = issue_token(
                name,
                scopes=scope or list(SCOPES),
                actor=TERMINAL,
                strategy=options["strategy"],
                account=options["account"],
                good_for=timedelta(days=days),
            )
        except TokenRefused as refusal:
            raise CommandError(str(refusal)) from None
        self.stderr.write(f"{name}, good until {issued.token.expires_at:%Y-%m-%d}; shown once:")
        self.stdout.write(issued.words)

    def _revoke(self, *, name: str, **_options: Any) -> None:
        token = Token.objects.filter(name=name).first()
        if token is None:
            raise CommandError(f"There is no token called {name!r}.")
        revoke_token(token, actor=TERMINAL)
        self.stdout.write(f"{name} opens nothing any more.")

    def _list(self, **_options: Any) -> None:
        for token in Token.objects.order_by("name"):
            state = "revoked" if token.revoked_at else f"until {token.expires_at:%Y-%m-%d}"
            where = (
                " ".join(part for part in (token.strategy, token.account) if part)
                or "any strategy and account"
            )
            self.stdout.write(f"{token.name:<24} {state:<18} {', '.join(token.scopes)} for {where}")
