"""Settings of the web app. Everything that differs between places comes from the environment.

`DATABASE_URL` (postgresql://...), `BRAID_SECRET_KEY`, `BRAID_ALLOWED_HOSTS` (comma separated), `BRAID_HTTPS` (1 where
the app is reached over https), `BRAID_VAULT_KEY_FILE` (the vault's key, on another disk than the database),
`BRAID_BREACHED_PASSWORDS_FILE` (a list of breached passwords, in which no new one may be),
`BRAID_ABSENT_FLOOR_MS` (how long an answer that says no about a person takes, in milliseconds), and
`BRAID_DOCUMENT_SCANNER` (the place's own command that searches a file given to a case for harm; without it none is).
For a server on a network: `BRAID_PROXY` (1 where a proxy overwrites X-Forwarded-For and X-Forwarded-Proto),
`BRAID_LOG_FORMAT` (`json` for lines that programs read, one a request), `BRAID_METRICS_TOKEN_FILE` (whose token opens
/metrics), `BRAID_PREPARE` (0 where no statement may be prepared), `BRAID_TRACES` (where spans go: `log`, or the address
of a collector). How long a page waits is a setting of its role in the database, from `BRAID_PAGE_LOCK_SECONDS` and
`BRAID_PAGE_STATEMENT_SECONDS` (`braid.web.page_limits`). `braid.web.serve` sets them for a place folder; nothing has a
secret default.
"""

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from braid.web.operating.trace_settings import read_traces
from braid.web.sign_in.provider_settings import read_provider_settings

HERE = Path(__file__).resolve().parent


def _required(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set; `braid serve` sets it, or set it before starting the app")
    return value


ANSWERS_OR_NOT = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""Seconds (the last: milliseconds) after which a database on a network that says nothing any more is given up: without
them a request waits for a machine that is gone until the system's own limit, which is hours."""


def _database(url: str) -> dict:
    """Return Django's settings of a URL; what else the URL says, above all how encryption is checked, goes along."""
    parts = conninfo_to_dict(url)
    named = {"dbname", "user", "password", "host", "port"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname", "braid"),
        "USER": parts.get("user", "braid"),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": str(parts.get("port", "")),
        "ATOMIC_REQUESTS": True,  # a page that fails leaves neither a change nor an audit row
        "CONN_MAX_AGE": 600,  # a new connection plans every policy anew
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**ANSWERS_OR_NOT, **{name: value for name, value in parts.items() if name not in named}},
    }


DEBUG = False
PREPARE_STATEMENTS = os.environ.get("BRAID_PREPARE") != "0"
"""Whether statements are prepared where no pooler stands between (`braid.web.prepared`)."""
SECRET_KEY = _required("BRAID_SECRET_KEY")
DATABASES = {"default": _database(_required("DATABASE_URL"))}
ALLOWED_HOSTS = [host for host in os.environ.get("BRAID_ALLOWED_HOSTS", "127.0.0.1,localhost").split(",") if host]
HTTPS = os.environ.get("BRAID_HTTPS") == "1"
PROXY = os.environ.get("BRAID_PROXY") == "1"
METRICS_TOKEN_FILE = os.environ.get("BRAID_METRICS_TOKEN_FILE", "")
LOG_REQUESTS = os.environ.get("BRAID_LOG_FORMAT") == "json"
TRACES = read_traces(os.environ.get("BRAID_TRACES", ""))
"""Where spans go: `log`, the address of a collector, or nowhere."""
VAULT_KEY_FILE = os.environ.get("BRAID_VAULT_KEY_FILE", "")  # without it every look-up of the vault is withheld
DOCUMENT_SCANNER = os.environ.get("BRAID_DOCUMENT_SCANNER", "")
DOCUMENT_SCANNER_PATH = os.environ.get("PATH", os.defpath)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "csp",
    "pgtrigger",
    "braid.web.apps.WebConfig",
]
MIDDLEWARE = [
    "braid.web.operating.request_log.observe",
    "braid.web.hold_back.hold_back",
    "braid.api.edge.in_problems",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "braid.web.middleware.private_answers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "braid.web.sign_in.who_asks.WhoAsks",
    "braid.web.middleware.end_long_sessions",
    "braid.web.middleware.record_refusals",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "braid.api.edge.Door",
]
ROOT_URLCONF = "braid.web.urls"
WSGI_APPLICATION = "braid.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {
            "environment": "braid.web.templating.environment",
            "context_processors": ["braid.web.templating.page_frame"],
        },
    }
]

AUTH_USER_MODEL = "braid.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "braid.web.sign_in.passwords.WithoutOwnWords"},
    {"NAME": "braid.web.sign_in.passwords.NotBreached"},
]
BREACHED_PASSWORDS_FILE = os.environ.get("BRAID_BREACHED_PASSWORDS_FILE", "")
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "place"
PASSWORD_ALONE = os.environ.get("BRAID_PASSWORD_ALONE") == "1"
"""A password without a second factor opens a session: `braid.web.serve` says so of fictional places alone."""
SIGN_IN_PROVIDER = read_provider_settings(os.environ)

ABSENT_FLOOR_MS = int(os.environ.get("BRAID_ABSENT_FLOOR_MS", "100"))
"""What says no about a person leaves at a multiple of this; above the slowest of 1,000 such answers."""

SESSION_ENGINE = "braid.web.sign_in.session_store"
SESSION_COOKIE_NAME = "__Host-braid_session" if HTTPS else "braid_session"
"""Over TLS a browser takes a cookie of this name from this host alone, and for TLS alone."""
SESSION_COOKIE_AGE = 15 * 60  # seconds without a request
SESSION_RENEW_SECONDS = 60
"""How often a session that is used is written, to last anew: at every page it would be a commit of its own."""
SESSION_EXPIRE_AT_BROWSER_CLOSE = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
LONGEST_SESSION_SECONDS = 10 * 60 * 60
REASON_SECONDS = 30 * 60
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "braid.web.views.errors.form_expired"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/(live|ready)/$"]  # asked by what watches the process, without a proxy between
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXY else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [NONE],
        "style-src": [SELF],
        "img-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
# The largest form is a return: each answer with a choice for each organisation at the table, and all of them full.
DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 1
FILE_UPLOAD_HANDLERS = ["braid.web.uploads.InMemory"]  # nothing of a file comes to rest on a disk unsealed

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{levelname} {name} {message}", "style": "{"},
        "json": {"()": "braid.web.logs.JsonLines"},
    },
    "handlers": {
        "errors": {
            "class": "logging.StreamHandler",
            "formatter": "json" if LOG_REQUESTS or TRACES == "log" else "plain",
            "filters": ["no_values"],
        },
    },
    "filters": {"no_values": {"()": "braid.web.logs.WithoutValues"}},
    "root": {"handlers": ["errors"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["errors"], "level": "WARNING", "propagate": False},
        "braid.requests": {"handlers": ["errors"], "level": "INFO", "propagate": False},
        "braid.traces": {"handlers": ["errors"], "level": "INFO", "propagate": False},
        "pypdf": {"handlers": ["errors"], "level": "CRITICAL", "propagate": False},  # says what stands in a file
    },
}
