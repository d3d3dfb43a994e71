"""What only a whole site has: proxies, units, containers. Each program is the system's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.live.conftest import portal, una

__all__ = ["portal", "una"]

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("enable_socket")
