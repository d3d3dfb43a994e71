"""What waits in another project, in a browser: in the header and the title, and one click away."""

from __future__ import annotations

import re

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from portal.demo.stack import Demo
from tests.browser.conftest import NewPage
from tests.browser.test_loop import PASSWORD, Person, people, sign_in, upload

__all__ = ["people"]


@pytest.fixture
def second(demo: Demo, people: tuple[Person, Person]) -> Person:
    """The consumer for another project, in which an image waits."""
    petra, conrad = people
    name = f"{conrad.name}-too"
    project_id = demo.cloud.create_project(f"{conrad.name}-second")
    user_id = demo.cloud.create_user(name, PASSWORD)
    for one in (conrad.project_id, project_id):
        demo.cloud.grant(user_id, one, "member")
    for _image in range(2):
        url = f"{demo.cloud.image_url}/v2/images/{upload(demo, petra)}/members"
        headers = {"X-Auth-Token": petra.token}
        requests.post(url, json={"member": project_id}, headers=headers, timeout=20)
    return Person(name, project_id, "")


def test_it_comes_by_itself_and_one_click_switches(new_page: NewPage, second: Person) -> None:
    page = new_page(viewport={"width": 360, "height": 800})
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    sign_in(page, second, at="/sign-in/?next=/inbox/")
    there = page.locator("main").get_by_role("button", name="2 wait in project")
    expect(there).to_be_visible()
    assert page.title().startswith("Inbox")
    assert page.evaluate("document.activeElement === document.body")
    result = Axe().run(page)
    assert not result.violations_count, result.generate_report()

    there.click()
    expect(page.locator(".letter[data-status=pending]")).to_have_count(2)
    expect(page.locator("#waiting .count")).to_have_text("2")
    expect(page).to_have_title(re.compile(r"^\(2\) Inbox"))
    page.get_by_role("button", name="Show in my image list").last.click()
    expect(page.locator("#waiting .count")).to_have_text("1")
    expect(page).to_have_title(re.compile(r"^\(1\) Inbox"))
    assert [line for line in said if line.startswith("error")] == []


def test_when_it_fails_the_page_stays_and_says_so(new_page: NewPage, second: Person) -> None:
    page = new_page()
    page.route("**/inbox/waiting/", lambda route: route.fulfill(status=502, body="<!doctype html>"))
    sign_in(page, second, at="/sign-in/?next=/inbox/")
    said = page.locator("main").get_by_text("is not available just now")
    expect(said).to_be_visible()
    expect(page.locator("h1")).to_have_text("Inbox")
