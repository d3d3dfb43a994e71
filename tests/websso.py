"""The way by WebSSO as a browser goes it, with the tokens of the fake Keystone."""

from __future__ import annotations

from typing import Any

from django.test import Client

START, BACK = "/sign-in/websso/start/", "/sign-in/websso/"
KEYSTONE = "https://keystone.test"
NEXT = "/inbox/?status=accepted"
CHOICES = {"openid": "Company login", "uni": "University <of> Tides"}
MAPPING = {"uni": "uni-idp/saml2"}


def begin(browser: Client, choice: str = "openid", target: str = NEXT) -> Any:
    return browser.post(START, {"choice": choice, "next": target})


def send(browser: Client, token: str, *, origin: str | None = KEYSTONE) -> Any:
    """As from another site: without a cookie of ours, whatever the browser has."""
    held, browser.cookies = browser.cookies, Client().cookies
    headers = {} if origin is None else {"Origin": origin}
    answer = browser.post(BACK, {"token": token}, headers=headers)
    held.update(browser.cookies)
    browser.cookies = held
    return answer


def is_signed_in(browser: Client) -> bool:
    return bool(browser.get("/inbox/").status_code == 200)
