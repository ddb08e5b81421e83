"""The desk's settings for tests: nothing of the machine's own desk, .env file or database is looked at."""

import os
import tempfile

for name in list(os.environ):
    if name in ("DATABASE_URL", "SECRET_KEY") or (
        name.startswith("TRADINGDESK_")
        and not name.startswith("TRADINGDESK_TEST_")
        and name != "TRADINGDESK_PG_USER"
    ):
        del os.environ[name]
os.environ["TRADINGDESK_ENV_FILE"] = ""
os.environ["TRADINGDESK_ALERTS_FENCED"] = "yes"  # and so do the processes that tests start
os.environ["TRADINGDESK_HOME"] = os.path.join(tempfile.gettempdir(), "tradingdesk-tests-have-no-home")
os.environ["TRADINGDESK_HASHED_STATIC"] = "no"

from tradingdesk.settings import *  # noqa: E402, F403

# Counts of wrong passwords of one test are none of another's business.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}, "local": CACHES["local"]}  # noqa: F405
# A password's slowness protects people, not tests.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
