"""The programs that tests drive beside Python ones: a Chromium and an nginx.

`python -m tests.machine` installs what is missing, and fails with what to do where it cannot.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

CHROMIUMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def chromium() -> str | None:
    """The machine's Chromium, else the one Playwright installed, else None."""
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    return found or _playwrights()


def nginx() -> str | None:
    """The machine's nginx: Debian keeps it where only root's PATH looks."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def ensure() -> None:
    """Install what is missing; exits with what to do where that fails."""
    _ensure(chromium, "chromium", ("-m", "playwright", "install", "chromium"))
    _ensure(nginx, "nginx")


def _ensure(find: Callable[[], str | None], package: str, otherwise: tuple[str, ...] = ()) -> None:
    if find() is None:
        _apt_install(package)
    if find() is None and otherwise:
        subprocess.run([sys.executable, *otherwise], check=False)
    found = find()
    if found is None:
        sys.exit(
            f"The tests need {package}, and it could not be installed: install it and try again."
        )
    print(found)


def _apt_install(package: str) -> None:
    if not shutil.which("apt-get"):
        return
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if sudo and not shutil.which("sudo"):
        return
    print(f"Installing {package}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["update", "-qq"],
        ["install", "-y", "-qq", "--no-install-recommends", package],
    ):
        subprocess.run(
            [*sudo, "apt-get", *command], stdout=subprocess.DEVNULL, env=environment, check=False
        )


def _playwrights() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


if __name__ == "__main__":
    ensure()
