"""What goes to Sentry: where it broke, and nobody's secret."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.test_settings import GOOD, ROOT

# A process of its own: the SDK cannot be taken out of one again.
BROKEN = """
import json, os, sys
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
import sentry_sdk
sent = []
real = sentry_sdk.init
sentry_sdk.init = lambda **words: real(**words, transport=lambda event: sent.append(event))
django.setup()
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import path

def broken(request, token):
    password = "hunter2"
    raise RuntimeError("on purpose")

class urls:
    urlpatterns = [path("access/<slug:token>/", broken)]
    handler500 = staticmethod(lambda request: HttpResponse(status=500))

settings.ROOT_URLCONF = urls
settings.MIDDLEWARE = ["sharing.middleware.watched"]
client = Client(raise_request_exception=False, REMOTE_ADDR="192.0.2.77")
client.cookies["sessionid"] = "the-session"
headers = {"X-Auth-Token": "the-token", "Host": "images.example.test"}
answer = client.post("/access/the-secret/?key=the-key", {"message": "dear-words"}, headers=headers)
assert answer.status_code == 500
sentry_sdk.flush()
print(json.dumps(sent))
"""


def run(**settings: str) -> subprocess.CompletedProcess[str]:
    environment = GOOD | {"PATH": os.environ["PATH"], "DATABASE_URL": "sqlite://:memory:"}
    return subprocess.run(
        [sys.executable, "-c", BROKEN],
        cwd=ROOT,
        env=environment | settings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_where_it_broke_and_nobodys_secret() -> None:
    done = run(SENTRY_DSN="https://key@sentry.example.test/1")
    assert done.returncode == 0, done.stderr
    (event,) = json.loads(done.stdout.splitlines()[-1])
    assert event["exception"]["values"][-1]["value"] == "on purpose"
    assert "/access/<slug:token>" in event["transaction"].replace("{token}", "<slug:token>")
    text = json.dumps(event)
    for secret in ("the-secret", "the-key", "the-session", "the-token", "dear-words", "192.0.2.77"):
        assert secret not in text
    assert "hunter2" not in json.dumps(
        event["exception"]["values"][-1]["stacktrace"]["frames"][-1].get("vars", {})
    )


def test_nothing_without_an_address() -> None:
    done = run()
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
