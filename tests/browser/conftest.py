"""The whole demo, filled with people and images, and a real browser in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from xdist.scheduler import LoadScopeScheduling

from portal.demo.browser import chromium
from portal.demo.stack import Demo
from tests import databases
from tests.together import scheduler

HERE = Path(__file__).parent
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

NewPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("enable_socket")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """A file's tests stay together; of those of all pages, those of one person's."""

    def together(nodeid: str) -> str:
        file, _, name = nodeid.partition("::")
        return name.partition("[")[2] if file.endswith("test_pages.py") else file

    return scheduler(config, log, together)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Demo]:
    state, database = tmp_path_factory.mktemp("demo") / "state", databases.of_worker(worker_id)
    with Demo(state, is_seeded=True, usual_ports=False, database_url=database) as demo:
        yield demo


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": str(chromium()), "args": list(FLAGS), "headless": True}


@pytest.fixture
def new_page(browser: Browser, demo: Demo) -> Iterator[NewPage]:
    """A page of a new browser profile; ``options`` as of Playwright's ``new_context``."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> Page:
        context = browser.new_context(base_url=demo.base_url, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
