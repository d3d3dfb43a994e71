"""What the transport makes of answers. tests/live/test_transport.py has it on real sockets."""

from __future__ import annotations

import logging

import pytest
import requests

from sharing.cloud.answers import Answer, clean_message
from sharing.cloud.errors import (
    Broken,
    CloudError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    QuotaExceeded,
    Refused,
    SessionEnded,
    TimedOut,
    WrongFormat,
)
from sharing.cloud.transport import Timeout, Transport, new_request_id
from tests.fake.weather import HTML
from tests.fake.wire import Call, FakeAdapter, Reply


class Service:
    """Answers with ``replies``, one after the other; remembers what it was asked."""

    def __init__(self, *replies: Reply | Exception) -> None:
        self.calls: list[Call] = []
        self._replies = iter(replies)

    def __call__(self, call: Call) -> Reply:
        self.calls.append(call)
        reply = next(self._replies)
        if isinstance(reply, Exception):
            raise reply
        return reply


def call(
    service: Service,
    method: str = "GET",
    *,
    body: object = None,
    headers: dict[str, str] | None = None,
    expects_json: bool = True,
    can_retry: bool = True,
) -> Answer:
    return Transport(adapter=FakeAdapter(service)).call(
        method,
        "https://a.test/v2/images",
        service="Image API",
        token="s3cret-token",
        request_id="req-1",
        timeout=Timeout(1, 2),
        params={"marker": "private-marker"},
        json=body,
        headers=headers,
        expects_json=expects_json,
        can_retry=can_retry,
    )


def error(message: str = "no") -> dict[str, str]:
    return {"message": message, "code": "400 Bad Request", "title": "Bad Request"}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Invalid), (401, SessionEnded), (403, Forbidden), (404, NotFound), (405, Invalid),
        (408, Broken), (409, Conflict), (410, NotFound), (413, QuotaExceeded), (415, WrongFormat),
        (422, Invalid), (429, Broken), (500, Broken), (502, Broken), (503, Broken),
        (300, Broken), (301, Broken), (304, Broken),
    ],
)  # fmt: skip
def test_each_status_is_an_error(status: int, kind: type[CloudError]) -> None:
    with pytest.raises(CloudError) as caught:
        call(Service(Reply(status, error("because"))))
    assert type(caught.value) is kind
    facts = (caught.value.message, caught.value.service, caught.value.request_id)
    assert facts == ("because", "Image API", "req-1")


@pytest.mark.parametrize("status", [200, 301, 400, 403, 404, 409, 413, 500, 503])
def test_a_page_is_no_answer_whatever_its_status(status: int) -> None:
    with pytest.raises(Broken):
        call(Service(Reply(status, text=HTML, content_type="text/html")))


@pytest.mark.parametrize("text", ["[]", "3", "null", '{"a": ', "\x00", "[" * 100_000])
def test_what_is_not_a_json_object_is_broken(text: str) -> None:
    with pytest.raises(Broken):
        call(Service(Reply(200, text=text)))


def test_an_answer_may_be_empty() -> None:
    assert call(Service(Reply(204)), "DELETE").json == {}


def test_an_answer_need_not_be_json_where_none_is_expected() -> None:
    assert call(Service(Reply(200, text="OK")), expects_json=False).json == {}


def test_json_is_asked_for_and_the_request_named() -> None:
    service = Service(Reply(200, {}))
    assert call(service).request_id == "req-1"
    sent = service.calls[0].headers
    assert sent["Accept"] == "application/json"
    assert sent["X-Openstack-Request-Id"] == "req-1"
    assert sent["X-Auth-Token"] == "s3cret-token"


def test_a_body_says_what_it_is() -> None:
    service = Service(Reply(200, {}), Reply(200, {}))
    call(service, "POST", body={"member": "ü"})
    call(service, "PATCH", body=[], headers={"Content-Type": "application/special"})
    assert [one.headers["Content-Type"] for one in service.calls] == [
        "application/json",
        "application/special",
    ]
    assert service.calls[0].json() == {"member": "ü"}


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (requests.ConnectionError("refused"), Refused),
        (requests.exceptions.ChunkedEncodingError("ended early"), Refused),
        (requests.ReadTimeout("slow"), TimedOut),
        (requests.ConnectTimeout("slow"), TimedOut),
    ],
)
def test_a_read_is_tried_twice(problem: Exception, kind: type[CloudError]) -> None:
    assert call(Service(problem, Reply(200, {"a": 1}))).json == {"a": 1}
    service = Service(problem, problem)
    with pytest.raises(kind):
        call(service)
    assert len(service.calls) == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_trap_17_a_write_is_tried_once(method: str) -> None:
    for problem in (requests.ConnectionError("refused"), requests.ReadTimeout("slow")):
        service = Service(problem)
        with pytest.raises((Refused, TimedOut)):
            call(service, method)
        assert len(service.calls) == 1


def test_an_answer_is_an_answer_and_not_asked_for_again() -> None:
    service = Service(Reply(503, error()))
    with pytest.raises(Broken):
        call(service)
    assert len(service.calls) == 1


def test_trying_again_can_be_forgone() -> None:
    with pytest.raises(Refused):
        call(Service(requests.ConnectionError("refused")), can_retry=False)


def test_trap_17_a_redirect_is_not_followed() -> None:
    service = Service(Reply(302, headers={"Location": "https://elsewhere.test/"}))
    with pytest.raises(Broken):
        call(service)
    assert len(service.calls) == 1


@pytest.mark.parametrize("url", ["", "/v2/images", "gopher://a/", "https://"])
def test_an_address_that_is_none_is_broken(url: str) -> None:
    with pytest.raises(Broken):
        Transport(adapter=FakeAdapter(Service())).call(
            "GET", url, service="", token=None, request_id="req-1", timeout=Timeout(1, 1)
        )


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Over the limit.<br /><br />\n\n\n", "Over the limit."),
        ("a<br /><br />\nb &lt;c&gt;", "a b <c>"),
        ("No s3cret here", "No … here"),
        (r'Not {"password": "a \"quoted\" one"} either', 'Not {"password": "…"} either'),
        ("key=a%20%22quoted%22%20one", "key=…"),
        ("Could not find token: gAAAAABn-abc_defghijklmnop==.", "Could not find token: …."),
        ("x" * 2000, "x" * 500),
        ("<script>alert(1)</script>", "alert(1)"),
    ],
)
def test_trap_13_a_message_is_clean(text: str, cleaned: str) -> None:
    assert clean_message(text, secrets=["s3cret", 'a "quoted" one', None]) == cleaned


def test_nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    service = Service(Reply(200, {"private": "answer"}), requests.ConnectionError("private"))
    call(service, "POST", body={"private": "body"})
    with pytest.raises(Refused):
        call(service, "POST", body={"private": "body"})
    assert [record.name for record in caplog.records] == ["sharing.cloud"] * 2
    assert "POST /v2/images 200 " in caplog.messages[0]
    assert "POST /v2/images ConnectionError " in caplog.messages[1]
    assert all(message.endswith("req-1") for message in caplog.messages)
    assert not [word for word in ("s3cret", "private") if word in caplog.text]


def test_request_ids_are_new_and_short() -> None:
    first, second = new_request_id(), new_request_id()
    assert first != second
    assert first.startswith("req-")
    assert len(first) <= 64
