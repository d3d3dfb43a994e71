"""Uploads that go wrong, on the real thing: what is left behind, what the page says, what helps."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from tests.live.browser import NAME, NEW, PASSWORD, Browser, form_with_a_file
from tests.live.processes import comes_true
from tests.views.producer.reading import said

DATA = bytes(range(256)) * 8192  # 2 MiB
SLOW_SECONDS = 5.0  # longer than a connection may take to come about


def is_queued(una: Browser, page: str) -> bool:
    return bool(una.image(page)["status"] == "queued")


def offers_both(una: Browser, page: str) -> bool:
    words = said(una.get(page))
    return "The image has no data yet" in words and "Delete this image" in words


def takes_it_again(una: Browser, page: str) -> bool:
    """For a moment after an upload broke off, the image is still saving."""
    return una.put(page, DATA).is_redirect and una.image(page)["size"] == len(DATA)


def raw(una: Browser, page: str, headers: str, body: bytes, *, is_half: bool = False) -> bytes:
    """What is answered to a PUT with just these headers of its body. A whole cut closes the
    connection; half a one only ends what is sent."""
    host = urlsplit(una.base_url)
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in una.http.cookies)
    more = "".join(f"{name}: {value}\r\n" for name, value in una.put_headers().items())
    head = f"PUT {page}data/ HTTP/1.1\r\nHost: {host.netloc}\r\nCookie: {cookies}\r\n"
    with socket.create_connection((host.hostname or "", host.port or 0), timeout=60) as sock:
        sock.sendall(f"{head}{more}{headers}\r\n\r\n".encode() + body)
        if not is_half:
            return b""
        sock.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: sock.recv(65536), b""))


@pytest.mark.parametrize("sent", [0, 1, len(DATA) // 2, len(DATA) - 1])
def test_a_browser_that_goes_away_leaves_an_image_to_try_again(una: Browser, sent: int) -> None:
    page = una.new_image()
    raw(una, page, f"Content-Length: {len(DATA)}", DATA[:sent])
    assert comes_true(lambda: offers_both(una, page))
    assert comes_true(lambda: takes_it_again(una, page))
    assert una.post(f"{page}delete/", {"confirm": "big"}).is_redirect


def test_a_length_that_is_too_large_is_a_broken_upload(una: Browser) -> None:
    page = una.new_image()
    answer = raw(una, page, f"Content-Length: {len(DATA) + 1}", DATA, is_half=True)
    assert answer.startswith(b"HTTP/1.1 422")
    assert b"broke off before its end" in answer
    assert comes_true(lambda: takes_it_again(una, page))


def test_a_length_that_is_too_small_is_what_counts(una: Browser) -> None:
    page = una.new_image()
    answer = raw(una, page, f"Content-Length: {len(DATA) - 7}", DATA, is_half=True)
    assert answer.startswith(b"HTTP/1.1 303")
    assert una.image(page)["size"] == len(DATA) - 7


@pytest.mark.parametrize("length", ["-1", "many", "1e3", "0x10", "1, 2"])
def test_a_length_that_is_none_is_refused(una: Browser, length: str) -> None:
    page = una.new_image()
    answer = raw(una, page, f"Content-Length: {length}", b"x", is_half=True)
    assert answer.startswith(b"HTTP/1.1 400")
    assert is_queued(una, page)


def test_chunks_without_a_length_are_taken(una: Browser) -> None:
    page = una.new_image()
    assert una.put(page, iter([DATA, DATA])).is_redirect
    assert una.image(page)["size"] == 2 * len(DATA)


def test_chunks_that_end_too_early_are_a_broken_upload(una: Browser) -> None:
    page = una.new_image()
    cut = b"%x\r\n%b\r\n" % (len(DATA), DATA)
    answer = raw(una, page, "Transfer-Encoding: chunked", cut, is_half=True)
    assert b"broke off before its end" in answer
    assert comes_true(lambda: takes_it_again(una, page))


def then(act: Callable[[], object]) -> Iterator[bytes]:
    """Half of the bytes, ``act``, the other half."""
    yield DATA
    time.sleep(0.5)
    act()
    yield from (DATA for _ in range(8))


def test_a_glance_that_dies_leaves_an_image_to_delete(una: Browser) -> None:
    page, cloud = una.new_image(), una.demo.cloud
    answer = una.put(page, then(cloud.kill_glance))
    assert answer.status_code == 503
    assert "Image API" in said(answer)
    cloud.start_glance()
    words = una.get(page)
    assert "the cloud stopped in the middle" in said(words)
    assert una.put(page, DATA).status_code == 422
    answer = una.post(f"{page}delete/", {"confirm": "big"})
    assert answer.headers["Location"] == "/producer/images/"
    assert una.get(page).status_code == 404


def test_a_glance_that_pauses_breaks_nothing_off(una: Browser) -> None:
    page, cloud = una.new_image(), una.demo.cloud

    def pause() -> None:
        cloud.freeze_glance()
        threading.Timer(SLOW_SECONDS, cloud.thaw_glance).start()

    assert una.put(page, then(pause)).is_redirect
    assert una.image(page)["status"] == "active"


def test_a_token_that_ends_in_the_middle_loses_nothing(una: Browser) -> None:
    page, cloud = una.new_image(), una.demo.cloud
    user_id = cloud.create_user(NAME, PASSWORD)
    answer = una.put(page, then(lambda: cloud.set_password(user_id, "another")))
    cloud.set_password(user_id, PASSWORD)
    time.sleep(1.1)  # a token of the same second would be as old as the password
    assert answer.headers["Location"] == page
    to_sign_in = una.get(page)
    assert urlsplit(to_sign_in.url).path == "/sign-in/"
    words = una.sign_in(back=page)
    assert urlsplit(words.url).path == page
    assert "The upload is complete" in said(to_sign_in)
    assert una.image(page)["status"] == "active"


FIFTY = 50 * 1024 * 1024


@pytest.mark.parametrize(
    ("changes", "status"), [({"csrfmiddlewaretoken": "wrong"}, 403), ({"name": ""}, 422)]
)
def test_a_refused_form_with_a_large_file_shows_its_answer(
    una: Browser, changes: dict[str, str], status: int
) -> None:
    before, after = form_with_a_file(una.facts(**changes))
    answer = una.post_form(NEW, before + bytes(FIFTY) + after)
    assert answer.status_code == status
    assert "<main" in answer.text


def test_an_expired_session_is_answered_too(una: Browser) -> None:
    stranger = Browser(una.demo, is_signed_in=False)
    before, after = form_with_a_file(stranger.facts())
    answer = stranger.post_form(NEW, before + bytes(FIFTY) + after)
    assert answer.headers["Location"].startswith("/sign-in/?next=")
