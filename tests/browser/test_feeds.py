"""What the pages say of feeds is there."""

from __future__ import annotations

from playwright.sync_api import Page

from portal.demo.stack import Demo
from portal.demo.story import CHEN
from tests.browser.conftest import NewPage
from tests.browser.test_pages import signed_in_page
from tests.feeds import parse


def feeds_in_head(page: Page) -> list[str]:
    links = page.locator("head link[rel=alternate][type='application/atom+xml']")
    return [str(link.get_attribute("href")) for link in links.all()]


def read(page: Page, address: str) -> list[str]:
    answer = page.request.get(address)
    assert answer.ok, address
    return parse(answer.body()).titles


def test_a_search_its_producers_and_its_tags_can_be_followed(demo: Demo, new_page: NewPage) -> None:
    page = new_page()
    page.goto("/")
    page.get_by_label("Search the catalogue").fill("bookworm")
    link = page.get_by_role("link", name="Follow this search")
    link.wait_for()  # the search is live
    [title] = read(page, str(link.get_attribute("href")))
    page.get_by_role("link", name=title).click()
    of_producer, *of_tags = feeds_in_head(page)
    assert len(read(page, of_producer)) > 1
    assert of_tags
    assert all(title in read(page, address) for address in of_tags)


def test_the_foot_of_every_page_leads_to_both(demo: Demo, new_page: NewPage) -> None:
    page = new_page()
    page.goto("/sign-in/")
    foot = page.get_by_role("contentinfo")
    assert read(page, str(foot.get_by_role("link", name="Atom feed").get_attribute("href")))
    as_json = foot.get_by_role("link", name="Catalogue as JSON").get_attribute("href")
    assert page.request.get(str(as_json)).json()["count"]


def test_a_secret_feed_is_read_without_a_session_until_it_is_revoked(
    demo: Demo, new_page: NewPage
) -> None:
    page, reader = signed_in_page(new_page, CHEN.name), new_page()
    page.goto("/inbox/feeds/")
    page.get_by_role("button", name="Make an address").click()
    shown = page.locator("[data-feed-address]")
    address = str(shown.get_attribute("data-feed-address"))
    assert any("orchard" in title for title in read(reader, address))
    page.get_by_text("Revoke…").click()
    page.get_by_role("button", name="Revoke the address").click()
    page.get_by_role("button", name="Make an address").wait_for()
    assert reader.request.get(address).status == 404
