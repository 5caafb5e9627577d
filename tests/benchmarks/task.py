"""A task for two sides, its peak memory in a process of its own, and what the two took."""

from __future__ import annotations

import ctypes
import gc
import importlib
import re
import resource
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .simulate import Columns

SIDES = ("clvmodels", "lifetimes")
_WARM_UP = 5_000  # rows of a first call that loads what is loaded on first use
_SELF = Path("/proc/self")


@dataclass(frozen=True, eq=False)
class Task:
    """One job as the users of either package do it.

    ``prepare`` makes the arguments of ``run`` anew for every round, outside of what is timed: objects that cache would
    flatter us. ``agree`` takes the data and both results, and asserts.
    """

    title: str
    data: Callable[[int], Columns]
    prepare: dict[str, Callable[[Columns], tuple[Any, ...]]]
    run: dict[str, Callable[..., Any]]
    agree: Callable[[Columns, Any, Any], None]


@dataclass(frozen=True)
class Taken:
    """What one side took: seconds (the median of the rounds) and bytes."""

    seconds: float
    memory: int


def quietly(function: Callable[..., Any], *arguments: Any) -> Any:
    """A call to lifetimes, which warns of what NumPy and pandas no longer like."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*arguments)


def peak_of(module: str, side: str, data: Columns) -> int:
    """Bytes that a task needs at its peak beyond its data, in a fresh process that has them already."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.npz"
        np.savez(path, **data)
        return int(_python("-m", f"{__package__.rpartition('.')[2]}.task", module, side, str(path)).splitlines()[-1])


def fresh_process(code: str) -> tuple[str, int]:
    """What Python code prints in a fresh process, and the peak memory of that process in bytes."""
    script = f"{code}\nimport re, resource\nfrom pathlib import Path\n{_PEAK}"
    *printed, peak = _python("-c", script).splitlines()
    return "\n".join(printed), int(peak)


# ru_maxrss of a child begins where its parent was, VmHWM does not; where there is no /proc, it has to do.
_PEAK = """
status = Path("/proc/self/status")
if status.exists():
    print(int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]) * 1024)
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def _python(*arguments: str) -> str:
    here = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, *arguments], cwd=here, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


def _memory(name: str) -> int:
    if not (_SELF / "status").exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(re.search(rf"{name}:\s+(\d+)", (_SELF / "status").read_text())[1]) * 1024


def _give_back() -> None:
    """Return freed memory to the system, so that a call can't use it unseen."""
    gc.collect()
    if hasattr(library := ctypes.CDLL(None), "malloc_trim"):
        library.malloc_trim(0)


def _main(module: str, side: str, path: str) -> None:
    task: Task = importlib.import_module(f"{__package__}.{module}").TASK
    with np.load(path) as file:
        data = dict(file)
    for rows in (_WARM_UP, None):
        arguments = quietly(task.prepare[side], {name: column[:rows] for name, column in data.items()})
        _give_back()
        if (_SELF / "clear_refs").exists():
            (_SELF / "clear_refs").write_text("5")  # the peak begins anew
        before = _memory("VmRSS")
        result = quietly(task.run[side], *arguments)
        peak = _memory("VmHWM") - before
        del result
    print(peak)


if __name__ == "__main__":
    _main(*sys.argv[1:])
