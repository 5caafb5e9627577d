"""Files out: what can be wrong with them is said before any work, and they appear whole or not at all."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
_DIGITS, _DECIMALS, _MOST_DECIMALS = 4, 2, 20


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


def check_folder(output: str) -> Path:
    """A folder to write to, or a file that ends in .parquet, for scores of any number of customers; or raise."""
    path = Path(output)
    if path.suffix.lower() not in ("", ".parquet") and not path.is_dir():
        raise UsageProblem(f"--output {output}: scores in parts are Parquet. Name a folder, or a file in .parquet.")
    return path


def is_folder(output: str) -> bool:
    """Whether a name is that of a folder: one that is there, ends in a slash, or has no ending."""
    return output.endswith(("/", os.sep)) or Path(output).is_dir() or not (Path(output).suffix or Path(output).exists())


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


def write_scores(scores: pd.DataFrame, path: Path, *, as_is: bool = False) -> None:
    """Write one row a customer: to CSV with the best first and numbers rounded for people, unless ``as_is``."""
    if path.suffix.lower() == ".csv":
        scores = scores.sort_values("rank")
        scores = scores if as_is else rounded(scores)
    write_table(scores.reset_index(), path, as_is=as_is)


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Numbers with fractions to two decimals, or to four digits that count if these are more.

    Examples
    --------
    >>> import pandas as pd
    >>> rounded(pd.DataFrame({"value": [1233.7346, 0.0123456, 0.0]}))["value"].tolist()
    [1233.73, 0.01235, 0.0]
    """
    import numpy as np

    def cells(column: pd.Series[Any]) -> pd.Series[Any]:
        values = column.to_numpy()
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.nan_to_num(np.floor(np.log10(np.abs(values))), neginf=0.0, posinf=0.0)
        decimals = np.clip(_DIGITS - 1 - scale, _DECIMALS, _MOST_DECIMALS).astype(int)
        parts = [column.where(decimals == number).round(number) for number in np.unique(decimals)]
        for part in parts[1:]:
            parts[0] = parts[0].combine_first(part)
        return parts[0]

    return table.assign(**{name: cells(table[name]) for name in table.columns if table[name].dtype.kind == "f"})


def write_table(table: pd.DataFrame, path: Path, *, as_is: bool = False) -> None:
    """Write a table as CSV or Parquet, by the ending of the path; texts of CSV are harmless unless ``as_is``."""
    with whole_file(path) as part:
        if path.suffix.lower() == ".csv":
            (table if as_is else harmless_table(table)).to_csv(part, index=False)
        else:
            table.to_parquet(part, index=False)
