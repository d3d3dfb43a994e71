"""Sharing with many in a browser: with the keyboard alone, with a script and without; and a tab
that is closed half-way."""

from __future__ import annotations

import uuid

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from portal.demo.stack import Demo
from tests.browser.conftest import NewPage
from tests.browser.test_loop import Person, people, sign_in, upload

__all__ = ["people"]

LONG = 60_000  # milliseconds: a list is worked off
MANY = 120


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until it has the focus."""
    for _again in range(150):
        if target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} cannot be reached with the keyboard")


def press(page: Page, name: str) -> None:
    tab_to(page, page.locator("main").get_by_role("button", name=name, exact=True))
    page.keyboard.press("Enter")


def type_over(page: Page, field: str, text: str) -> None:
    tab_to(page, page.locator(f"[name='{field}']"))
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.insert_text(text)


def count(page: Page, what: str) -> Locator:
    return page.locator(f"[data-count={what}]")


def members(demo: Demo, owner: Person, image_id: str) -> int:
    url = f"{demo.cloud.image_url}/v2/images/{image_id}/members"
    answer = requests.get(url, headers={"X-Auth-Token": owner.token}, timeout=30)
    return len(answer.json()["members"])


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_a_pasted_list_is_corrected_and_shared_by_keyboard(
    demo: Demo, new_page: NewPage, people: tuple[Person, Person], javascript: bool
) -> None:
    petra, image_id = people[0], upload(demo, people[0])
    page = new_page(java_script_enabled=javascript)
    sign_in(page, petra, at=f"/producer/images/{image_id}/members/bulk/")

    # 1. Twelve lines, three of them wrong.
    lines = [f"{uuid.uuid4().hex},c{n}@orchard.test,Hello {n}" for n in range(12)]
    lines[2] = "not-an-id,c2@orchard.test"
    lines[6] = f"{uuid.uuid4().hex},nonsense"
    lines[10] = petra.project_id
    type_over(page, "rows", "\n".join(lines))
    press(page, "Look it over")
    expect(count(page, "wrong")).to_have_text("3")
    assert members(demo, petra, image_id) == 0

    # 2. Two are corrected in the table, one is taken out.
    type_over(page, "project_id-3", uuid.uuid4().hex.upper())
    type_over(page, "email-7", "c6@orchard.test")
    tab_to(page, page.locator("[name=drop][value='11']"))
    page.keyboard.press("Space")
    press(page, "Save the corrections")
    expect(count(page, "wrong")).to_have_text("0")
    expect(count(page, "ready")).to_have_text("11")

    # 3. It runs: by itself with a script, else at a button.
    press(page, "Share")
    if not javascript:
        press(page, "Go on")
    expect(page.locator("#rows-title")).to_have_text("11 of 11", timeout=LONG)
    expect(page.locator("tr[data-state=done]")).to_have_count(11)
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "11")
    assert members(demo, petra, image_id) == 11


def test_a_closed_tab_is_a_pause(
    demo: Demo, new_page: NewPage, people: tuple[Person, Person]
) -> None:
    petra, image_id = people[0], upload(demo, people[0])
    page = new_page()
    sign_in(page, petra, at=f"/producer/images/{image_id}/members/bulk/")
    page.locator("[name=rows]").fill("\n".join(uuid.uuid4().hex for _ in range(MANY)))
    page.get_by_role("button", name="Look it over").click()
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.locator("#rows")).not_to_have_attribute("data-settled", "0", timeout=LONG)
    address, context = page.url, page.context
    page.close()
    assert 0 < members(demo, petra, image_id) < MANY

    page = context.new_page()
    page.goto(address)
    expect(page.locator("#rows-title")).to_have_text(f"{MANY} of {MANY}", timeout=LONG)
    assert members(demo, petra, image_id) == MANY


def test_a_paused_list_goes_on_at_a_button(
    demo: Demo, new_page: NewPage, people: tuple[Person, Person]
) -> None:
    petra, image_id = people[0], upload(demo, people[0])
    page = new_page()
    sign_in(page, petra, at=f"/producer/images/{image_id}/members/bulk/")
    page.locator("[name=rows]").fill("\n".join(uuid.uuid4().hex for _ in range(3)))
    page.get_by_role("button", name="Look it over").click()
    expect(page.get_by_role("button", name="Share", exact=True)).to_be_visible()
    # As after a press on “Pause” before anything was done.
    job = page.url
    token = page.locator("main [name=csrfmiddlewaretoken]").first.input_value()
    page.request.post(f"{job}start/", form={"csrfmiddlewaretoken": token}, headers={"Referer": job})
    page.goto(f"{job}?paused=1")
    expect(page.locator("#rows-title")).to_have_text("0 of 3")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#rows-title")).to_have_text("3 of 3", timeout=LONG)
