"""What an operator watches: how many of what, how long, and with which outcome (Prometheus).

Several processes of one host count together where ``PROMETHEUS_MULTIPROC_DIR`` names a folder
(``gunicorn.conf.py`` sees to it). Labels have few values: never an ID, an address or a name.
"""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector

from sharing.cloud.transport import Call

_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
# The words of Keystone's and Glance's addresses; whatever else stands in one is somebody's.
_WORDS = frozenset(
    {"v2", "v3", "auth", "tokens", "projects", "OS-FEDERATION", "websso", "identity_providers"}
    | {"images", "members", "file", "import", "info", "stores", "tasks", "schemas", "image"}
    | {"healthcheck"}
)

_requests = Histogram(
    "portal_request_seconds",
    "Requests to the portal, by view, method and status",
    ["view", "method", "status"],
    buckets=_BUCKETS,
)
_upstream = Histogram(
    "portal_upstream_seconds",
    "Calls to Keystone and Glance, by kind and result (a status, or the kind of error)",
    ["call", "result"],
    buckets=_BUCKETS,
)


def request(*, view: str, method: str, status: int, seconds: float) -> None:
    _requests.labels(view, method, str(status)).observe(seconds)


def upstream(call: Call) -> None:
    _upstream.labels(kind_of(call), str(call.outcome)).observe(call.seconds)


def kind_of(call: Call) -> str:
    """``GET /v2/images/*/members``: the address without what is somebody's own, and without what
    the catalogue puts before it."""
    words = call.path.strip("/").split("/")
    start = next((place for place, word in enumerate(words) if word in {"v2", "v3"}), 0)
    shown = (word if word in _WORDS else "*" for word in words[start:])
    return f"{call.method} /{'/'.join(shown)}"


def page(*also: Collector) -> bytes:
    """All figures of this host's processes in Prometheus' text format, and those of ``also``."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
        counted = generate_latest(registry)
    else:
        counted = generate_latest(REGISTRY)
    now = CollectorRegistry()
    for collector in also:
        now.register(collector)
    return counted + generate_latest(now)
