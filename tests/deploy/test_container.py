"""The container, as far as it can be tried without an engine: its recipe and its Compose file."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from portal.demo.cloud_template import child_environment

ROOT = Path(__file__).parents[2]
LINES = re.sub(r"\\\n\s*", " ", (ROOT / "Containerfile").read_text()).splitlines()


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The files that the image's recipe copies, and no others."""
    for line in LINES:
        words = line.split()
        if words[:1] == ["COPY"] and not words[1].startswith("--"):
            *sources, target = words[1:]
            for source in sources:
                _copy(ROOT / source, tmp_path / target, is_folder=target.endswith("/"))
    return tmp_path


def _copy(source: Path, target: Path, *, is_folder: bool) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target / source.name if is_folder else target)


def _settings(**more: str) -> dict[str, str]:
    collecting = next(line for line in LINES if "collectstatic" in line)
    given = dict(re.findall(r"([A-Z_]+)=(\S+)", collecting))
    return child_environment() | given | {"PYTHONDONTWRITEBYTECODE": "1"} | more


def _run(image: Path, *words: str, **settings: str) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        cwd=image,
        env=_settings(**settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_is_copied_is_a_whole_portal(image: Path) -> None:
    _run(image, "manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    assert (image / "staticfiles" / "staticfiles.json").exists()
    _run(image, "manage.py", "migrate", "--verbosity=0", DATABASE_URL=f"sqlite:///{image}/db")
    _run(image, "-m", "gunicorn", "portal.wsgi", "--check-config")


def test_it_writes_nothing_beside_its_database(image: Path, tmp_path: Path) -> None:
    _run(image, "manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    before = set(image.rglob("*"))
    for command in ("check", "showmigrations"):
        _run(image, "manage.py", command)
    assert set(image.rglob("*")) == before


def test_it_does_not_run_as_root() -> None:
    last = [line.split() for line in LINES if line.startswith(("FROM", "USER"))][-1]
    assert last[0] == "USER"
    assert int(last[1].partition(":")[0]) > 0


def test_no_setting_of_the_build_stays() -> None:
    assert not [line for line in LINES if line.startswith(("ENV", "ARG")) and "SECRET" in line]


def test_the_compose_file_is_one() -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run(
        [str(checker), "--builtin-schema", "vendor.compose-spec", str(ROOT / "compose.yaml")],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
    )
    assert done.returncode == 0, done.stdout + done.stderr
