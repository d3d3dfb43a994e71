"""Figures for the monitoring, and for nobody else."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sharing import tasks, watch
from sharing.cloud.transport import Call
from tests.conftest import Party

pytestmark = pytest.mark.django_db
HERE = [ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("2001:db8::/64")]


@pytest.fixture(autouse=True)
def _allowed(settings: Any) -> None:
    settings.METRICS_ALLOW = HERE


def figures() -> dict[str, float]:
    answer = Client().get("/metrics")
    assert answer.status_code == 200
    lines = answer.content.decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db9::1", "", "nonsense"])
def test_it_is_not_there_for_others(address: str) -> None:
    assert Client(REMOTE_ADDR=address).get("/metrics").status_code == 404


@pytest.mark.parametrize("address", ["127.0.0.9", "2001:db8::7"])
def test_it_is_there_for_those_who_may(address: str) -> None:
    assert Client(REMOTE_ADDR=address).get("/metrics").status_code == 200


def test_nobody_may_as_long_as_nobody_is_named(settings: Any) -> None:
    settings.METRICS_ALLOW = []
    assert Client().get("/metrics").status_code == 404


def test_a_header_makes_nobody_somebody_else(settings: Any) -> None:
    claim = {"X-Forwarded-For": "127.0.0.1"}
    assert Client(REMOTE_ADDR="192.0.2.1", headers=claim).get("/metrics").status_code == 404
    settings.TRUSTED_PROXIES = 1
    through = {"X-Forwarded-For": "127.0.0.1, 192.0.2.1"}
    assert Client(REMOTE_ADDR="127.0.0.1", headers=through).get("/metrics").status_code == 404


def test_behind_a_proxy_the_monitoring_calls_past_it(settings: Any) -> None:
    """Who comes through the proxy has the header; who calls the portal itself does not."""
    settings.TRUSTED_PROXIES = 1
    assert Client(REMOTE_ADDR="127.0.0.1").get("/metrics").status_code == 200


def test_requests_are_counted_by_view(consumer: Party) -> None:
    name = 'portal_request_seconds_count{method="GET",status="200",view="inbox"}'
    before = figures().get(name, 0)
    consumer.client.get("/inbox/")
    assert figures()[name] == before + 1


def test_what_leads_nowhere_is_counted_together() -> None:
    Client().get("/no/such/page")
    counted = [name for name in figures() if 'view="-"' in name]
    assert counted
    assert not [name for name in counted if "such" in name]


def test_calls_to_the_cloud_are_counted_by_kind(consumer: Party) -> None:
    name = 'portal_upstream_seconds_count{call="GET /v2/images",result="200"}'
    before = figures().get(name, 0)
    consumer.client.get("/inbox/")
    assert figures()[name] > before


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v2/images/3f1c/members/0a9b", "/v2/images/*/members/*"),
        ("/image/v2/images", "/v2/images"),
        ("/identity/v3/auth/tokens", "/v3/auth/tokens"),
        ("/somewhere/else", "/*/*"),
        ("/", "/*"),
    ],
)
def test_a_kind_names_nobody(path: str, kind: str) -> None:
    assert watch.kind_of(Call("GET", path, 200, 0.1)) == f"GET {kind}"


def test_what_waits_is_counted() -> None:
    before = figures()
    assert before["portal_mails_due"] == before["portal_jobs_due"] == 0
    tasks.send_mail.enqueue(1)
    tasks.send_mail.using(run_after=timezone.now() + timedelta(hours=1)).enqueue(2)
    assert figures()["portal_jobs_due"] == 1
    assert 0 <= figures()["portal_jobs_oldest_seconds"] < 60


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
def test_the_monitorings_own_calls_are_not_counted(path: str) -> None:
    def counted() -> float:
        found = figures().items()
        return sum(n for name, n in found if name.startswith("portal_request_seconds_count"))

    before = counted()
    Client().get(path)
    assert counted() == before
