"""What pages that run code import first: an empty folder to work in, and commands that fail loudly."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile

import pandas as pd
from IPython import get_ipython

import clvmodels as clv

# Without what a kernel sets to have colours, which is taken for a terminal that shows progress.
_COLOURS = ("CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR")
_PLAIN = {name: value for name, value in os.environ.items() if name not in _COLOURS}


def _run(command: str) -> None:
    """Run a line that begins with ``!``, show what it prints, and stop the page where it fails."""
    done = subprocess.run(
        command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_PLAIN, check=False
    )
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in done.stdout.splitlines())
    code = int(os.environ.pop("EXPECTED_EXIT_CODE", "0"))
    if done.returncode != code:
        raise RuntimeError(f"exit code {done.returncode} instead of {code}: {command}\n{done.stdout}")


os.chdir(tempfile.mkdtemp(prefix="clvmodels-docs-"))
os.mkdir("data")
for name in ("cdnow", "cdnow_sample"):
    shutil.copy(clv.datasets.path(name), "data")
pd.set_option("display.precision", 3, "display.max_colwidth", None)
get_ipython().system = _run
