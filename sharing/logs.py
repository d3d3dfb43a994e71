"""What stands in every line of the log, and what in none."""

from __future__ import annotations

import logging
from contextvars import ContextVar

from django.http import HttpRequest

# Of the request that this thread is answering: sent to Keystone and Glance, told the browser.
request_id: ContextVar[str] = ContextVar("request_id", default="-")


class Context(logging.Filter):
    """Gives every record its ``request_id``, and takes addresses of pages out of it.

    Some of our addresses are secrets (the page of a request, a confirmation): in place of the
    path stands its pattern.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        asked = record.__dict__.pop("request", None)
        if not hasattr(record, "request_id"):
            # Django logs an error's answer after all else: then only the request knows its ID.
            record.request_id = getattr(asked, "request_id", request_id.get())
        if isinstance(asked, HttpRequest) and isinstance(record.args, tuple):
            shown = route_of(asked)
            record.args = tuple(shown if one == asked.path else one for one in record.args)
        return True


def route_of(request: HttpRequest) -> str:
    """The pattern that the request's path matched, ``/access/<slug:token>/``; "-" for none."""
    match = request.resolver_match
    return f"/{match.route}" if match else "-"
