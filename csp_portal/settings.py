"""
Settings for csp_portal: one module, every value from the environment.

`python3 manage.py demo` sets what it needs itself. A real server sets the variables named in
csp_portal/checks.py; `manage.py check --deploy` says which ones are missing. NAME_FILE may
name a file with the value instead.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from celery.schedules import crontab

from csp_portal.shared.env import (
    celery_url,
    database_from_url,
    env_bool,
    env_int,
    env_list,
    env_str,
    join_running_demo,
)

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env_str("DATA_DIR", str(BASE_DIR / "var")))
join_running_demo(DATA_DIR)

# ------------------------------------------------------------------ what kind of process this is
DEMO = env_bool("DEMO", default=False)
DEBUG = env_bool("DEBUG", default=False)
TESTING = env_bool("TESTING", default=False)  # set by csp_portal.embedded.pytest_plugin
PRODUCTION = not (DEMO or DEBUG or TESTING)
HTTPS = env_bool("HTTPS", default=PRODUCTION)

SECRET_KEY = env_str("SECRET_KEY", "django-insecure-key-for-tests-and-tools-only")
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
BASE_URL = env_str("BASE_URL", "http://localhost:8000").removesuffix("/")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")

# ------------------------------------------------------------------ code
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.contrib.admin",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "django_cotton",
    "django_tables2",
    "django_filters",
    "csp_portal",
    "csp_portal.home",
    "tenants",
    "relationships",
    "subscriptions",
    "billing",
]
MIDDLEWARE = [
    "csp_portal.middleware.StrictHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp_portal.middleware.BadInputMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # an aged session is signed out before anything trusts request.user
    "csp_portal.middleware.SessionAgeMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp_portal.middleware.ClockMiddleware",
    "csp_portal.middleware.WorkspaceMiddleware",
    "csp_portal.middleware.RequireMfaMiddleware",
    "csp_portal.middleware.AccessMiddleware",
]
ROOT_URLCONF = "csp_portal.urls"
WSGI_APPLICATION = "csp_portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["csp_portal.templatetags.portal", "csp_portal.templatetags.forms"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp_portal.home.context.portal",
            ],
        },
    }
]

# ------------------------------------------------------------------ PostgreSQL
# Three roles. Web, worker and beat run as `csp_app`, which cannot alter a table or an issued
# document. `csp_owner` migrates and grants. `csp_recon` reads everything and changes nothing.
# manage.py chooses the owner for the commands that need it.
DATABASE_ROLE = env_str("DATABASE_ROLE", "app")
_run_time_url = env_str("DATABASE_URL", "postgresql:///csp_portal")
_database_url = {
    "app": _run_time_url,
    "owner": env_str("DATABASE_OWNER_URL", _run_time_url),
    "recon": env_str("DATABASE_RECON_URL", _run_time_url),
}[DATABASE_ROLE]
# A page that takes longer than 5 s is an error; a worker gets 60; a migration takes its time.
STATEMENT_TIMEOUT_SECONDS = env_int(
    "STATEMENT_TIMEOUT_SECONDS", default={"app": 5, "owner": 0, "recon": 300}[DATABASE_ROLE]
)
LOCK_TIMEOUT_SECONDS = env_int("LOCK_TIMEOUT_SECONDS", default=5)


def _database(url: str) -> dict[str, Any]:
    database = database_from_url(url)
    limits = {
        "statement_timeout": f"{STATEMENT_TIMEOUT_SECONDS}s",
        "lock_timeout": f"{LOCK_TIMEOUT_SECONDS}s",
        "idle_in_transaction_session_timeout": "60s",
    }
    # For the planner: what pages read is in memory or on flash, where a random read costs
    # little more than the next one; and to try every order of a page's many small joins takes
    # longer than to run them (a transfer with its people: 20 of 21 ms).
    planning = {"random_page_cost": "1.1", "join_collapse_limit": "6"}
    return {
        **database,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": "5",
            "options": " ".join(
                f"-c {name}={value}" for name, value in {**limits, **planning}.items()
            ),
            **database["OPTIONS"],
        },
        "TEST": {"TEMPLATE": "template0"},
    }


DATABASES = {"default": _database(_database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rate limits and used one-time codes live here. In PostgreSQL, not in Redis: a Redis outage
# must neither break sign-in nor forget who is locked out.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "csp_portal_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# ------------------------------------------------------------------ Redis and Celery
REDIS_URL = env_str("REDIS_URL", "redis://localhost:6379/0")
BUSINESS_TIME_ZONE = env_str("BUSINESS_TIME_ZONE", "UTC")

CELERY_BROKER_URL = celery_url(REDIS_URL)
CELERY_RESULT_BACKEND = CELERY_BROKER_URL
CELERY_RESULT_EXPIRES = timedelta(hours=1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_RESULT_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"
# A message is acknowledged when its work is done, so a killed worker's work is done again.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 840
CELERY_TASK_TIME_LIMIT = 900
# Longer than any task may run, or Redis would hand a task that still runs to a second worker.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 1800,
    "socket_timeout": 10,
    "socket_connect_timeout": 2,
    "max_retries": 2,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 8
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = BUSINESS_TIME_ZONE
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "publish-price-lists": {
        "task": "billing.publish_price_lists",
        "schedule": crontab(hour=0, minute=5),
    },
    "close-months": {
        "task": "billing.close_months",
        "schedule": crontab(hour=0, minute=20),
    },
    # Finds what a lost message or a killed worker left behind.
    "sweep": {
        "task": "billing.sweep",
        "schedule": crontab(),
        "options": {"expires": 55},
    },
    # After midnight those of the day; then those that were approved on their day, or failed.
    "carry-out-transfers": {
        "task": "billing.carry_out_transfers",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 280},
    },
    "sweep-bulk": {
        "task": "home.sweep_bulk",
        "schedule": crontab(),
        "options": {"expires": 55},
    },
    "send-trial-notices": {
        "task": "subscriptions.send_trial_notices",
        "schedule": crontab(hour=6, minute=40),
    },
    "notify-terms": {
        "task": "billing.notify_terms",
        "schedule": crontab(hour=6, minute=10),
    },
    "remind-transitions": {
        "task": "home.remind_transitions",
        "schedule": crontab(hour=6, minute=20),
    },
    "remind-recommendations": {
        "task": "billing.remind_recommendations",
        "schedule": crontab(hour=6, minute=50),
    },
    "remind-invitations": {
        "task": "relationships.remind_invitations",
        "schedule": crontab(hour=6, minute=30),
    },
}
# Sent once when beat starts: it may have been down at the time above.
TASKS_AT_START = ["billing.publish_price_lists"]

# ------------------------------------------------------------------ people and sign-in
AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "csp_portal.hashers.Argon2idPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING:  # 40 ms for each person of each test would be minutes
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "tenants.adapter.AccountAdapter"
ACCOUNT_FORMS = {"signup": "tenants.forms.SignUpForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 600
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_SESSION_REMEMBER = False  # the session ends with the browser; its ages are below
ACCOUNT_RATE_LIMITS = {  # beside allauth's own
    "calendar_feed": "60/h/key",
    "unknown_calendar_feed": "30/10m/ip",
}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(BASE_URL).scheme
# How many proxies in front overwrite X-Forwarded-For and X-Forwarded-Proto; 0 trusts neither.
ALLAUTH_TRUSTED_PROXY_COUNT = env_int("TRUSTED_PROXY_COUNT", default=0)

MFA_ADAPTER = "tenants.adapter.MFAAdapter"
MFA_REQUIRED = env_bool("MFA_REQUIRED", default=not DEMO)
MFA_ENCRYPTION_KEYS = env_list("MFA_ENCRYPTION_KEYS")
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TRUST_ENABLED = False
MFA_TOTP_ISSUER = "CSP Portal"
MFA_TOTP_TOLERANCE = 0
MFA_RECOVERY_CODE_DIGITS = 16
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # browsers allow it on localhost only
USERSESSIONS_TRACK_ACTIVITY = True

# ------------------------------------------------------------------ sessions, cookies, headers
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_IDLE_SECONDS = env_int("SESSION_IDLE_SECONDS", default=30 * 60)
SESSION_ABSOLUTE_SECONDS = env_int("SESSION_ABSOLUTE_SECONDS", default=8 * 3600)
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_SECONDS
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# The prefix makes browsers insist on https, on this host alone and on no other path.
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"  # Strict would sign out whoever follows a link from webmail
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True  # htmx reads the token from the page
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_NAME = "__Host-language" if HTTPS else "language"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes come from inside, over http
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if ALLAUTH_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 1
FILE_UPLOAD_PERMISSIONS = 0o600

# ------------------------------------------------------------------ mail
EMAIL_HOST = env_str("EMAIL_HOST", "")
EMAIL_PORT = env_int("EMAIL_PORT", default=587)
EMAIL_HOST_USER = env_str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env_str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 10
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
DEFAULT_FROM_EMAIL = env_str("DEFAULT_FROM_EMAIL", "CSP Portal <portal@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# ------------------------------------------------------------------ languages, times, static files
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "csp_portal" / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
# Production serves the files collected by `manage.py collectstatic`, named by their content;
# the demo and the tests serve them from where they are.
STATIC_ROOT = Path(env_str("STATIC_ROOT", str(DATA_DIR / "static"))) if PRODUCTION else None
WHITENOISE_USE_FINDERS = not PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# ------------------------------------------------------------------ log
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env_str("LOG_LEVEL", "INFO")},
    "loggers": {"django": {"handlers": [], "propagate": True}},
}
