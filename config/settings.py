"""Settings of every process of the shop. Each is read from the environment or `.env`; `.env.example` lists them all."""

from __future__ import annotations

import os
import socket
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config import databases, roster
from config.admin_look import UNFOLD as UNFOLD
from config.embedded.places import Places
from config.embedded.postgres import ADMIN, DATABASE, PORT as POSTGRES_PORT
from config.embedded.redis import Redis
from config.environment import Environment
from config.logs import configure, logging_configuration
from config.secrets import kept_secret

BASE_DIR = roster.BASE_DIR
env = Environment()
Environment.read_env(os.environ.get("ENV_FILE", BASE_DIR / ".env"))

# --- Where and what -------------------------------------------------------------------------------------------------

HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".data"))).expanduser().absolute()
CONTEXTS = roster.enabled(env.list("CONTEXTS", default=[]))
CONTEXT_BASE_URLS: dict[str, str] = env.dict("CONTEXT_BASE_URLS", default={})
HAS_CUSTOMERS = "customers" in CONTEXTS

DEBUG = env.bool("DEBUG", default=False)
# A shop with no key of its own is somebody trying it out: the key is made here, and the demo runs.
SECRET_KEY = env.str("SECRET_KEY", default="")
SECRET_KEY_IS_LOCAL = not SECRET_KEY
if SECRET_KEY_IS_LOCAL:
    SECRET_KEY = kept_secret(DATA_DIR / "secret_key")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEMO = env.bool("DEMO", default=SECRET_KEY_IS_LOCAL)

_here = "localhost" if HOST in {"0.0.0.0", "::", "127.0.0.1", "::1"} else HOST  # noqa: S104 - compared, not bound
SITE_URL = env.str("SITE_URL", default=f"http://{_here}:{PORT}").rstrip("/")
_site = urlsplit(SITE_URL)
if DEMO:
    _hosts = ["*"] if HOST in {"0.0.0.0", "::"} else ["localhost", "127.0.0.1", "[::1]", HOST]  # noqa: S104
    _hosts += [socket.gethostname(), _site.hostname or "localhost"]
else:
    _hosts = [_site.hostname or "localhost"]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=_hosts)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])

WEB_WORKERS = env.int("WEB_WORKERS", default=1)
WEB_THREADS = env.int("WEB_THREADS", default=4)
WORKER_PROCESSES = env.int("WORKER_PROCESSES", default=2)
EFFECTS_THREADS = env.int("EFFECTS_THREADS", default=4)

# --- Stores ---------------------------------------------------------------------------------------------------------

_places = Places(DATA_DIR)
DATABASE_URL = env.str("DATABASE_URL", default="")
DATABASE_ROLE_PREFIX = env.str("DATABASE_ROLE_PREFIX", default="tradepost")
CONTEXT_DATABASE_URLS = {
    name: url for name in roster.CONTEXTS if (url := env.str(f"{name.upper()}_DATABASE_URL", default=""))
}
EMBEDDED_POSTGRES = not DATABASE_URL and any(name not in CONTEXT_DATABASE_URLS for name in CONTEXTS)
EMBEDDED_POSTGRES_PASSWORD = databases.password_of("administrator", secret=SECRET_KEY)

#: The connection that creates roles and schemas; only `manage.py setup` signs in with it.
DATABASE_ADMIN: databases.Alias = (
    databases.from_url(DATABASE_URL, setting="DATABASE_URL")
    if DATABASE_URL
    else {
        "ENGINE": databases.ENGINE,
        "HOST": str(_places.run),
        "PORT": POSTGRES_PORT,
        "NAME": DATABASE,
        "USER": ADMIN,
        "PASSWORD": EMBEDDED_POSTGRES_PASSWORD,
    }
)
DATABASES = databases.aliases(
    CONTEXTS,
    admin=DATABASE_ADMIN,
    own_urls=CONTEXT_DATABASE_URLS,
    role_prefix=DATABASE_ROLE_PREFIX,
    secret=SECRET_KEY,
    options={"connect_timeout": env.int("DATABASE_CONNECT_TIMEOUT_S", default=5)},
)
#: Have PostgreSQL keep the plans of what runs all the time; off behind a pooler that shares sessions among clients.
PREPARED_STATEMENTS = env.bool("PREPARED_STATEMENTS", default=True)
DATABASE_ROUTERS = ["config.databases.ContextRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
EMBEDDED_REDIS = not REDIS_URL
if EMBEDDED_REDIS:
    REDIS_URL = Redis(_places).url
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=REDIS_URL).replace("unix://", "redis+socket://", 1)

