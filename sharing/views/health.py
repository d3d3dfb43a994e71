"""For load balancers: alive, and ready. For the monitoring: figures."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sharing import session, watch
from sharing.cloud import images
from sharing.cloud.errors import CloudError
from sharing.cloud.pool import gather_or_raise
from sharing.cloud.transport import Timeout
from sharing.http import caller
from sharing.services import memory, queues

PATIENCE = Timeout(connect=1, read=3)
UNKNOWN = "unknown"


def alive(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """200 when database, Keystone and Image API answer, else 503; each is named.

    The Image API is "unknown" until somebody has signed in: its address is in users' catalogues.
    A cache that is away is named too, but pages go on without it: this host stays in service.
    """
    image = _answer(_ask_images) if session.image_addresses() else UNKNOWN
    answers = {
        "database": _answer(_ask_database),
        "keystone": _answer(_ask_keystone),
        "image": image,
    }
    is_ready = all(answer in {"ok", UNKNOWN} for answer in answers.values())
    answers["cache"] = "ok" if memory.is_there() else "away"
    return JsonResponse(answers, status=200 if is_ready else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus, for those of ``METRICS_ALLOW``; for all others there are none."""
    if not _may_watch(caller(request)):
        return HttpResponse("Not found\n", status=404, content_type="text/plain")
    return HttpResponse(watch.page(_Waiting()), content_type=CONTENT_TYPE_LATEST)


class _Waiting(Collector):
    """What waits in the background, as the database has it at this moment."""

    def collect(self) -> Iterable[Metric]:
        waiting = queues.look()
        mails = GaugeMetricFamily("portal_mails", "Mails by state", labels=["state"])
        for state, number in waiting.mails_by_state.items():
            mails.add_metric([state], number)
        yield mails
        numbers: tuple[tuple[str, str, float], ...] = (
            ("portal_mails_due", "Mails whose time has come", waiting.mails),
            ("portal_mails_oldest_seconds", "How long the oldest has waited", waiting.oldest_mail),
            ("portal_jobs_due", "Background jobs whose time has come", waiting.jobs),
            ("portal_jobs_oldest_seconds", "How long the oldest has waited", waiting.oldest_job),
            ("portal_jobs_failed", "Jobs that failed and are still kept", waiting.failed_jobs),
        )
        for name, words, value in numbers:
            yield GaugeMetricFamily(name, words, value=value)


def _may_watch(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in settings.METRICS_ALLOW)


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_keystone() -> None:
    session.connection().identity.ping(PATIENCE)


def _ask_images() -> None:
    """In every region that was ever seen."""
    transport = session.connection().transport
    addresses = session.image_addresses().values()
    gather_or_raise(lambda address: images.ping(transport, address, PATIENCE), addresses)


def _answer(ask: Callable[[], None]) -> str:
    try:
        ask()
    except (CloudError, DatabaseError) as error:
        return type(error).__name__
    return "ok"
