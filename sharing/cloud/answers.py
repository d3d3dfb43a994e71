"""What an answer means: the status and the body of HTTP end here."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from .errors import (
    Broken,
    CloudError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    QuotaExceeded,
    SessionEnded,
    WrongFormat,
)

REQUEST_ID_HEADER = "X-Openstack-Request-Id"
LARGEST_ANSWER = 32 * 1024 * 1024
_ERRORS: Mapping[int, type[CloudError]] = {
    401: SessionEnded,
    403: Forbidden,
    404: NotFound,
    408: Broken,
    409: Conflict,
    410: NotFound,
    413: QuotaExceeded,
    415: WrongFormat,
    429: Broken,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer. ``json`` is empty when there was no body, or none was expected."""

    json: dict[str, Any]
    request_id: str
    headers: Mapping[str, str]


def error_for(status: int) -> type[CloudError]:
    """What an HTTP status means here; whatever is no answer of these APIs is ``Broken``."""
    return _ERRORS.get(status, Invalid if 400 <= status < 500 else Broken)


def clean_message(text: str, *, secrets: Iterable[str | None] = ()) -> str:
    """A service's message without markup (trap 13) and without tokens, at most 500 characters.

    Keystone quotes a token that it does not know: "Could not find token: gAAAA…". What stands
    between us and it may quote all that was sent, as it was written there.
    """
    for secret in filter(None, secrets):
        for form in (secret, json.dumps(secret)[1:-1], quote(secret, safe="")):
            text = text.replace(form, "…")
    text = re.sub(r"\bgAAAA[\w=-]{16,}", "…", text)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())[:500]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call's particulars, to judge its answer by. ``secret`` is kept out of messages.

    The request ID is the one that was sent: Glance takes it for its own, Keystone logs it beside
    its own, and the portal's log has it too.
    """

    service: str
    request_id: str
    secret: str | None
    expects_json: bool

    def judge(self, status: int, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """The answer, or the error that it is. ``body`` is None when it was too large to read."""
        if body is None:
            raise self.failure(Broken, f"more than {LARGEST_ANSWER} bytes")
        data = _json_object(body)
        if 200 <= status < 300:
            if data is None and self.expects_json:
                raise self.failure(Broken, "the answer is not a JSON object")
            return Answer(data or {}, self.request_id, headers)
        kind = error_for(status)
        if data is None and kind is not SessionEnded:
            # A page of HTML comes from something in between, whatever its status says. Only a
            # 401 need not be JSON: Glance's is made by Keystone's middleware, in old releases
            # as text.
            raise self.failure(Broken, f"status {status}, and no JSON")
        raise self.failure(kind, _message(data or {}) or f"status {status}")

    def failure(self, kind: type[CloudError], message: str) -> CloudError:
        return kind(
            clean_message(message, secrets=[self.secret]),
            service=self.service,
            request_id=self.request_id,
        )


def _json_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object in ``body``; no body is an empty object, anything else is None."""
    if not body.strip():
        return {}
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _message(data: Mapping[str, Any]) -> str:
    """Glance's ``{"message": …}`` or Keystone's ``{"error": {"message": …}}``."""
    inner = data.get("error")
    found = (inner if isinstance(inner, dict) else data).get("message")
    return found if isinstance(found, str) else ""
