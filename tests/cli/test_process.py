"""As a process of its own: quick help, pipes, Ctrl-C."""

import json
import os

from clvmodels import __version__, datasets

SAMPLE = datasets.path("cdnow_sample")
HEAVY = ["pandas", "scipy", "numpy", "pymc", "pytensor", "matplotlib", "duckdb", "pyarrow", "narwhals", "jinja2"]
COMMANDS = ["report", "score", "fit", "evaluate", "summarize"]


def test_help_imports_nothing_heavy(python):
    script = f"""
import json, sys
from clvmodels.cli import app
for words in (["--help"], *([name, "--help"] for name in {COMMANDS}), ["--version"]):
    app(words, standalone_mode=False)
print(json.dumps([name for name in {HEAVY} if name in sys.modules]))
"""
    result = python("-c", script)
    assert (result.returncode, result.stderr) == (0, "")
    *_, version, heavy = result.stdout.strip().splitlines()
    assert json.loads(heavy) == []
    assert version == f"clvmodels {__version__}"
    assert all(f"clv {name} data/cdnow.csv" in result.stdout for name in COMMANDS)


def test_in_a_pipe_there_is_no_colour_and_no_progress(python, tmp_path):
    result = python("-m", "clvmodels.cli", "score", SAMPLE, "--observation-end", "1997-09-30")
    assert (result.returncode, result.stderr) == (0, "")
    assert "\x1b" not in result.stdout
    assert "2,357 customers" in result.stdout
    assert os.listdir(tmp_path) == ["scores.csv"]


def test_an_error_has_no_traceback(python, tmp_path):
    result = python("-m", "clvmodels.cli", "score", "nothing.csv")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "Error: File 'nothing.csv' not found.\n"
    assert os.listdir(tmp_path) == []


def test_a_reader_that_goes_away_does_not_stop_the_work(python, tmp_path):
    script = f"""
import os, sys
read, write = os.pipe()
os.close(read)
os.dup2(write, 1)
from clvmodels.cli import app
app(["score", {str(SAMPLE)!r}])
"""
    result = python("-c", script)
    assert (result.returncode, result.stderr) == (0, "")
    assert os.listdir(tmp_path) == ["scores.csv"]


def test_ctrl_c_while_writing_leaves_no_file(python, tmp_path):
    script = f"""
import os, signal
import pandas as pd
from clvmodels.cli import app

def write(table, path, **options):
    path.write_text("customer_id,freq")
    os.kill(os.getpid(), signal.SIGINT)

pd.DataFrame.to_csv = write
app(["score", {str(SAMPLE)!r}])
"""
    result = python("-c", script)
    assert (result.returncode, result.stderr) == (130, "Error: Stopped.\n")
    assert os.listdir(tmp_path) == []