# --- The backbone ---------------------------------------------------------------------------------------------------

MESSAGING_TRANSPORT = "contexts.messaging.celery_transport.CeleryTransport"
#: Each subscription is served in this many partitions, each in order; workers share them.
MESSAGING_PARTITIONS = env.int("MESSAGING_PARTITIONS", default=4)
#: Contexts whose events go through the write-ahead log instead of a table, as catalog=wal.
MESSAGING_OUTBOX: dict[str, str] = env.dict("MESSAGING_OUTBOX", default={})
#: Where `events archive` puts old events, and where they are looked for if they are not where they were put.
MESSAGING_ARCHIVE_DIR = (
    Path(env.str("MESSAGING_ARCHIVE_DIR", default=str(DATA_DIR / "archive"))).expanduser().absolute()
)
#: Ed25519 keys (32 bytes, base64) by context; without one, a context's key is derived from SECRET_KEY.
MESSAGING_SIGNING_KEYS = {
    name: key for name in roster.CONTEXTS if (key := env.str(f"{name.upper()}_SIGNING_KEY", default=""))
}
MESSAGING_PUBLIC_KEYS: dict[str, str] = env.dict("MESSAGING_PUBLIC_KEYS", default={})

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
    },
    # Parts of pages, each under all that it shows ({% cache None ... %}), in the process: nothing goes out of date.
    "template_fragments": {
        "BACKEND": "django.core.cache.backends.dummy.DummyCache"
        if DEBUG
        else "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "fragments",
        "OPTIONS": {"MAX_ENTRIES": 2_000},
    },
}

# --- Apps -----------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "contexts.kernel",
    "contexts.messaging",
    *[f"contexts.{name}" for name in CONTEXTS],
    "django_htmx",
    "django_structlog",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.statics.PackedStatics",
    "config.connections.KeptConnections",
    "config.middleware.PolicyMiddleware",
    "config.middleware.AdminPolicyMiddleware",
    "config.middleware.RequestLog",
    "config.middleware.LanguageMiddleware",
    "config.middleware.CurrencyMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.middleware.IdentityMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
_context_processors = [
    "django.template.context_processors.request",
    "django.template.context_processors.i18n",
    "django.contrib.messages.context_processors.messages",
    "contexts.kernel.context_processors.page",
]
if HAS_CUSTOMERS:
    INSTALLED_APPS = [
        # Not plain "unfold", which would put a site of its own in the place of ours.
        "unfold.apps.BasicAppConfig", "unfold.contrib.filters", "unfold.contrib.forms",
        "config.apps.StaffAdminConfig", "django.contrib.auth", "django.contrib.sessions",
        *INSTALLED_APPS,
        "django_filters", "allauth", "allauth.account", "allauth.mfa", "axes",
    ]  # fmt: skip
    _at = MIDDLEWARE.index("config.middleware.LanguageMiddleware")
    MIDDLEWARE.insert(_at, "django.contrib.sessions.middleware.SessionMiddleware")
    _at = MIDDLEWARE.index("django.middleware.csrf.CsrfViewMiddleware") + 1
    MIDDLEWARE.insert(_at, "django.contrib.auth.middleware.AuthenticationMiddleware")
    MIDDLEWARE.insert(_at, "contexts.customers.middleware.IdentityCookie")
    MIDDLEWARE += ["allauth.account.middleware.AccountMiddleware", "axes.middleware.AxesMiddleware"]
    _context_processors.insert(1, "django.contrib.auth.context_processors.auth")

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = True
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": _context_processors},
    }
]
# Kept in a cookie: a word to the shopper must not make every context ask customers for a session.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
TEST_RUNNER = "config.tests_are_pytest.UsePytest"
SILENCED_SYSTEM_CHECKS: list[str] = []

# --- People ---------------------------------------------------------------------------------------------------------

