"""Settings of the desk. What a person may set comes from the environment, through env.py."""

import secrets

from tradingdesk import env, logs

env.read_file_of_settings()

BASE_DIR = env.BASE_DIR
HOME = env.home()
MODE = env.mode()
DEBUG = env.flag("DEBUG")

# No key ships with the desk. Without one each process makes its own, which is enough for a command;
# `up` and `demo` keep one in the home, and paper and live refuse to start on a passing one.
KEPT_SECRET_KEY = env.secret_key()
SECRET_KEY = KEPT_SECRET_KEY or secrets.token_urlsafe(50)
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")

HTTP_HOST = env.text("TRADINGDESK_BIND", "127.0.0.1")
HTTP_PORT = env.number("TRADINGDESK_PORT", 8000)
PUBLIC_URL = env.text("TRADINGDESK_PUBLIC_URL", f"http://127.0.0.1:{HTTP_PORT}").rstrip("/")
BEHIND_TLS = PUBLIC_URL.startswith("https://")
# Whose word on where a request came from is taken: the TLS proxy's address, if it is on another machine.
TRUSTED_PROXIES = env.words("TRADINGDESK_TRUSTED_PROXIES", ("127.0.0.1",))
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ("127.0.0.1", "localhost", "[::1]"))
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

GATEWAY_HOST = env.text("TRADINGDESK_GATEWAY_HOST", "127.0.0.1")
GATEWAY_PORT = env.number("TRADINGDESK_GATEWAY_PORT", {"sim": 4012, "paper": 4002, "live": 4001}[MODE])
GATEWAY_CLIENT_ID = env.number("TRADINGDESK_GATEWAY_CLIENT_ID", 11)
# The name under which this desk's orders are known at the broker; two desks on one account need two names.
INSTANCE = env.text("TRADINGDESK_INSTANCE", "desk")
# Empty: the wall's own time. A simulated day sets it for all processes; see apps/journal/clock.py.
CLOCK = env.clock()
# How many times as fast a demo's day goes where nothing happens; 0: it goes as the wall's clock does.
DEMO_SPEED = env.number("TRADINGDESK_DEMO_SPEED", 0)
# How long an alerted window runs before it sends. Only a simulated desk may shorten it.
WALK_SECONDS = env.number("TRADINGDESK_WALK_SECONDS", 60)
ACCOUNTS_ALLOWED = env.words("TRADINGDESK_ACCOUNTS")

INSTALLED_APPS = [
    "apps.alerts",
    "apps.dashboard",
    "apps.runbook",
    "apps.reports",
    "apps.reconciliation",
    "apps.ledger",
    "apps.broker",
    "apps.tickets",
    "apps.approvals",
    "apps.risk",
    "apps.plans",
    "apps.market",
    "apps.desks",
    "apps.operators",
    "apps.journal",
    "apps.simgateway",
    "apps.operators.adminconfig.DeskAdminConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic",
    "django.contrib.staticfiles",
    "channels",
    "django_htmx",
    "django_q",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # pads its answers at random, so a secret cannot be weighed
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apps.operators.middleware.AskFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.dashboard.middleware.note_feed_versions",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.dashboard.shell.shell",
                "apps.dashboard.pages.stop.offered",
                "apps.operators.pages.standing.standing",
            ]
        },
    }
]
ROOT_URLCONF = "tradingdesk.urls"
ASGI_APPLICATION = "tradingdesk.asgi.application"

DATABASES = {"default": env.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Counts of wrong passwords are shared by every web process and outlive it. The worker's own statistics, two
# writes a second, are not worth a table.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "operators_cache"},
    "local": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

# The worker never sends an order and never keeps a cut-off: deliveries may be late and may come twice.
# Two waiting tasks for two workers, so that none waits in a process past `retry` and is delivered again.
Q_CLUSTER = {
    "name": "tradingdesk",
    "orm": "default",
    "cache": "local",
    "workers": 2,
    "queue_limit": 2,
    "bulk": 1,
    "timeout": 300,
    "retry": 3600,
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    "save_limit": 1000,
    "recycle": 200,
    "max_rss": 400_000,
    "time_zone": "UTC",
    "label": "Background work",
}
# Asked for each second; each takes its own row first, and a person's alert waits for no plan.
# An address that is asked for each minute while the desk is well; whoever listens there notices its silence.
HEARTBEAT_URL = env.text("TRADINGDESK_HEARTBEAT_URL")
# Tests set it: then no alert leaves this machine, whatever channels there are.
ALERTS_FENCED = env.flag("TRADINGDESK_ALERTS_FENCED")

EVERY_SECOND = ("apps.alerts.jobs.tell_people", "apps.runbook.jobs.walk_road")
# By the clock, in minutes. What must come sooner, `run_worker` asks for each second.
SCHEDULES = {
    "apps.runbook.jobs.close_books": 1,
    "apps.runbook.jobs.watch_invariants": 1,
    "apps.alerts.jobs.beat_outside": 1,
    "apps.runbook.jobs.keep_house": 60,
    "apps.runbook.jobs.keep_backups": 60,
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator", "NumericPasswordValidator")
] + [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    }
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "django.contrib.auth.backends.ModelBackend",
    "apps.operators.backends.RolesBackend",
]
LOGIN_URL = LOGOUT_REDIRECT_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
# A link that sets a first or a new password is good for a day.
PASSWORD_RESET_TIMEOUT = 24 * 3600

# allauth: people are made by an administrator, so there is no sign-up, no e-mail and no reset by mail.
ACCOUNT_ADAPTER = "apps.operators.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# By place, by person or by both together (key): one who fails never shuts the door for another.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "code_failed": "50/5m/key",
    "prove": "10/5m/user",
}
MFA_ADAPTER = "apps.operators.adapters.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {"authenticate": "apps.operators.forms.CodeForm"}

CSRF_FAILURE_VIEW = "apps.dashboard.pages.errors.csrf_failed"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_NAME = "tradingdesk_session"
CSRF_COOKIE_NAME = "tradingdesk_csrf"
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = ["models.W045"]  # a constraint of raw SQL is the database's own to judge
WEBSOCKET_ORIGIN = PUBLIC_URL.replace("http", "ws", 1)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "connect-src": ["'self'", WEBSOCKET_ORIGIN],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "object-src": ["'none'"],
        "img-src": ["'self'", "data:"],
    }
}

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [folder for folder in [BASE_DIR / "static"] if folder.is_dir()]
# The web process collects them under hashed names when it starts; a developer's are found where they lie.
HASHED_STATIC = env.flag("TRADINGDESK_HASHED_STATIC", default=not DEBUG)
SERVESTATIC_USE_FINDERS = not HASHED_STATIC
SERVESTATIC_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "apps.runbook.processes.parts.PartsStorage"
        if HASHED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# A plan of 500 rows is some 60 KB; what is far larger is refused before it is read.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

LOGGING = logs.configuration(level=env.text("LOG_LEVEL", "INFO"), shape=env.text("LOG_FORMAT", "json"))
