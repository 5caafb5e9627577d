"""The folder of a run: what is finished stays there until the output is complete, whatever happens to the process."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clvmodels.errors import ArgumentError
from clvmodels.files import held_alone, swap_in

_ENDING, _LOCK = ".unfinished", "lock"
COMPLETE = "_complete.json"


def fingerprint(content: Mapping[str, Any]) -> str:
    """A hash of what an output is made of: the same inputs, models and questions have the same."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


@contextmanager
def work_folder(output: Path, made_of: str) -> Iterator[Path]:
    """A folder beside the output that only this process works in; a run that was stopped left its parts there.

    It is removed when the block ends without an error, and so are those that other runs for this output left behind.

    Raises
    ------
    ArgumentError
        Another process is making the same output.
    """
    stem = f".{output.name[:100]}."
    folder = output.with_name(f"{stem}{made_of[:16]}{_ENDING}")
    folder.mkdir(exist_ok=True)
    with held_alone(folder / _LOCK) as alone:
        if not alone or not (folder / _LOCK).exists():  # a run that has just ended removes its folder
            raise ArgumentError(f"Another process is writing {output} from the same log and models. Let it end first.")
        _remove_abandoned(output.parent, stem, folder)
        yield folder
        shutil.rmtree(folder, ignore_errors=True)


def _remove_abandoned(above: Path, stem: str, own: Path) -> None:
    """What runs left behind that were stopped, and whose log or models were others."""
    for folder in above.glob(f"{glob.escape(stem)}*{_ENDING}"):
        if folder != own and (folder / _LOCK).is_file():
            with held_alone(folder / _LOCK) as alone:
                if alone:
                    shutil.rmtree(folder, ignore_errors=True)


def publish(finished: Path, output: Path) -> None:
    """Put a finished file or folder in the place of the output, at once."""
    if finished.is_dir():
        swap_in(finished, output)
    else:
        os.replace(finished, output)
