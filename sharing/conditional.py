"""Answers that machines ask for again and again: 304 while nothing has changed."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date


def answer(
    request: HttpRequest,
    body: bytes,
    *,
    content_type: str,
    cache_control: str,
    changed_at: datetime | None = None,
) -> HttpResponse:
    """``body``, or 304 where the asker has it: by its ETag, which is its hash; an asker who knows
    no ETags, by ``changed_at``."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    whole = HttpResponse(body, content_type=content_type)
    whole.headers["ETag"] = tag
    whole.headers["Cache-Control"] = cache_control
    seconds = int(changed_at.timestamp()) if changed_at else None
    if seconds is not None:
        whole.headers["Last-Modified"] = http_date(seconds)
    return get_conditional_response(request, tag, seconds, whole) or whole
