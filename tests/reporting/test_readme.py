"""The first command of the README: true, and within its limits."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

import clvmodels
from clvmodels.cli import app

ROOT = Path(clvmodels.__file__).parent.parent
LARGEST = 5_000_000  # bytes


@pytest.mark.slow
def test_the_first_command_of_the_readme_says_what_the_readme_says(tmp_path, monkeypatch):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    command = re.search(r"\.venv/bin/clv (report .*)", readme)[1]
    shown = re.search(r"```text\n(Summary\n.*?)\n```", readme, re.DOTALL)[1]
    data = ROOT / "data"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").symlink_to(data)
    result = CliRunner().invoke(app, shlex.split(command))
    assert (result.exit_code, result.stderr) == (0, "")
    assert " ".join(shown.split()) in " ".join(result.stdout.split())
    assert (tmp_path / "report.html").stat().st_size < LARGEST
