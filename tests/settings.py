"""The site's own settings with the few values that a test needs to be different."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 50)
os.environ.setdefault("BASE_URL", "http://localhost")
os.environ.setdefault("OS_AUTH_URL", "https://keystone.test/v3")
os.environ.setdefault("DEFAULT_FROM_EMAIL", "portal@portal.test")

# ruff: noqa: F403 - the purpose of this module is to be all of another
from portal.settings import *

ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
