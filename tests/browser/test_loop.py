"""The whole loop in a browser, with JavaScript and without, against the real cloud."""

from __future__ import annotations

import re
import time
import uuid
from dataclasses import dataclass

import pytest
import requests
from playwright.sync_api import Page, expect

from portal.demo.stack import Demo
from tests.browser.conftest import NewPage
from tests.live.browser import forget_attempts

PASSWORD = "correct horse"


@dataclass(frozen=True)
class Person:
    name: str
    project_id: str
    token: str


@pytest.fixture
def people(demo: Demo) -> tuple[Person, Person]:
    """A producer and a consumer whom nobody knows yet."""
    forget_attempts(demo)

    def make(name: str) -> Person:
        name = f"{name}-{uuid.uuid4().hex[:6]}"
        project_id = demo.cloud.create_project(f"{name}-project")
        demo.cloud.grant(demo.cloud.create_user(name, PASSWORD), project_id, "member")
        return Person(name, project_id, demo.cloud.token(name, PASSWORD, project_id))

    return make("petra"), make("conrad")


def upload(demo: Demo, owner: Person) -> str:
    """A new, shared image with real bytes, straight to the Image API; its ID."""
    headers = {"X-Auth-Token": owner.token}
    url = f"{demo.cloud.image_url}/v2/images"
    facts = {"name": "Loop Linux 1", "disk_format": "raw", "container_format": "bare"}
    image = requests.post(url, json=facts, headers=headers, timeout=20).json()
    headers["Content-Type"] = "application/octet-stream"
    data = b"\0" * 1024
    requests.put(f"{url}/{image['id']}/file", data=data, headers=headers, timeout=20)
    return str(image["id"])


def link_in_mail(demo: Demo, to: str, *, containing: str) -> str:
    """The first such link in a mail to ``to``, as a path; waits for the worker to send it."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for letter in demo.mailbox.letters(to):
            for link in letter.links:
                if containing in link:
                    return link.removeprefix(demo.base_url)
        time.sleep(0.2)
    raise AssertionError(f"no mail to {to} with a link to {containing}")


def sign_in(page: Page, person: Person, *, at: str) -> None:
    page.goto(at)
    page.get_by_label("User name").fill(person.name)
    page.get_by_label("Password", exact=True).last.fill(PASSWORD)
    page.locator("main button[type=submit], main button:not([type])").first.click()
    expect(page.locator("h1")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_publish_ask_approve_and_accept(
    demo: Demo, new_page: NewPage, people: tuple[Person, Person], javascript: bool
) -> None:
    petra, conrad = people
    image_id = upload(demo, petra)
    email = f"{conrad.name}@orchard.test"
    producer, visitor, consumer = (new_page(java_script_enabled=javascript) for _ in range(3))

    publish(producer, petra, image_id)
    ask(visitor, conrad, email, title=f"Loop Linux of {petra.name}")
    visitor.goto(link_in_mail(demo, email, containing="confirm"))
    visitor.locator("main form[action*=confirm] button").click()
    expect(visitor.locator("[data-request]").first).to_have_attribute("data-state", "open")

    approve(producer, conrad)
    accept(consumer, conrad, image_id, link_in_mail(demo, email, containing="shares"))

    producer.goto(f"/producer/images/{image_id}/")
    row = producer.locator(f"[data-project='{conrad.project_id}']").first
    expect(row).to_have_attribute("data-status", "accepted")
    assert is_in_image_list(demo, conrad, image_id)


def publish(page: Page, petra: Person, image_id: str) -> None:
    sign_in(page, petra, at=f"/sign-in/?next=/producer/images/{image_id}/listing/")
    page.locator("[name=title]").fill(f"Loop Linux of {petra.name}")
    page.locator("[name=summary]").fill("Made for the loop.")
    page.locator("[name=contact_email]").fill(f"{petra.name}@acme.test")
    state = page.locator("[name=state]")
    if state.first.evaluate("element => element.tagName") == "SELECT":
        state.select_option("published")
    elif state.first.get_attribute("type") == "radio":
        page.locator("[name=state][value=published]").check()
    page.locator("main form button[name=state][value=published]").first.click()
    expect(page.locator("main")).to_contain_text("Published")


def ask(page: Page, conrad: Person, email: str, *, title: str) -> None:
    page.goto("/")
    page.locator("[name=q]").fill(title)
    page.locator("[name=q]").press("Enter")
    page.get_by_role("link", name=title).first.click()
    page.get_by_role("link", name=re.compile("request", re.IGNORECASE)).first.click()
    page.locator("[name=project_id]").fill(conrad.project_id)
    page.locator("[name=email]").fill(email)
    page.locator("[name=message]").fill("May we?")
    page.locator("main form[method=post] button").last.click()
    expect(page.locator("[data-request]").first).to_have_attribute("data-state", "unconfirmed")


def approve(page: Page, conrad: Person) -> None:
    page.goto("/producer/requests/")
    request = page.locator("[data-request]", has_text=conrad.project_id).first
    expect(request).to_have_attribute("data-state", "open")
    request.locator("button[name=decision][value=approve]").click()
    expect(page.locator("[data-request][data-state=open]")).to_have_count(0)


def accept(page: Page, conrad: Person, image_id: str, link: str) -> None:
    """Signed out, by the mail's link: sign in, come back to the share, accept it."""
    page.goto(link)
    assert "/sign-in/" in page.url
    sign_in(page, conrad, at=page.url)
    expect(page.locator(f"[data-image='{image_id}']").first).to_have_attribute(
        "data-status", "pending"
    )
    page.locator("button[name=status][value=accepted]").first.click()
    expect(page.locator(f"[data-image='{image_id}']").first).to_have_attribute(
        "data-status", "accepted"
    )
    page.goto("/inbox/?status=accepted")
    expect(page.locator(f"[data-image='{image_id}']").first).to_be_visible()


def is_in_image_list(demo: Demo, person: Person, image_id: str) -> bool:
    """Whether the consumer's own image list, as the command line shows it, has the image."""
    answer = requests.get(
        f"{demo.cloud.image_url}/v2/images",
        headers={"X-Auth-Token": person.token},
        timeout=20,
    )
    return image_id in [image["id"] for image in answer.json()["images"]]
