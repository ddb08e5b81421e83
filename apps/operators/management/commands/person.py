"""People from a terminal: ./desk person make NAME --role ROLE, link, set, shut-out, let-in, list."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from apps.journal.ports import Actor
from apps.operators.actions.offer_welcome import offer_welcome
from apps.operators.actions.set_person import let_in_again, make_person, set_person, shut_out
from apps.operators.models import Reach
from apps.operators.ports import ROLES, PersonRefused
from apps.operators.queries import people

TERMINAL = Actor("system", "terminal")
WHY = "from the terminal"


class Command(BaseCommand):
    help = "Let people in, change what they may do, give a new link when something is lost, shut them out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        for verb, what in (("make", "let somebody in; prints a link"), ("set", "change roles and accounts")):
            one = verbs.add_parser(verb, help=what)
            one.add_argument("name")
            one.add_argument("--role", action="append", choices=list(ROLES), required=True)
            one.add_argument("--account", action="append", help="only these accounts; without it every one")
        link = verbs.add_parser("link", help="a new link to set a password; the old one stops working")
        link.add_argument("name")
        link.add_argument(
            "--lost-phone", action="store_true", help="authenticator, passkeys and codes go too"
        )
        verbs.add_parser("shut-out", help="end every session; the name opens nothing").add_argument("name")
        verbs.add_parser("let-in", help="open to this name again").add_argument("name")
        verbs.add_parser("list", help="who may come in, and as what")

    def handle(self, *, verb: str, **options: Any) -> None:
        try:
            getattr(self, f"_{verb.replace('-', '_')}")(**options)
        except PersonRefused as refused:
            raise CommandError(f"{refused.code}: {refused}") from None

    def _make(self, *, name: str, role: list[str], account: list[str] | None, **_options: Any) -> None:
        made = make_person(name, roles=role, accounts=account or [Reach.EVERY], actor=TERMINAL, reason=WHY)
        self._say_link(offer_welcome(made, actor=TERMINAL, reason=WHY))

    def _set(self, *, name: str, role: list[str], account: list[str] | None, **_options: Any) -> None:
        set_person(_user(name), roles=role, accounts=account or [Reach.EVERY], actor=TERMINAL, reason=WHY)
        self.stdout.write(f"{name}: {', '.join(role)}")

    def _link(self, *, name: str, lost_phone: bool, **_options: Any) -> None:
        self._say_link(offer_welcome(_user(name), actor=TERMINAL, reason=WHY, lost_phone=lost_phone))

    def _shut_out(self, *, name: str, **_options: Any) -> None:
        shut_out(_user(name), actor=TERMINAL, reason=WHY)
        self.stdout.write(f"{name} is shut out; every session has ended.")

    def _let_in(self, *, name: str, **_options: Any) -> None:
        let_in_again(_user(name), actor=TERMINAL, reason=WHY)
        self.stdout.write(f"{name} may come in again.")

    def _list(self, **_options: Any) -> None:
        for row in people():
            state = "" if row.user.is_active else "shut out"
            reach = row.standing.accounts
            accounts = "every account" if Reach.EVERY in reach else ", ".join(sorted(reach))
            factors = ", ".join(sorted(row.factors)) or "no second step"
            roles = ", ".join(row.standing.roles) or "no role"
            self.stdout.write(f"{row.user.username:<20} {roles:<28} {accounts or 'none'}; {factors} {state}")

    def _say_link(self, path: str) -> None:
        self.stderr.write("Good once and for a day:")
        self.stdout.write(f"{settings.PUBLIC_URL}{path}")


def _user(name: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        raise PersonRefused("PERSON_UNKNOWN", f"there is nobody called {name!r}")
    return user
