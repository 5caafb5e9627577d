"""Running the command line: in this process, and as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import clvmodels
from clvmodels.cli import app

ROOT = Path(clvmodels.__file__).parent.parent


@pytest.fixture
def clv(tmp_path, monkeypatch):
    """`clv` in an empty folder; answers with exit_code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def python(tmp_path):
    """A fresh Python in an empty folder, its output in pipes, in which clvmodels can be imported."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default", "PYTHONUTF8": "1"}
    environment.pop("COLUMNS", None)

    def run(*words):
        command = [sys.executable, *map(str, words)]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, encoding="utf-8")

    return run
