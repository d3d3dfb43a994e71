"""The web server as it is started: `gunicorn portal.wsgi`, in the project's folder."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def _print_config(**environment: str) -> str:
    """By a start that ends at once, and in which nothing cleans up."""
    command = [sys.executable, "-m", "gunicorn", "--print-config", "portal.wsgi"]
    env = os.environ | environment
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return done.stdout


def test_no_worker_is_bound_to_one_long_upload() -> None:
    settings = dict(re.findall(r"^(\w+)\s+= (.*)$", _print_config(), re.MULTILINE))
    assert settings["worker_class"] == "gthread"
    assert int(settings["threads"]) >= 8


def test_what_killed_ones_left_behind_is_taken_away_and_nothing_else(tmp_path: Path) -> None:
    """Each start has a folder for its figures, which ends with it unless it is killed."""
    for name in ("portal-counts-old", "portal-counts-1-killed", "portal-counts-2-running"):
        (tmp_path / name).mkdir()
    for name in ("portal-counts-1-killed", "portal-counts-2-running"):
        (tmp_path / name / "held").touch()
    os.utime(tmp_path / "portal-counts-old", (0, 0))
    (tmp_path / "portal-counts-new").mkdir()
    with (tmp_path / "portal-counts-2-running" / "held").open() as running:
        fcntl.flock(running, fcntl.LOCK_SH)
        _print_config(TMPDIR=str(tmp_path))
    left = {path.name for path in tmp_path.iterdir()}
    assert {"portal-counts-2-running", "portal-counts-new"} < left
    assert len(left) == 3  # and the one of this start itself


def test_a_folder_for_figures_that_is_given_is_taken(tmp_path: Path) -> None:
    _print_config(TMPDIR=str(tmp_path), PROMETHEUS_MULTIPROC_DIR="/nowhere")
    assert not list(tmp_path.iterdir())
