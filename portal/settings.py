"""The site's settings, all from the environment (docs/settings.md)."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from portal.environment import Environment, is_loopback

BASE_DIR = Path(__file__).resolve().parent.parent
environment = Environment()

SECRET_KEY = environment.required("SECRET_KEY", "a long random text, the same in every process")
SECRET_KEY_FALLBACKS = environment.words("SECRET_KEY_FALLBACKS")
DEBUG = environment.flag("DEBUG")
BASE_URL = environment.web_address("BASE_URL", "what links in mails start with")
if urlsplit(BASE_URL).path:
    environment.faults.append("BASE_URL must not have a path: the site is at a host's root")
if BASE_URL.startswith("http://") and not is_loopback(BASE_URL):
    environment.faults.append("BASE_URL must be https:// (http:// is for loopback only)")
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS") or [urlsplit(BASE_URL).hostname or "localhost"]
# How many reverse proxies stand in front and append to X-Forwarded-For; 0 trusts no header.
TRUSTED_PROXIES = environment.number("TRUSTED_PROXIES", 0)

# The cloud
OS_AUTH_URL = environment.web_address("OS_AUTH_URL", "Keystone's address, such as https://…/v3")
OS_REGION_NAME = environment.text("OS_REGION_NAME")
OS_INTERFACE = environment.text("OS_INTERFACE", "public")
if OS_INTERFACE not in {"public", "internal", "admin"}:
    environment.faults.append("OS_INTERFACE must be public, internal or admin")
OS_CACERT = environment.text("OS_CACERT")
if OS_CACERT and not Path(OS_CACERT).is_file():
    environment.faults.append(f"OS_CACERT: there is no file {OS_CACERT}")

# Sign-ins that Keystone leaves to somebody else: the buttons (key → words), which identity provider
# and protocol a key stands for where it is not itself the protocol, and Keystone as browsers see it
WEBSSO_CHOICES = environment.named("WEBSSO_CHOICES")
WEBSSO_IDP_MAPPING = environment.named("WEBSSO_IDP_MAPPING")
WEBSSO_KEYSTONE_URL = (
    environment.web_address("WEBSSO_KEYSTONE_URL", "Keystone's address for browsers")
    if environment.text("WEBSSO_KEYSTONE_URL")
    else OS_AUTH_URL
)
for key, pair in WEBSSO_IDP_MAPPING.items():
    if key not in WEBSSO_CHOICES:
        environment.faults.append(f"WEBSSO_IDP_MAPPING: {key} is not in WEBSSO_CHOICES")
    if len(pair.split("/")) != 2 or not all(pair.split("/")):
        environment.faults.append(f"WEBSSO_IDP_MAPPING: {pair!r} must be like provider/protocol")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "template_partials",
    "sharing",  # before django_tasks_db: our db_worker is its db_worker and more
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "sharing.middleware.watched",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "sharing.middleware.kept_apart",
    "django.middleware.security.SecurityMiddleware",
    "sharing.middleware.health",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "sharing.middleware.viewer_time_zone",
    "sharing.middleware.CloudMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
            ],
            # The same tags as the package's own, without opening its archive for each icon.
            "libraries": {"heroicons": "sharing.templatetags.icons"},
        },
    }
]

# Data
DATABASES = {
    "default": environment.parsed("DATABASE_URL", "db", f"sqlite:///{BASE_DIR / 'portal.sqlite3'}")
}
if DATABASES["default"].get("ENGINE") == "django.db.backends.sqlite3":
    # Writers wait for each other instead of failing; readers never wait.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
    }
elif DATABASES["default"]:
    DATABASES["default"].update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": environment.parsed("CACHE_URL", "cache", "locmemcache://")}
if str(CACHES["default"].get("BACKEND")).endswith(".RedisCache"):
    # Every page looks into it: none may fail or wait because of it.
    CACHES["default"] |= {
        "BACKEND": "portal.forgetful.ForgetfulCache",
        "OPTIONS": {"socket_connect_timeout": 0.3, "socket_timeout": 0.5},
    }
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 14 * 24 * 3600
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Mail
vars().update(environment.parsed("EMAIL_URL", "email", "consolemail://"))
# How long each step of a hand-over may take; and a mail is its worker's for the length of the lease
EMAIL_TIMEOUT = environment.duration("EMAIL_TIMEOUT", "20s").total_seconds()
MAIL_LEASE = environment.duration("MAIL_LEASE", "5m")
MAIL_RETRY_AFTER = environment.durations("MAIL_RETRY_AFTER", "1m, 5m, 30m, 2h, 8h, 24h")
MAIL_SWEEP_EVERY = environment.duration("MAIL_SWEEP_EVERY", "1m")
HAND_OVER_STEPS = 12  # greeting, EHLO, STARTTLS, EHLO, AUTH (3), MAIL, RCPT, DATA, the mail, QUIT
if MAIL_LEASE.total_seconds() < HAND_OVER_STEPS * EMAIL_TIMEOUT:
    environment.faults.append(
        f"MAIL_LEASE must be {HAND_OVER_STEPS} times EMAIL_TIMEOUT at least: the slowest hand-over"
    )
# Whom reports of listings and images go to; nobody: then there are none.
OPERATOR_EMAIL = environment.email_address("OPERATOR_EMAIL")
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL") or (
    f"Image Sharing Portal <no-reply@{urlsplit(BASE_URL).hostname}>"
)

# Security: HTTPS is decided by BASE_URL alone
IS_HTTPS = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [f"{urlsplit(BASE_URL).scheme}://{urlsplit(BASE_URL).netloc}"]
CSRF_FAILURE_VIEW = "sharing.views.errors.csrf_failed"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_HTTPS else 0
# Only this host: its neighbours and subdomains are not ours to decide for.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
# Other sites learn nothing of our addresses, some of which are secrets. Not "no-referrer": then
# browsers would hide the origin of our own forms, too, which is what tells them from forged ones.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
# Of all that a browser can do for a page, ours copy IDs, and nothing else. A name that a browser
# does not know it complains of in its console, so only those that every build has.
_OFF = (
    *("accelerometer", "autoplay", "camera", "clipboard-read", "display-capture"),
    *("encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid"),
    *("idle-detection", "local-fonts", "magnetometer", "microphone", "midi", "payment"),
    *("picture-in-picture", "publickey-credentials-create", "publickey-credentials-get"),
    *("screen-wake-lock", "serial", "storage-access", "sync-xhr", "usb"),
    *("window-management", "xr-spatial-tracking"),
)
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "clipboard-write": ["self"],
    **{name: [] for name in _OFF},
}

# Anyone may send anything to any page. Files are bounded in memory and never lie on a disk.
FILE_UPLOAD_HANDLERS = ["sharing.forms.uploads.BoundedFile"]
DATA_UPLOAD_MAX_NUMBER_FILES = 1

# Words and times
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

# Static files
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# How many mails a producer's project may cause in a day: to one address, and in all (0: no limit)
MAILS_PER_ADDRESS = environment.number("MAILS_PER_ADDRESS", 500)
MAILS_PER_PROJECT = environment.number("MAILS_PER_PROJECT", 20_000)

# Reminders to consumers who have not answered: days between two, and how many at most
REMINDER_DAYS = environment.number("REMINDER_DAYS", 7)
REMINDER_LIMIT = environment.number("REMINDER_LIMIT", 3)

# The hour (UTC) of the mails that tell of a day
DIGEST_HOUR = environment.number("DIGEST_HOUR", 6, most=23)

# How many members the cloud allows for one image (Glance's image_member_quota; 0: no limit), and
# how long a list that was shared with is kept
IMAGE_MEMBER_QUOTA = environment.number("IMAGE_MEMBER_QUOTA", 128)
BULK_JOB_DAYS = environment.number("BULK_JOB_DAYS", 90)

# Days after which what is unanswered ends, what is unseen is said to be, and what is old is
# forgotten; 0: never (docs/retention.md)
REQUEST_EXPIRY_DAYS = environment.number("REQUEST_EXPIRY_DAYS", 90)
LISTING_STALE_DAYS = environment.number("LISTING_STALE_DAYS", 30)
REQUEST_DAYS = environment.number("REQUEST_DAYS", 365)
MAIL_DAYS = environment.number("MAIL_DAYS", 90)
HISTORY_DAYS = environment.number("HISTORY_DAYS", 730)
REPORT_DAYS = environment.number("REPORT_DAYS", 365)
JOB_DAYS = environment.number("JOB_DAYS", 14)

# The demo's mailbox: the directory of its Maildir; empty outside the demo
DEMO_MAILBOX = environment.text("PORTAL_DEMO_MAILBOX")

# What an operator sees: the log, figures, errors
LOG_FORMAT = environment.choice("LOG_FORMAT", "text", "json")
LOG_LEVEL = environment.choice("LOG_LEVEL", "INFO", "DEBUG", "WARNING")
METRICS_ALLOW = environment.networks("METRICS_ALLOW")
SENTRY_DSN = environment.text("SENTRY_DSN")
SENTRY_ENVIRONMENT = environment.text("SENTRY_ENVIRONMENT", "production")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"context": {"()": "sharing.logs.Context"}},
    "formatters": {
        "text": {"format": "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s",
            "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["context"],
        }
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django.server": {"level": "WARNING"},
        # For debugging it writes Keystone's whole answers down, which may quote what was sent.
        "keystoneauth": {"level": "INFO"},
    },
}

environment.check()
if SENTRY_DSN:  # only then is its SDK loaded
    import_module("portal.sentry").begin(SENTRY_DSN, SENTRY_ENVIRONMENT)
