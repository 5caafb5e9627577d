"""HTML to PDF by a browser without a window."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from clvmodels.errors import ArgumentError, ClvError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_SECONDS = 120


def find_browser() -> str:
    """The path of Chromium or a relative of it, or an error that says what to do."""
    for name in BROWSERS:
        found = shutil.which(name)
        if found:
            return found
    raise ArgumentError(
        f"A PDF is printed by Chromium or Google Chrome, and none is there (looked for {', '.join(BROWSERS)}). Install "
        "one, or write HTML and print it from any browser."
    )


def write(html: str, path: Path, browser: str) -> None:
    """Print a page into ``path``."""
    with tempfile.TemporaryDirectory() as folder:
        page, printed = Path(folder) / "report.html", Path(folder) / "report.pdf"
        page.write_text(html, encoding="utf-8")
        done = _run(
            browser, "--headless", "--disable-gpu", "--disable-background-networking", "--no-first-run",
            "--no-pdf-header-footer", f"--user-data-dir={folder}/profile", f"--print-to-pdf={printed}",
            *_SANDBOX, page.as_uri(),
        )  # fmt: skip
        if not printed.exists():
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise ClvError(f"{browser} did not print the report (exit code {done.returncode}: {last}).")
        shutil.copyfile(printed, path)


# Chromium refuses to run as root, as in a container, with its sandbox; the page is our own.
_SANDBOX = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()


def _run(browser: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run([browser, *arguments], capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise ClvError(f"{browser} did not print the report: {problem}") from None
