"""Makes the people a test needs."""

from django.contrib.auth.models import User

from apps.journal.ports import SYSTEM
from apps.operators.actions.set_person import set_person
from apps.operators.models import Reach

EVERY_ROLE = ("viewer", "trader", "risk", "admin")


def make_person(
    name: str, *roles: str, accounts: tuple[str, ...] = (Reach.EVERY,), password: str | None = None
) -> User:
    """A person with these roles, or with all of them; one who is there already is given them."""
    known = User.objects.filter(username=name).first()
    user = known or User.objects.create_user(name, password=password)
    return set_person(user, roles=roles or EVERY_ROLE, accounts=accounts, actor=SYSTEM)
