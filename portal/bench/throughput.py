"""How many requests per second are answered, from a few connections that never pause."""

from __future__ import annotations

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

CONNECTIONS = 8


def per_second(url: str, *, seconds: float) -> float:
    """All answers must be 200. The client has its part of the machine, as the server has."""
    until = time.perf_counter() + seconds
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        counts = threads.map(lambda _: _ask(url, until), range(CONNECTIONS))
        return sum(counts) / seconds


def _ask(url: str, until: float) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    count = 0
    while time.perf_counter() < until:
        connection.request("GET", parts.path, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(f"{url}: {answer.status}")
        count += 1
    connection.close()
    return count
