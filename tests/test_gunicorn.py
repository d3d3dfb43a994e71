"""How gunicorn serves the portal, as far as it shows without one."""

from __future__ import annotations

import gc
import runpy
from pathlib import Path

import pytest

SETTINGS = Path(__file__).resolve().parents[1] / "gunicorn.conf.py"


def test_a_worker_does_not_look_for_garbage_in_what_it_has_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    begin = runpy.run_path(str(SETTINGS))["post_worker_init"]
    try:
        begin(None)
        assert gc.get_freeze_count() > 50_000
    finally:
        gc.unfreeze()
