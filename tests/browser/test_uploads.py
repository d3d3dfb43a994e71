"""A file on its way to the cloud, as a real browser sends it, with a script and without."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.demo.story import ADA
from tests.browser.conftest import NewPage
from tests.browser.test_pages import signed_in_page

IMAGE_PAGE = re.compile(r"/producer/images/[0-9a-f-]{36}/$")
MEBIBYTE = bytes(1024 * 1024)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """50 MiB of nothing."""
    file = tmp_path / "large.raw"
    with file.open("wb") as stream:
        stream.truncate(50 * len(MEBIBYTE))
    return file


def fill(page: Page, file: Path, disk_format: str = "raw") -> None:
    page.goto("/producer/images/new/")
    page.locator("[name=name]").fill("from a browser")
    page.locator("[name=disk_format]").select_option(disk_format)
    page.locator("[name=file]").set_input_files(file)


def send(page: Page) -> None:
    page.get_by_role("button", name="Create the image").click()


@pytest.mark.parametrize("has_script", [True, False])
def test_a_new_image_has_its_data(new_page: NewPage, large: Path, has_script: bool) -> None:
    page = signed_in_page(new_page, ADA.name, java_script_enabled=has_script)
    fill(page, large)
    send(page)
    expect(page).to_have_url(IMAGE_PAGE, timeout=60_000)
    expect(page.get_by_text("pload is complete")).to_be_visible()
    expect(page.locator("#image-facts")).to_contain_text("50.0 MiB")


def test_an_upload_that_is_cancelled_can_be_tried_again(new_page: NewPage, large: Path) -> None:
    page = signed_in_page(new_page, ADA.name)
    wire = page.context.new_cdp_session(page)
    fill(page, large)
    slow = {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": 2e6}
    wire.send("Network.emulateNetworkConditions", slow)
    send(page)
    expect(page.locator("[data-upload-text]")).to_contain_text("left", timeout=30_000)
    page.locator("[data-upload-cancel]").click()
    wire.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": -1})
    expect(page).to_have_url(IMAGE_PAGE, timeout=30_000)
    expect(page.get_by_role("button", name="Upload")).to_be_visible(timeout=30_000)
    page.locator("[name=file]").set_input_files(large)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("The upload is complete")).to_be_visible(timeout=60_000)


def test_another_format_is_explained(new_page: NewPage, large: Path) -> None:
    page = signed_in_page(new_page, ADA.name)
    fill(page, large, "qcow2")
    send(page)
    expect(page.get_by_role("heading", name="Its file was refused")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("link", name="Delete this image")).to_be_visible()
    assert IMAGE_PAGE.search(page.url)


@pytest.mark.parametrize("has_script", [True, False])
def test_an_ended_session_leads_to_the_sign_in(
    new_page: NewPage, large: Path, has_script: bool
) -> None:
    page = signed_in_page(new_page, ADA.name, java_script_enabled=has_script)
    fill(page, large)
    page.context.clear_cookies(name="sessionid")
    send(page)
    expect(page).to_have_url(re.compile("/sign-in/"), timeout=60_000)


def test_a_refused_form_with_a_large_file_shows_why(new_page: NewPage, large: Path) -> None:
    page = signed_in_page(new_page, ADA.name, java_script_enabled=False)
    fill(page, large)
    page.context.clear_cookies(name="csrftoken")
    send(page)
    expect(page.locator("h1")).to_be_visible(timeout=60_000)
    assert page.url.endswith("/producer/images/new/")
    expect(page.locator("[name=file]")).to_have_count(0)


def test_only_the_chosen_way_is_shown(new_page: NewPage) -> None:
    page = signed_in_page(new_page, ADA.name, java_script_enabled=False)
    page.goto("/producer/images/new/")
    expect(page.locator("[name=url]")).to_be_hidden()
    page.get_by_label("At an address").check()
    expect(page.locator("[name=url]")).to_be_visible()
    expect(page.locator("[name=file]")).to_be_hidden()
