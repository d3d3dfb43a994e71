"""What holds for every page: accessible, fitting, light."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from portal.demo.stack import Demo
from tests.browser.conftest import NewPage
from tests.browser.places import PEOPLE, places

WEIGHT = 80 * 1024
Scheme = Literal["light", "dark"]


def signed_in_page(new_page: NewPage, who: str, **options: Any) -> Page:
    page = new_page(**options)
    if who:
        page.goto("/sign-in/")
        page.get_by_label("User name").fill(who)
        page.get_by_label("Password", exact=True).last.fill(PEOPLE[who])
        page.locator("main form button").first.click()
        page.wait_for_load_state()
    return page


@pytest.mark.parametrize("who", ["", *PEOPLE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(demo: Demo, new_page: NewPage, who: str, scheme: Scheme) -> None:
    page = signed_in_page(new_page, who, color_scheme=scheme, reduced_motion="reduce")
    faults = []
    for path in places(demo, who):
        page.goto(path)
        result = Axe().run(page)
        if result.violations_count:
            faults.append(f"{path}\n{result.generate_report()}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("who", ["", *PEOPLE])
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_nothing_sticks_out_sideways(demo: Demo, new_page: NewPage, who: str, width: int) -> None:
    page = signed_in_page(new_page, who, viewport={"width": width, "height": 800})
    too_wide = {}
    for path in places(demo, who):
        page.goto(path)
        actual = page.evaluate("document.documentElement.scrollWidth")
        if actual > width:
            too_wide[path] = actual
    assert not too_wide


@pytest.mark.parametrize("who", ["", *PEOPLE])
def test_the_first_load_is_light(demo: Demo, new_page: NewPage, who: str) -> None:
    """Bytes over the wire with an empty browser cache, all assets included."""
    page = signed_in_page(new_page, who)
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    received: list[float] = []
    wire.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    too_heavy = {}
    for path in places(demo, who):
        received.clear()
        page.goto(path, wait_until="networkidle")
        assert received
        if sum(received) > WEIGHT:
            too_heavy[path] = sum(received)
    assert not too_heavy


def test_no_page_complains_in_the_console(demo: Demo, new_page: NewPage) -> None:
    """A script error, or a style that the Content-Security-Policy refused, would be said there."""
    page = signed_in_page(new_page, "")
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    for path in places(demo, ""):
        page.goto(path, wait_until="networkidle")
    mere_hints = ("debug:", "verbose:", "log:", "info:")
    faults = [line for line in said if not line.startswith(mere_hints)]
    assert [line for line in faults if "status of 404" not in line] == []
