"""Which tests stay with one of pytest's workers, where several share the work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling


def scheduler(
    config: pytest.Config, log: Any, together: Callable[[str], str]
) -> LoadScopeScheduling:
    """``together`` names the company of a test, given by its node ID."""
    scheduling = LoadScopeScheduling(config, log)
    scheduling._split_scope = together  # what its subclasses are for; it has no types to inherit
    return scheduling
