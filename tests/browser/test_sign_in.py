"""The other ways to sign in, in a browser and with the real Keystone: its receipts, and its WebSSO
behind the page of a company, which is another site than the portal's.
"""

from __future__ import annotations

import html

import pytest
from playwright.sync_api import Page, Request, Route, expect

from portal.demo import company
from portal.demo.passcodes import passcode, wrong_passcode
from portal.demo.stack import Demo
from portal.demo.story import COMPANY, FAY, GUS
from sharing.cloud import websso
from sharing.cloud.websso import Choice
from tests.browser.conftest import NewPage

scripts = pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
EVIL = "http://evil.example/"


def keystone_page(demo: Demo) -> str:
    choice = Choice(company.PROTOCOL, COMPANY, company.PROTOCOL)
    address = demo.cloud.auth_url.replace("127.0.0.1", "localhost")
    return websso.address(address, choice, origin=f"{demo.base_url}/sign-in/websso/")


def sign_in_at_the_company(page: Page, *, javascript: bool = True) -> None:
    expect(page.locator("h1")).to_have_text("Example Company")
    page.get_by_label("Name").fill(FAY.name)
    page.get_by_label("Password").fill(FAY.password)
    page.get_by_role("button").click()
    if not javascript:  # Keystone's page sends the token by itself otherwise
        page.locator("input[type=submit]").click()


def is_signed_out(page: Page) -> bool:
    page.goto("/inbox/")
    return "/sign-in/" in page.url


@scripts
def test_a_passcode_after_the_password(new_page: NewPage, javascript: bool) -> None:
    page = new_page(java_script_enabled=javascript)
    page.goto("/sign-in/?next=/inbox/")
    page.get_by_label("User name").fill(GUS.name)
    page.get_by_label("Password", exact=True).last.fill(GUS.password)
    page.locator("main form button").first.click()
    code = page.get_by_label("One-time passcode")
    expect(code).to_be_focused()
    code.fill(wrong_passcode(GUS.passcode_secret))
    page.keyboard.press("Enter")
    expect(page.locator("[data-errors]")).to_contain_text("This passcode is not right")
    code.fill(passcode(GUS.passcode_secret))
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox/")


@scripts
def test_at_the_company_and_back(demo: Demo, new_page: NewPage, javascript: bool) -> None:
    page = new_page(java_script_enabled=javascript)
    ways_back: list[Request] = []
    page.on("request", lambda one: ways_back.append(one) if "websso/" in one.url else None)
    page.goto("/sign-in/?next=/inbox/%3Fstatus%3Daccepted")
    page.get_by_role("button", name=COMPANY).click()
    sign_in_at_the_company(page, javascript=javascript)
    page.wait_for_url("**/inbox/?status=accepted")
    expect(page.locator(".site-user")).to_contain_text(FAY.projects[0])
    assert [one["name"] for one in page.context.cookies() if one["name"] == "websso"] == []
    way_back = next(one for one in ways_back if one.method == "POST" and demo.base_url in one.url
                    and one.url.endswith("/sign-in/websso/"))  # fmt: skip
    assert "cookie" not in way_back.all_headers()  # it is another site


def attack(page: Page, demo: Demo) -> None:
    """A page that somebody leads the browser to, and that sends his own token to the portal."""
    token = html.escape(company.sign_in(keystone_page(demo), "mallory"))
    form = f"""<form method="post" action="{demo.base_url}/sign-in/websso/">
        <input name="token" value="{token}"><button>A prize!</button></form>"""
    page.route(f"{EVIL}**", lambda route: _serve(route, form))
    page.goto(EVIL)
    page.get_by_role("button").click()
    expect(page.locator("h1")).to_have_text("Nobody was signed in")


def _serve(route: Route, body: str) -> None:
    route.fulfill(status=200, content_type="text/html", body=body)


def test_a_strangers_token_signs_nobody_in(demo: Demo, new_page: NewPage) -> None:
    demo.cloud.employ("mallory", "orchard")
    page = new_page()
    attack(page, demo)
    assert is_signed_out(page)


def test_not_even_while_a_sign_in_is_under_way_which_then_goes_on(
    demo: Demo, new_page: NewPage
) -> None:
    demo.cloud.employ("mallory", "orchard")
    page = new_page()
    page.goto("/sign-in/?next=/inbox/")
    page.get_by_role("button", name=COMPANY).click()
    expect(page.locator("h1")).to_have_text("Example Company")
    attack(page, demo)
    assert is_signed_out(page)
    page.goto(keystone_page(demo))
    sign_in_at_the_company(page)
    page.wait_for_url("**/inbox/")
    expect(page.locator(".site-user")).to_contain_text(FAY.name)


def test_a_sign_in_that_was_begun_elsewhere_signs_nobody_in(demo: Demo, new_page: NewPage) -> None:
    """Keystone's own page sends the token, but nobody pressed the portal's button."""
    page = new_page()
    page.goto("/sign-in/")
    page.goto(keystone_page(demo))
    sign_in_at_the_company(page)
    expect(page.locator("h1")).to_have_text("Nobody was signed in")
    assert is_signed_out(page)
