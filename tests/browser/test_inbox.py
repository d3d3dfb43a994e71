"""The inbox in a browser: by keys, and an answer undone, with a script and without."""

from __future__ import annotations

import re

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from portal.demo.stack import Demo
from tests.browser.conftest import NewPage
from tests.browser.test_loop import Person, people, sign_in, upload

__all__ = ["people"]

SHARES = 3


@pytest.fixture
def conrad(demo: Demo, people: tuple[Person, Person]) -> Person:
    """Three images wait for him."""
    petra, conrad = people
    headers, url = {"X-Auth-Token": petra.token}, f"{demo.cloud.image_url}/v2/images"
    for _ in range(SHARES):
        member = {"member": conrad.project_id}
        answer = requests.post(
            f"{url}/{upload(demo, petra)}/members", json=member, headers=headers, timeout=30
        )
        assert answer.status_code == 200
    return conrad


def letters(page: Page) -> Locator:
    return page.locator("li.letter")


def undo_button(page: Page) -> Locator:
    return page.get_by_role("button", name="Undo").last


def test_it_is_answered_by_keys(new_page: NewPage, conrad: Person) -> None:
    page = new_page()
    sign_in(page, conrad, at="/sign-in/?next=/inbox/")
    expect(letters(page)).to_have_count(SHARES)
    expect(page.locator("#count-accepted")).to_have_text("0")  # it has followed

    # 1. Two of three, and the focus comes to the one that is left.
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("li.letter:has(:checked)")).to_have_count(2)
    page.keyboard.press("a")
    expect(page.locator("#messages")).to_contain_text("2 images are in your image list now.")
    expect(letters(page)).to_have_count(1)
    expect(letters(page).locator(".letter-subject a")).to_be_focused()

    # 2. Undone.
    page.keyboard.press("u")
    expect(page.locator("#messages")).to_contain_text("Undone: 2 images are as they were.")
    expect(letters(page)).to_have_count(SHARES)

    # 3. The one that one is at, past whatever else is there.
    page.keyboard.press("k")
    page.keyboard.press("r")
    expect(page.locator("#messages")).to_contain_text("is hidden from your image list now.")
    expect(letters(page)).to_have_count(SHARES - 1)

    # 4. In a field they are letters.
    page.get_by_role("searchbox").fill("")
    page.get_by_role("searchbox").press_sequentially("jarl?")
    expect(page.get_by_role("searchbox")).to_have_value("jarl?")
    expect(letters(page)).to_have_count(SHARES - 1)
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_the_keys_are_listed_and_can_be_switched_off_for_good(
    new_page: NewPage, conrad: Person
) -> None:
    page = new_page()
    sign_in(page, conrad, at="/sign-in/?next=/inbox/")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys in the inbox")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    page.get_by_role("button", name="Keys").click()
    dialog.get_by_role("checkbox").uncheck()
    dialog.get_by_role("button", name="Close").click()
    page.reload()
    for key in ("?", "j", "a"):
        page.keyboard.press(key)
    expect(dialog).to_be_hidden()
    expect(letters(page)).to_have_count(SHARES)

    page.get_by_role("button", name="Keys").click()
    dialog.get_by_role("checkbox").check()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(letters(page).first.locator(".letter-subject a")).to_be_focused()


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_an_answer_is_undone(new_page: NewPage, conrad: Person, javascript: bool) -> None:
    page = new_page(java_script_enabled=javascript)
    sign_in(page, conrad, at="/sign-in/?next=/inbox/")
    if javascript:
        page.get_by_label("Select all").check()
    else:
        for box in page.locator("[name=image]").all():
            box.check()
    page.locator(".toolbar").get_by_role("button", name="Hide from my image list").click()
    expect(page.locator("#messages")).to_contain_text("3 images are hidden")
    expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()
    undo_button(page).click()
    expect(page.locator("#messages")).to_contain_text("Undone: 3 images are as they were.")
    expect(letters(page)).to_have_count(SHARES)

    letters(page).first.get_by_role("button", name=re.compile("^Show in my image list")).click()
    expect(undo_button(page)).to_be_visible()
    expect(letters(page)).to_have_count(SHARES - 1)


def test_the_button_goes_after_ten_seconds(new_page: NewPage, conrad: Person) -> None:
    page = new_page()
    sign_in(page, conrad, at="/sign-in/?next=/inbox/")
    letters(page).first.get_by_role("button", name=re.compile("^Show")).click()
    expect(undo_button(page)).to_be_visible()
    name_and_length = "(one) => [one.animationName, one.effect.getTiming().duration]"
    lengths = page.evaluate(f"document.getAnimations().map({name_and_length})")
    assert ["undo-gone", 10_000] in lengths
    page.evaluate("document.getAnimations().forEach((one) => one.finish())")
    expect(undo_button(page)).to_be_hidden()
    expect(page.locator("#messages")).to_contain_text("is in your image list now.")


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_on_a_phone_the_first_letter_is_on_the_first_screen(
    new_page: NewPage, conrad: Person, javascript: bool
) -> None:
    page = new_page(viewport={"width": 360, "height": 740}, java_script_enabled=javascript)
    sign_in(page, conrad, at="/sign-in/?next=/inbox/")
    first, order = letters(page).first, page.get_by_label("Order")
    box = first.locator(".letter-subject").bounding_box()
    assert box
    assert box["y"] < 740, "the filters and the toolbar push it away"

    # What is for several comes with the first that is ticked, the filters at a click.
    for_several = page.locator(".toolbar").get_by_role("button", name="Show in my image list")
    expect(for_several).to_be_hidden()
    first.get_by_role("checkbox").check()
    expect(for_several).to_be_visible()
    expect(order).to_be_hidden()
    page.get_by_text("Filter and sort").click()
    expect(order).to_be_visible()

    page.set_viewport_size({"width": 1280, "height": 740})
    page.reload()
    expect(order).to_be_visible()
    expect(page.get_by_text("Filter and sort")).to_be_hidden()
