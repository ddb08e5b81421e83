"""What the pages of Django's admin ask. An address that stands in no row is shut."""

from django.urls import ResolverMatch

from apps.operators.pages.asking import ANYBODY, ONESELF

# by the name of the address, with its namespace
PAGES = {
    "admin:login": ANYBODY,
    "admin:logout": ONESELF,
    "admin:jsi18n": ONESELF,
    "admin:risk_limitset_changelist": "change_limits",
    "admin:risk_limitset_change": "change_limits",
    "admin:risk_limitset_next": "change_limits",
    "admin:risk_limitset_history": "change_limits",
}
# whole namespaces; inside, each page has its own rules besides
NAMESPACES = {"admin": "settings"}


def asked_of_strangers(match: ResolverMatch | None) -> str | None:
    if match is None:
        return None
    return PAGES.get(match.view_name) or NAMESPACES.get(match.namespace)
