"""Django's own question "has this person the permission", answered from the roles."""

from typing import Any

from django.contrib.auth.backends import BaseBackend

from apps.operators.queries import standing_of

# whole permissions first, then by the app; what stands nowhere is refused
VERB_OF = {"risk.change_limitset": "change_limits", "risk.view_limitset": "change_limits"}
OPEN_TO = {"view": ("settings",), "change": ("settings",), "add": ("settings",)}


class RolesBackend(BaseBackend):
    """Asked anew each time. What may not be edited at all is refused by the admin pages themselves."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        standing = standing_of(user_obj)
        if perm in VERB_OF:
            return standing.may(VERB_OF[perm])
        deed = perm.partition(".")[2].partition("_")[0]
        return any(standing.may(verb) for verb in OPEN_TO.get(deed, ()))

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        standing = standing_of(user_obj)
        return standing.may("settings") or (app_label == "risk" and standing.may("change_limits"))
