"""Files out: what can be wrong with them is said before any work, and they appear whole or not at all."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from clvmodels.cli.terminal import UsageProblem
from clvmodels.files import is_stream, whole_file
from clvmodels.safe_text import harmless_table

if TYPE_CHECKING:
    import pandas as pd

TABLES = (".csv", ".parquet")
MODELS = (".json",)
REPORTS = (".html", ".pdf")
QUERIES = (".sql",)
STATES = (".parquet",)


def check_output(output: str, suffixes: Sequence[str], inputs: Sequence[str] = ()) -> Path:
    """Where to write to, or raise: wrong ending, no such folder, or one of the files that are read."""
    path = Path(output)
    _check_ending(path, output, suffixes)
    if path.is_dir():
        raise UsageProblem(f"--output {output} is a folder.")
    if not path.parent.is_dir():
        raise UsageProblem(f"--output {output}: there is no folder {path.parent}. Make it first.")
    if not is_stream(path) and not os.access(path.parent, os.W_OK):
        raise UsageProblem(f"--output {output}: the folder {path.parent.resolve()} can't be written to.")
    if path.exists() and any(_same(path, file) for file in inputs):
        raise UsageProblem(f"--output {output} is read as well, and would be lost. Choose another name.")
    return path


def _check_ending(path: Path, output: str, suffixes: Sequence[str]) -> None:
    if path.suffix.lower() in suffixes:
        return
    endings = " or ".join(suffixes)
    if is_stream(path):
        raise UsageProblem(f"--output {output} is a pipe or a device, not a file. Name a file that ends in {endings}.")
    raise UsageProblem(f"--output {output} must end in {endings}.")


def _same(path: Path, pattern: str) -> bool:
    """Whether a path is what a file name or pattern means."""
    return any(path.samefile(file) for file in [pattern, *glob.glob(pattern, recursive=True)] if Path(file).exists())


def write_table(table: pd.DataFrame, path: Path, *, as_is: bool = False) -> None:
    """Write a table as CSV or Parquet, by the ending of the path; texts of CSV are harmless unless ``as_is``."""
    with whole_file(path) as part:
        if path.suffix.lower() == ".csv":
            (table if as_is else harmless_table(table)).to_csv(part, index=False)
        else:
            table.to_parquet(part, index=False)
