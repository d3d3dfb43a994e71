"""An image's bytes on their way to a browser, whoever asked for them."""

from __future__ import annotations

from typing import cast

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from sharing.cloud.resources import Image
from sharing.cloud.transport import Download


def answer(image: Image, found: Download) -> HttpResponse:
    """As they come, some at a time. What breaks off in the middle ends before its length: the
    browser says so, since no page can any more."""
    response = StreamingHttpResponse(found, content_type="application/octet-stream")
    if found.length is not None:
        response.headers["Content-Length"] = str(found.length)
    name = f"{image.name or image.id}.{image.disk_format or 'img'}"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    # The bytes go through as they are: nothing on the way may pack them.
    response.headers["Content-Encoding"] = "identity"
    response.headers["Cache-Control"] = "private, no-store"
    return cast("HttpResponse", response)  # the decorators know one kind of answer
