"""A consumer's rule in a real browser: it runs by itself, and the open page shows what it did."""

from __future__ import annotations

from playwright.sync_api import expect

from portal.demo.pictures import sign_in
from portal.demo.story import ELI
from tests.browser.conftest import NewPage


def test_the_inbox_says_what_the_rule_did_and_undoes_it(new_page: NewPage) -> None:
    page = new_page()
    sign_in(page, ELI)
    page.goto("/inbox/")
    ran = page.locator("#rules-ran")
    expect(ran).to_contain_text("1 image accepted by your rule.")
    letters = page.locator("#tray .letter")
    expect(letters).to_have_count(0)
    ran.get_by_role("button", name="Undo").click()
    expect(page.locator("#messages")).to_contain_text("1 image waits for your decision again")
    expect(letters).to_have_count(1)
    page.reload()
    expect(page.locator("#rules-ran[hidden]")).to_have_count(1)
    expect(letters).to_have_count(1)
