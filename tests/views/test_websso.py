"""Signing in by Keystone's WebSSO, as the browser goes; Keystone's own part is in tests/live."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests.fake.cloud import FakeCloud
from tests.visitor import page_of
from tests.websso import BACK, KEYSTONE, NEXT, START, begin, is_signed_in, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("websso")]


def test_the_sign_in_page_has_a_button_for_each() -> None:
    page = page_of("/sign-in/", next=NEXT)
    assert 'name="choice" value="openid"' in page
    assert "University &lt;of&gt; Tides" in page
    assert page.count(f'name="next" value="{NEXT}"') == 2


def test_without_choices_there_is_nothing_of_it(settings: Settings, websso_token: str) -> None:
    settings.WEBSSO_CHOICES = {}
    assert "websso" not in page_of("/sign-in/")
    assert begin(Client()).status_code == 404
    assert Client().get(BACK).status_code == 404
    assert send(Client(), websso_token).status_code == 404


@pytest.mark.parametrize(
    ("choice", "path"),
    [
        ("openid", "/v3/auth/OS-FEDERATION/websso/openid"),
        ("uni", "/v3/auth/OS-FEDERATION/identity_providers/uni-idp/protocols/saml2/websso"),
    ],
)
def test_a_button_leads_to_keystone_by_a_page_of_its_own(choice: str, path: str) -> None:
    answer = begin(Client(), choice)
    there = str(answer.context["there"])
    assert answer.status_code == 200  # no redirect, which form-action would be held against
    assert there.startswith(f"{KEYSTONE}{path}?")
    assert parse_qs(urlsplit(there).query) == {"origin": ["http://localhost/sign-in/websso/"]}
    assert answer.content.decode().count(there) == 2  # by itself, and as a link
    assert "form-action 'self'" in answer["Content-Security-Policy"]


def test_keystone_has_an_address_for_browsers(settings: Settings, websso_token: str) -> None:
    settings.WEBSSO_KEYSTONE_URL = "https://Public.Keystone.test:443/identity/v3/"
    settings.BASE_URL = "https://Portal.test"
    browser = Client()
    there = begin(browser).context["there"]
    assert there.startswith("https://Public.Keystone.test:443/identity/v3/auth/OS-FEDERATION/")
    assert there.endswith("?origin=https%3A%2F%2Fportal.test%2Fsign-in%2Fwebsso%2F")
    assert send(browser, websso_token).status_code == 403
    assert send(browser, websso_token, origin="https://public.keystone.test").status_code == 302


def test_an_unknown_choice_is_not_there(fake: FakeCloud) -> None:
    for choice in ("", "saml2", "../x"):
        assert begin(Client(), choice).status_code == 404
    assert Client().get(START).status_code == 405


def test_the_token_signs_in_and_leads_on(gone: Client, websso_token: str) -> None:
    answer = send(gone, websso_token)
    assert (answer.status_code, answer["Location"]) == (302, BACK)
    answer = gone.get(BACK)
    assert (answer.status_code, answer["Location"]) == (302, NEXT)
    assert "<strong>aardvark</strong>" in page_of("/inbox/", gone)
    assert "zebra" in page_of("/inbox/", gone)
    assert not gone.cookies["websso"].value


def test_it_signs_in_for_the_project_that_the_link_names(
    fake: FakeCloud, websso_token: str
) -> None:
    zebra = next(one.id for one in fake.keystone.projects.values() if one.name == "zebra")
    browser = Client()
    begin(browser, target=f"/inbox/?project={zebra}")
    send(browser, websso_token)
    browser.get(BACK)
    assert "<strong>zebra</strong>" in page_of("/inbox/", browser)


def test_it_never_leads_to_another_site(websso_token: str) -> None:
    browser = Client()
    begin(browser, target="https://evil.test/")
    send(browser, websso_token)
    assert browser.get(BACK)["Location"] == "/"


def test_another_protocols_token_is_refused(gone: Client, fake: FakeCloud) -> None:
    fay = fake.user("fay", projects=[fake.project("p")])
    send(gone, fake.keystone.websso_token(fay.id, protocol="saml2"))
    assert gone.get(BACK).status_code == 422
    assert not is_signed_in(gone)


# A stranger's token.


def test_a_token_that_this_browser_did_not_ask_for_is_refused(websso_token: str) -> None:
    victim = Client()
    assert send(victim, websso_token).status_code == 302
    answer = victim.get(BACK)
    assert answer.status_code == 403
    assert "not begun in this browser" in answer.content.decode()
    assert not is_signed_in(victim)


@pytest.mark.parametrize(
    "origin",
    [None, "null", "", "https://evil.test", "https://keystone.test.evil.test",
     "http://keystone.test", "https://keystone.test:5000", "http://testserver"],
)  # fmt: skip
def test_a_token_from_another_page_than_keystones_is_refused_while_a_sign_in_is_under_way(
    gone: Client, websso_token: str, origin: str | None
) -> None:
    answer = send(gone, websso_token, origin=origin)
    assert answer.status_code == 403
    assert "Nobody was signed in" in answer.content.decode()
    assert gone.get(BACK).status_code == 403
    assert not is_signed_in(gone)


def test_a_refused_one_leaves_the_sign_in_under_way(gone: Client, websso_token: str) -> None:
    send(gone, websso_token, origin="https://evil.test")
    send(gone, websso_token)
    assert gone.get(BACK).status_code == 302


def test_a_token_is_taken_once(gone: Client, websso_token: str) -> None:
    send(gone, websso_token)
    carried = gone.cookies["websso"].value
    gone.get(BACK)
    gone.post("/sign-out/")
    gone.cookies["websso"] = carried
    assert gone.get(BACK).status_code == 403
    send(gone, websso_token)
    assert gone.get(BACK).status_code == 403
    assert not is_signed_in(gone)


def test_a_sign_in_that_takes_too_long_begins_again(gone: Client, websso_token: str) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1), tick=False):
        send(gone, websso_token)
        assert gone.get(BACK).status_code == 403


def test_a_carried_token_is_good_for_a_moment(gone: Client, websso_token: str) -> None:
    send(gone, websso_token)
    with time_machine.travel(timezone.now() + timedelta(minutes=2, seconds=2), tick=False):
        assert gone.get(BACK).status_code == 403


@pytest.mark.parametrize("forged", ["", "x", "gAAAAABxxxx", "\x00", "é"])
def test_a_forged_cookie_is_none(gone: Client, forged: str) -> None:
    gone.cookies["websso"] = forged
    assert gone.get(BACK).status_code == 403


@pytest.mark.parametrize("nonsense", ["", " ", "a b", "x" * 2701, "a\r\nX-Evil: b", "é", "\x00"])
def test_what_is_no_token_is_refused(fake: FakeCloud, gone: Client, nonsense: str) -> None:
    answer = send(gone, nonsense)
    assert answer.status_code == 403
    assert "nothing that one could sign in with" in answer.content.decode()
    assert "websso" not in answer.cookies
    assert not fake.calls


def test_the_longest_token_fits_into_the_cookie(gone: Client) -> None:
    cookie = send(gone, "x" * 2700).cookies["websso"]
    assert len(cookie.OutputString()) < 4000


@pytest.mark.parametrize("is_https", [True, False])
def test_the_cookie_is_as_secure_as_the_sessions(
    gone: Client, websso_token: str, settings: Settings, is_https: bool
) -> None:
    settings.SESSION_COOKIE_SECURE = is_https
    assert bool(send(gone, websso_token).cookies["websso"]["secure"]) is is_https


def test_a_form_of_another_site_cannot_begin_one() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(START, {"choice": "openid"}).status_code == 403


def test_keystones_form_needs_no_token_of_ours(websso_token: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert send(strict, websso_token).status_code == 302
