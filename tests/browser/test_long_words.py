"""Names as long as they may be, in one word: whoever gives them, nobody's page becomes wider."""

from __future__ import annotations

import pytest
import requests
from playwright.sync_api import Page

from portal.demo.stack import Demo
from portal.demo.visitor import Visitor
from tests.browser.conftest import NewPage
from tests.browser.test_loop import PASSWORD, Person, people, sign_in, upload
from tests.browser.test_pages import watch

__all__ = ["people"]

WIDTHS = (320, 800, 1280)
EMAIL = f"{'e' * 60}@{'d' * 60}.{'d' * 60}.test"
LISTING = {
    "title": "T" * 120,
    "summary": "S" * 300,
    "description": "D" * 2000,
    "terms": "C" * 2000,
    "tags": "g" * 40,
    "contact_email": EMAIL,
    "state": "published",
}


@pytest.fixture
def story(demo: Demo, people: tuple[Person, Person]) -> tuple[str, str]:
    """An image, shared, rejected with a reason and asked for again; its ID, and its listing."""
    petra, conrad = people
    image_id = upload(demo, petra)
    change = [{"op": "replace", "path": "/name", "value": "W" * 255}]
    changed = requests.patch(
        f"{demo.cloud.image_url}/v2/images/{image_id}",
        json=change,
        headers={
            "X-Auth-Token": petra.token,
            "Content-Type": "application/openstack-images-v2.1-json-patch",
        },
        timeout=20,
    )
    assert changed.status_code == 200, changed.text
    producer, consumer = Visitor(demo.base_url), Visitor(demo.base_url)
    producer.sign_in(petra.name, PASSWORD)
    consumer.sign_in(conrad.name, PASSWORD)
    image = f"/producer/images/{image_id}/"
    producer.post(f"{image}listing/", **LISTING)
    to = {"project_id": conrad.project_id, "email": EMAIL}
    producer.post(f"{image}members/", **to, note="N" * 500)
    consumer.post(f"/shares/{image_id}/status/", status="rejected", reason="R" * 500)
    listing = next(path for path in listings(consumer) if path.startswith("/catalogue/ttt"))
    asked = {"project_id": conrad.project_id, "message": "M" * 1000, "accept_terms": "on"}
    consumer.post(f"{listing}request/", **asked, email=EMAIL)
    return image_id, listing


def listings(visitor: Visitor) -> list[str]:
    return [f"/catalogue/{slug}/" for slug in visitor.get("/?q=TTTT").marked["data-listing"]]


def test_nothing_sticks_out_sideways(
    new_page: NewPage, people: tuple[Person, Person], story: tuple[str, str]
) -> None:
    petra, conrad = people
    image_id, listing = story
    image, share = f"/producer/images/{image_id}/", f"/shares/{image_id}/"
    desk = ("", "images/", "shares/", "requests/", "history/", "mail/", "bulk/")
    below = ("", "listing/", "edit/", "delete/", "request-form/", f"members/{conrad.project_id}/")
    places = {
        petra: [*(f"/producer/{one}" for one in desk), *(f"{image}{one}" for one in below)],
        conrad: ["/inbox/?status=rejected", share, f"{share}report/", "/inbox/requests/"],
        None: ["/?q=TTTT", listing, f"{listing}request/"],
    }
    too_wide = {
        (path, width): found
        for who, paths in places.items()
        for path, width, found in seen(new_page(), who, paths)
        if found > width
    }
    assert too_wide == {}


def seen(page: Page, who: Person | None, paths: list[str]) -> list[tuple[str, int, int]]:
    """Each page's address, the window's width, and its own."""
    if who:
        sign_in(page, who, at="/sign-in/")
    found, wire_is_quiet = [], watch(page)
    for path in paths:
        answer = page.goto(path)
        assert answer
        assert answer.ok, path
        wire_is_quiet()
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            found.append((path, width, page.evaluate("document.documentElement.scrollWidth")))
    return found
