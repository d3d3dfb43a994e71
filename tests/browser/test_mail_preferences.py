"""The mail preferences in a browser, and their mails on the way through the real SMTP server."""

from __future__ import annotations

import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from portal.demo.stack import Demo
from tests.browser.conftest import NewPage
from tests.browser.test_loop import Person, link_in_mail, people, sign_in, upload

__all__ = ["people"]


def test_the_team_confirms_is_told_and_stops_with_one_click(
    demo: Demo, new_page: NewPage, people: tuple[Person, Person]
) -> None:
    petra, conrad = people
    team = f"team-{conrad.name}@orchard.test"
    image_id = upload(demo, petra)
    consumer, producer = new_page(viewport={"width": 360, "height": 800}), new_page()
    register(consumer, conrad, team)
    confirm(new_page(), link_in_mail(demo, team, containing="confirm"))

    sign_in(producer, petra, at=f"/sign-in/?next=/producer/images/{image_id}/")
    producer.get_by_label("Project ID").fill(conrad.project_id)
    producer.get_by_role("button", name="Share", exact=True).click()
    expect(producer.locator("main")).to_contain_text("told at an address of its own")
    assert team not in producer.content()

    stop = link_in_mail(demo, team, containing="unsubscribe")
    letter = next(one for one in demo.mailbox.letters(team) if image_id in one.text)
    headers = dict(letter.headers)
    assert headers["List-Unsubscribe"].strip("<> ").endswith(stop)
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    body = {"List-Unsubscribe": "One-Click"}
    answer = requests.post(demo.base_url + stop, data=body, timeout=20, allow_redirects=False)
    assert answer.status_code == 200
    consumer.goto("/inbox/mail/")
    expect(consumer.locator("main")).to_contain_text(f"Somebody who reads {team} stopped")


def register(page: Page, conrad: Person, team: str) -> None:
    sign_in(page, conrad, at="/sign-in/?next=/inbox/mail/")
    page.get_by_label("The team’s e-mail address").fill(team)
    page.get_by_role("button", name="Register it").click()
    expect(page.locator("main")).to_contain_text("Not confirmed yet")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    result = Axe().run(page)
    assert not result.violations_count, result.generate_report()


def confirm(page: Page, link: str) -> None:
    """Opening it is not enough."""
    page.goto(link)
    expect(page.locator("h1")).to_have_text("Confirm this address")
    page.get_by_role("button", name="Yes, send them here").click()
    expect(page.locator("h1")).to_have_text("The address is confirmed")
