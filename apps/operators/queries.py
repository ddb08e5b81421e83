"""Reading what operators prefer."""

from django.contrib.auth.models import AbstractBaseUser

from apps.operators.models import Preference


def preference_of(user: AbstractBaseUser) -> Preference:
    """Return a person's preference, or the defaults, not saved."""
    return Preference.objects.filter(user_id=user.pk).first() or Preference(user_id=user.pk)
