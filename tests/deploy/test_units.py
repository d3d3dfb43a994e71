"""The systemd units, as systemd itself reads them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from portal.demo.packages import program
from tests.deploy.proxies import DEPLOY

UNITS = DEPLOY / "systemd"
# Templates are verified by an instance of each.
INSTANCES = {
    "portal-worker@.service": "portal-worker@1.service",
    "portal-job@.service": "portal-job@clearsessions.service",
    "portal-hourly@.timer": "portal-hourly@warn_of_ends.timer",
    "portal-daily@.timer": "portal-daily@clearsessions.timer",
}


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """With programs that are there, since systemd looks for them."""
    root = Path(__file__).parents[2]
    for unit in UNITS.iterdir():
        text = unit.read_text().replace("/opt/image-portal", str(root))
        (tmp_path / unit.name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("name", sorted(unit.name for unit in UNITS.iterdir()))
def test_a_unit_has_no_fault(units: Path, name: str) -> None:
    instance = units / INSTANCES.get(name, name)
    if instance.name != name:
        shutil.copy(units / name, instance)
    done = subprocess.run(
        [program("systemd-analyze", "systemd"), "verify", "--man=no", str(instance)],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "portal-" in line]
    assert not ours
    assert done.returncode == 0, done.stderr


def test_a_fault_is_seen(units: Path) -> None:
    """The check itself can fail."""
    unit = units / "portal-web.service"
    unit.write_text(unit.read_text().replace("Type=notify", "Type=no-such-type"))
    done = subprocess.run(
        [program("systemd-analyze", "systemd"), "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "no-such-type" in done.stderr