if HAS_CUSTOMERS:
    AUTH_USER_MODEL = "customers.Account"
    AUTHENTICATION_BACKENDS = [
        "axes.backends.AxesStandaloneBackend",
        "django.contrib.auth.backends.ModelBackend",
        "allauth.account.auth_backends.AuthenticationBackend",
    ]
    AUTH_PASSWORD_VALIDATORS = [
        {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
        {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
        {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    ]
    LOGIN_URL = "/account/sign-in/"
    LOGIN_REDIRECT_URL = "/account/"
    LOGOUT_REDIRECT_URL = "/"
    ACCOUNT_LOGIN_METHODS = {"email"}
    ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
    ACCOUNT_USER_MODEL_USERNAME_FIELD = None
    # A code by e-mail before the first sign-in: without it, a sign-up would tell strangers who has an account.
    ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
    ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
    ACCOUNT_PREVENT_ENUMERATION = True
    ACCOUNT_CHANGE_EMAIL = True
    ACCOUNT_EMAIL_NOTIFICATIONS = True
    ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
    ACCOUNT_REAUTHENTICATION_REQUIRED = True
    ACCOUNT_SESSION_REMEMBER = True
    ACCOUNT_DEFAULT_HTTP_PROTOCOL = _site.scheme
    ACCOUNT_ADAPTER = "contexts.customers.adapter.AccountAdapter"
    ACCOUNT_FORMS = {
        "login": "contexts.customers.forms.SignInForm",
        "signup": "contexts.customers.forms.SignUpForm",
        "add_email": "contexts.customers.forms.ChangeEmailForm",
        "confirm_email_verification_code": "contexts.customers.forms.ConfirmEmailForm",
        "change_password": "contexts.customers.forms.ChangePasswordForm",
        "set_password": "contexts.customers.forms.SetPasswordForm",
        "reset_password": "contexts.customers.forms.ResetPasswordForm",
        "reset_password_from_key": "contexts.customers.forms.NewPasswordForm",
        "reauthenticate": "contexts.customers.forms.PasswordAgainForm",
    }
    MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
    MFA_PASSKEY_LOGIN_ENABLED = True
    MFA_WEBAUTHN_USER_VERIFICATION = "required"
    MFA_TOTP_TOLERANCE = 1
    MFA_ADAPTER = "contexts.customers.second_factors.SecondFactorAdapter"
    MFA_FORMS = {
        "authenticate": "contexts.customers.forms.CodeForm",
        "reauthenticate": "contexts.customers.forms.CodeAgainForm",
        "activate_totp": "contexts.customers.forms.FirstCodeForm",
        "add_webauthn": "contexts.customers.forms.AddPasskeyForm",
        "login_webauthn": "contexts.customers.forms.PasskeySignInForm",
        "authenticate_webauthn": "contexts.customers.forms.PasskeyForm",
        "reauthenticate_webauthn": "contexts.customers.forms.PasskeyAgainForm",
        "edit_webauthn": "contexts.customers.forms.RenamePasskeyForm",
    }
    #: Whether staff without a passkey or an app are sent to get one before the admin opens.
    REQUIRE_STAFF_SECOND_FACTOR = env.bool("REQUIRE_STAFF_SECOND_FACTOR", default=not DEMO)
    AXES_ONLY_ADMIN_SITE = True
    # The name of the field in the admin's form. By default axes takes the model's, "email", and locks nobody.
    AXES_USERNAME_FORM_FIELD = "username"
    AXES_FAILURE_LIMIT = 8
    AXES_COOLOFF_TIME = 0.25  # hours
    AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
    AXES_RESET_ON_SUCCESS = True
    AXES_VERBOSE = False

# --- The contexts' own ----------------------------------------------------------------------------------------------

#: Who may read /metrics: whoever sends this as a bearer token; without one, only this machine.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
#: Whose reviews wait for staff before others see them: all, unverified (whoever did not buy it here), none.
REVIEWS_MODERATION = env.str("REVIEWS_MODERATION", default="unverified")
#: So many days after a customer deleted the account it is erased; until then they can take it back.
CUSTOMERS_ERASURE_DAYS = env.int("CUSTOMERS_ERASURE_DAYS", default=7)
INVENTORY_HOLD_MINUTES = env.int("INVENTORY_HOLD_MINUTES", default=15)
PAYMENTS_GATEWAY = env.str("PAYMENTS_GATEWAY", default="sandbox")
#: Who sells: printed on every invoice, and kept with it. The address in parts, with commas between them.
SELLER_NAME = env.str("SELLER_NAME", default="Tradepost")
SELLER_ADDRESS = env.str("SELLER_ADDRESS", default="Speicherstr. 1, 20457 Hamburg, Germany")
SELLER_TAX_ID = env.str("SELLER_TAX_ID", default="DE000000000")
#: What the shop sells in. Prices are kept in the first; it is chosen once, before there are any.
CURRENCIES = env.list("CURRENCIES", default=["EUR", "GBP", "USD", "CHF", "JPY"] if DEMO else ["EUR"])
#: The least that a card is asked for, by currency in minor units: banks decline less. A gift card pays less instead.
LEAST_CARD_CHARGES = {
    "EUR": 50, "USD": 50, "GBP": 30, "CHF": 50, "JPY": 50, "SEK": 3_00, "NOK": 3_00, "DKK": 2_50, "PLN": 2_00, "CZK": 15_00,
    "CAD": 50, "AUD": 50,
}  # fmt: skip
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET", default="")
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="https://api.stripe.com").rstrip("/")
PAYMENT_CONFIRM_WITHIN_S = env.int("PAYMENT_CONFIRM_WITHIN_S", default=15 * 60)
SANDBOX_SLOW_S = env.float("SANDBOX_SLOW_S", default=3.0)
SHIPPING_DEMO_DISPATCH_S = env.int("SHIPPING_DEMO_DISPATCH_S", default=20)
SHIPPING_DEMO_DELIVER_S = env.int("SHIPPING_DEMO_DELIVER_S", default=60)
#: Who may enter a demo's admin; the password is made once and kept in the data folder.
DEMO_ADMIN_EMAIL = env.str("DEMO_ADMIN_EMAIL", default="staff@tradepost.example")
DEMO_ADMIN_PASSWORD = env.str("DEMO_ADMIN_PASSWORD", default="")
if DEMO and not DEMO_ADMIN_PASSWORD:
    DEMO_ADMIN_PASSWORD = kept_secret(DATA_DIR / "admin_password", length=9)

# --- Language, files, mail ------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
# The shop's own words before those of the packages it is built with: "Save" means one thing on every page.
LOCALE_PATHS = [BASE_DIR / "config" / "locale", *sorted((BASE_DIR / "contexts").glob("*/locale"))]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = ["config.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / ".static"))).expanduser().absolute()
# Collected and fingerprinted files are served in production; a demo serves them from where they lie.
STATIC_COLLECTED = env.bool("STATIC_COLLECTED", default=not DEMO)
WHITENOISE_USE_FINDERS = not STATIC_COLLECTED
if not STATIC_COLLECTED:
    warnings.filterwarnings("ignore", message="No directory at")
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(DATA_DIR / "media"))).expanduser().absolute()
#: What is below MEDIA_ROOT is for everybody who knows its address; what only some may see lies here.
PRIVATE_ROOT = Path(env.str("PRIVATE_ROOT", default=str(DATA_DIR / "private"))).expanduser().absolute()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PRIVATE_ROOT, "base_url": None, "file_permissions_mode": 0o600},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

