"""`make screenshots`: the pictures in docs/screenshots, taken from a fresh demo."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from portal.demo.browser import chromium
from portal.demo.cloud_template import ROOT
from portal.demo.stack import Demo
from portal.demo.story import ADA, CHEN, Person

FOLDER = ROOT / "docs" / "screenshots"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
WIDE, PHONE = (1280, 800), (360, 740)
Scheme = Literal["light", "dark"]


class Photographer:
    """One browser; each picture in a new profile, of what a visitor or a person sees."""

    def __init__(self, browser: Browser, demo: Demo) -> None:
        self._browser = browser
        self._demo = demo

    def take(
        self,
        name: str,
        path: str,
        *,
        who: Person | None = None,
        link: str = "",
        size: tuple[int, int] = WIDE,
        scheme: Scheme = "light",
    ) -> None:
        """The page at `path`, or the one behind its first link that has `link` in its address."""
        context = self._browser.new_context(
            base_url=self._demo.base_url,
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
        )
        page = context.new_page()
        if who:
            sign_in(page, who)
        page.goto(path)
        if link:
            page.locator(f"main :is(article, tr, li) a[href*='{link}']").first.click()
            page.wait_for_url(re.compile(link))
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / f"{name}.png", full_page=size == WIDE)
        context.close()


def sign_in(page: Page, person: Person) -> None:
    page.goto("/sign-in/")
    page.locator("[name=username]").fill(person.name)
    page.locator("[name=password]").fill(person.password)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        Demo(Path(folder) / "state", is_seeded=True, usual_ports=False) as demo,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=str(chromium()), args=FLAGS)
        camera = Photographer(browser, demo)
        camera.take("catalogue", "/")
        camera.take("catalogue-phone", "/", size=PHONE, scheme="dark")
        camera.take("listing", "/", link="/catalogue/")
        camera.take("inbox", "/inbox/", who=CHEN)
        camera.take("inbox-phone", "/inbox/", who=CHEN, size=PHONE)
        camera.take("share", "/inbox/", who=CHEN, link="/shares/")
        camera.take("producer", "/producer/", who=ADA)
        camera.take("shares", "/producer/shares/", who=ADA)
        camera.take("images", "/producer/images/", who=ADA)
        camera.take("image", "/producer/images/", who=ADA, link="/producer/images/")
        camera.take("requests", "/producer/requests/", who=ADA, scheme="dark")
        browser.close()


if __name__ == "__main__":
    main()
