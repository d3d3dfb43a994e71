"""Programs that tests need and the system may lack: root installs Debian's package, anyone else is
told to.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Debian asks this program whether a service may be started when its package is installed.
POLICY = Path("/usr/sbin/policy-rc.d")
SYSTEM_PROGRAMS = "/usr/sbin:/sbin"


class ProgramMissing(RuntimeError):
    """A program is not installed, and we cannot install it."""


def program(name: str, package: str) -> str:
    """The program's path, after installing its package if need be."""
    for is_last_try in (False, True):
        if found := shutil.which(name, path=f"{os.environ['PATH']}:{SYSTEM_PROGRAMS}"):
            return found
        if not is_last_try and can_install():
            install(package)
    raise ProgramMissing(
        f"{name} is not installed. On Debian or Ubuntu, as root: apt-get install {package}"
    )


def can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(*packages: str) -> None:
    """Only the programs: no service is started. Its output goes to stderr."""
    apt = ["apt-get", "install", "--yes", "--no-install-recommends"]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    with _no_services():
        for command in (["apt-get", "update"], [*apt, *packages]):
            subprocess.run(command, env=environment, stdout=sys.stderr, check=True)


@contextmanager
def _no_services() -> Iterator[None]:
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()
