"""The producer's desk in a browser: what follows by itself, and what a decision on many says."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from portal.demo.stack import Demo
from tests.browser.conftest import NewPage
from tests.browser.test_loop import Person, people, publish, sign_in, upload

__all__ = ["people"]


def ask_twice(page: Page, conrad: Person, title: str) -> None:
    sign_in(page, conrad, at="/sign-in/?next=/")
    for message in ("May we?", "And a second time?"):
        page.goto(f"/?q={title}")
        page.get_by_role("link", name=title).first.click()
        page.get_by_role("link", name="Request access").first.click()
        page.locator("[name=email]").fill(f"{conrad.name}@orchard.test")
        page.locator("[name=message]").fill(message)
        page.get_by_role("button", name="Send the request").click()
        expect(page.locator("[data-request]").first).to_have_attribute("data-state", "open")


def test_a_decision_on_many_says_what_became_of_each(
    demo: Demo, new_page: NewPage, people: tuple[Person, Person]
) -> None:
    petra, conrad = people
    image_id = upload(demo, petra)
    producer, consumer = new_page(viewport={"width": 360, "height": 800}), new_page()
    publish(producer, petra, image_id)
    ask_twice(consumer, conrad, f"Loop Linux of {petra.name}")

    producer.goto("/producer/requests/")
    producer.get_by_label("Select all").check()
    producer.get_by_role("button", name="Decline the ticked").click()
    expect(producer.locator("main")).to_contain_text("2 requests are ticked")
    producer.get_by_role("button", name="Approve and share").click()
    expect(producer.locator("main")).to_contain_text("2 of 2 carried out.")
    assert producer.evaluate("document.documentElement.scrollWidth") <= 360
    result = Axe().run(producer)
    assert not result.violations_count, result.generate_report()


def test_a_rule_brings_the_open_page_up_to_date(
    demo: Demo, new_page: NewPage, people: tuple[Person, Person]
) -> None:
    petra, conrad = people
    image_id = upload(demo, petra)
    producer, consumer = new_page(), new_page()
    said: list[str] = []
    producer.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    publish(producer, petra, image_id)
    ask_twice(consumer, conrad, f"Loop Linux of {petra.name}")
    producer.goto(f"/producer/images/{image_id}/request-form/")
    producer.get_by_label("Approve by itself").check()
    producer.get_by_label("Projects to approve").fill(conrad.project_id)
    producer.get_by_role("button", name="Save the rule").click()

    producer.goto("/producer/requests/")
    expect(producer.locator("#rules")).to_contain_text("By rule, 2 requests were approved")
    expect(producer.locator("[data-request][data-state=approved]")).to_have_count(2)
    expect(producer.locator("#queue-tabs")).to_contain_text("Open 0")
    producer.goto("/producer/")
    expect(producer.locator("#figures table").last).to_contain_text("Loop Linux 1")
    assert [line for line in said if line.startswith("error")] == []


def test_figures_that_fail_take_nothing_away(
    demo: Demo, new_page: NewPage, people: tuple[Person, Person]
) -> None:
    petra, _conrad = people
    upload(demo, petra)
    page = new_page()
    sign_in(page, petra, at="/sign-in/?next=/producer/images/")
    page.route(
        "**/producer/figures/", lambda route: route.fulfill(status=502, body="<!doctype html>")
    )
    page.goto("/producer/")
    expect(page.locator("#figures")).to_contain_text("not available just now")
    expect(page.locator("h1")).to_have_text("What needs you")
    page.unroute("**/producer/figures/")
    page.locator("#figures").get_by_role("link", name="Try again").click()
    expect(page.locator("#figures table").last).to_contain_text("Loop Linux 1")
