"""The web server as it is started: `gunicorn portal.wsgi`, in the project's folder."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_no_worker_is_bound_to_one_long_upload() -> None:
    command = [sys.executable, "-m", "gunicorn", "--print-config", "portal.wsgi"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    settings = dict(re.findall(r"^(\w+)\s+= (.*)$", shown, re.MULTILINE))
    assert settings["worker_class"] == "gthread"
    assert int(settings["threads"]) >= 8
