"""What holds for every page: accessible, fitting, light, and quiet in the console.

Each page is opened once for each who may see it; everything is looked at then, and asserted apart.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request

from portal.demo.stack import Demo
from tests.browser.conftest import NewPage
from tests.browser.places import PEOPLE, places

WEIGHT = 80 * 1024
WIDTHS = (320, 360, 1280)
# What axe looks for: all that it knows by day; by night, when a page has only other colours, what
# they decide.
RULES: Mapping[Literal["light", "dark"], dict[str, Any]] = {
    "light": {},
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}},
}
MERE_HINTS = ("debug:", "verbose:", "log:", "info:")
EVERYBODY = ("", *PEOPLE)


@dataclass
class Seen:
    """What was found, by the page's address."""

    weights: dict[str, float] = field(default_factory=dict)
    widths: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    said: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


Look = Callable[[str], Seen]


@pytest.fixture(scope="module")
def look(demo: Demo, browser: Browser) -> Look:
    @cache
    def looked(who: str) -> Seen:
        context = browser.new_context(base_url=demo.base_url, reduced_motion="reduce")
        context.set_default_timeout(15_000)
        try:
            page = context.new_page()
            sign_in(page, who)
            return visit_all(page, places(demo, who))
        finally:
            context.close()

    return looked


def visit_all(page: Page, paths: tuple[str, ...]) -> Seen:
    seen = Seen()
    received: list[float] = []
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    wire.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    wire_is_quiet = watch(page)
    for path in paths:
        received.clear()
        page.goto(path)
        wire_is_quiet()
        seen.weights[path] = sum(received)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            seen.widths[path][width] = page.evaluate("document.documentElement.scrollWidth")
        # What axe itself says in the console is not the page's.
        seen.said[path] = said.copy()
        for scheme, rules in RULES.items():
            page.emulate_media(color_scheme=scheme)
            result = Axe().run(page, options=rules)
            if result.violations_count:
                seen.faults[path].append(f"{scheme}\n{result.generate_report()}")
        said.clear()
    return seen


def watch(page: Page) -> Callable[[], None]:
    """To wait until all that a page asks for is there, also what follows by itself. It is asked for
    as soon as the page is, so a tenth of a second is enough to see that nothing comes any more."""
    open_: set[Request] = set()
    page.on("request", lambda request: open_.add(request))  # a bare method of a set is refused
    page.on("requestfinished", lambda request: open_.discard(request))
    page.on("requestfailed", lambda request: open_.discard(request))

    def until_quiet() -> None:
        deadline, quiet = time.monotonic() + 15, 0
        while quiet < 5:
            page.wait_for_timeout(20)
            quiet = 0 if open_ else quiet + 1
            assert time.monotonic() < deadline, [request.url for request in open_]

    return until_quiet


def sign_in(page: Page, who: str) -> None:
    if who:
        page.goto("/sign-in/")
        page.get_by_label("User name").fill(who)
        page.get_by_label("Password", exact=True).last.fill(PEOPLE[who])
        page.locator("main form button").first.click()
        page.wait_for_load_state()


def signed_in_page(new_page: NewPage, who: str, **options: Any) -> Page:
    page = new_page(**options)
    sign_in(page, who)
    return page


@pytest.mark.parametrize("who", EVERYBODY)
def test_axe_finds_nothing_by_day_and_by_night(look: Look, who: str) -> None:
    faults = look(who).faults
    assert not faults, "\n".join(f"{path}\n{words}" for path, words in faults.items())


@pytest.mark.parametrize("who", EVERYBODY)
def test_nothing_sticks_out_sideways(look: Look, who: str) -> None:
    found = look(who).widths
    assert found
    too_wide = {
        path: actual
        for path, widths in found.items()
        for width, actual in widths.items()
        if actual > width
    }
    assert not too_wide


@pytest.mark.parametrize("who", EVERYBODY)
def test_the_first_load_is_light(look: Look, who: str) -> None:
    """Bytes over the wire with an empty browser cache, all assets included."""
    weights = look(who).weights
    assert all(weights.values())
    assert {path: weight for path, weight in weights.items() if weight > WEIGHT} == {}


@pytest.mark.parametrize("who", EVERYBODY)
def test_no_page_complains_in_the_console(look: Look, who: str) -> None:
    """A script error, or a style that the Content-Security-Policy refused, would be said there."""
    said = [line for lines in look(who).said.values() for line in lines]
    faults = [line for line in said if not line.startswith(MERE_HINTS)]
    assert [line for line in faults if "status of 404" not in line] == []
