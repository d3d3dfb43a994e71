"""Finds a Chromium for the browser tests; installs one when there is none, and fails loudly when
it cannot.

    python -m portal.demo.browser

prints the path of the program.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from portal.demo.packages import can_install, install

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


class BrowserMissing(RuntimeError):
    """No Chromium, and no way to get one."""


def find_chromium() -> Path | None:
    """The system's, else the one that Playwright downloaded, else None. `CHROMIUM` names another
    one.
    """
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        return Path(chosen)
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return Path(found) if found else _playwright_chromium()


def chromium() -> Path:
    """Chromium's path, after installing it if need be; `BrowserMissing` when there is no way."""
    for way in (None, _install_from_distribution, _install_by_playwright):
        if way is not None:
            way()
        found = find_chromium()
        if found is not None and found.exists():
            return found
    raise BrowserMissing(
        "The browser tests need Chromium, and neither the distribution's package nor Playwright's "
        "download could be installed. Install it (on Debian, as root: apt-get install chromium)."
    )


def _install_from_distribution() -> None:
    if can_install():
        with suppress(subprocess.CalledProcessError):
            install("chromium")


def _install_by_playwright() -> None:
    """Its output goes to stderr: stdout is for the answer."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    subprocess.run(command, stdout=sys.stderr, check=False)


def _playwright_chromium() -> Path | None:
    """Where Playwright keeps it: `chromium-<revision>/chrome-linux*/chrome` in its cache."""
    cache = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright"
    return max(Path(cache).glob("chromium-*/chrome-linux*/chrome"), default=None)


if __name__ == "__main__":
    try:
        print(chromium())
    except BrowserMissing as missing:
        sys.exit(str(missing))