if env.str("EMAIL_URL", default="") or not DEMO:
    # Several settings at once: host, port, user, password, TLS.
    globals().update(env.email_url("EMAIL_URL", default="smtp://localhost:25"))
else:
    EMAIL_BACKEND = "contexts.kernel.mailbox.FolderBackend"
    EMAIL_FILE_PATH = str(DATA_DIR / "mail")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"Tradepost <shop@{_site.hostname}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Security -------------------------------------------------------------------------------------------------------

HTTPS = _site.scheme == "https"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=HTTPS)
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=365 * 24 * 3600 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=HTTPS)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=HTTPS)
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        # config/policy_reports.py. Not `report-to`: it needs a header of its own and is not in every browser.
        "report-uri": ["/policy-reports"],
    }
}
#: The admin theme needs Alpine (which evaluates expressions) and inline styles.
ADMIN_SECURITY_POLICY = CONTENT_SECURITY_POLICY["DIRECTIVES"] | {
    "script-src": ["'self'", "'unsafe-eval'", "'unsafe-inline'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:"],
}

# --- Logs -----------------------------------------------------------------------------------------------------------

LOG_FORMAT = env.one_of("LOG_FORMAT", ("console", "json"), default="console")
LOG_LEVEL = env.one_of("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"), default="INFO")
LOGGING_CONFIG = None
LOGGING = logging_configuration(form=LOG_FORMAT, level=LOG_LEVEL)
configure(LOGGING)
DJANGO_STRUCTLOG_USER_ID_FIELD = None  # It would ask customers' tables at every request.
DJANGO_STRUCTLOG_COMMAND_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_CELERY_ENABLED = False
