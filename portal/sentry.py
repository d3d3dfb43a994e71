"""Errors to Sentry, where the operator has one. Nobody's words, tokens or addresses of pages go
there.
"""

from __future__ import annotations

from typing import Any

import sentry_sdk


def begin(dsn: str, environment: str) -> None:
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        trace_propagation_targets=[],  # Keystone and Glance need not know
        before_send=without_secrets,
    )


def without_secrets(event: Any, _hint: Any) -> Any:
    """Of the request only its method: our addresses, cookies and headers may be secrets. Which page
    it was says the event's ``transaction``, the address's pattern."""
    asked = event.pop("request", None)
    if asked:
        event["request"] = {"method": asked.get("method")}
    event.pop("user", None)
    return event
