"""Times a task on both sides, and prints the comparison when all is done."""

from __future__ import annotations

from functools import lru_cache

import pytest

from .task import SIDES, Taken, Task, peak_of, quietly

_TAKEN = pytest.StashKey[dict[str, dict[str, Taken]]]()
_RESULTS: dict[tuple[str, int], dict[str, object]] = {}


def pytest_configure(config):
    config.stash[_TAKEN] = {}


@pytest.fixture
def record(request):
    """Keep what one side of a benchmark took for the comparison at the end."""

    def keep(benchmark, title: str, side: str, memory: int) -> None:
        benchmark.extra_info["peak_memory"] = memory
        if benchmark.stats:
            taken = Taken(benchmark.stats.stats.median, memory)
            request.config.stash[_TAKEN].setdefault(title, {})[side] = taken

    return keep


@pytest.fixture
def compare(request, benchmark, record):
    """Time one side of a task, measure its memory, and assert that both sides find the same."""

    def run(task: Task, side: str, size: int, rounds: int) -> None:
        data = _data(task, size)
        title = benchmark.group = f"{task.title}, {size:,}"

        def timed():
            return benchmark.pedantic(
                task.run[side],
                setup=lambda: (task.prepare[side](data), {}),
                rounds=rounds,
                warmup_rounds=int(rounds > 1),
            )

        result = timed() if side == "clvmodels" else quietly(timed)
        record(benchmark, title, side, peak_of(request.module.__name__.rpartition(".")[2], side, data))
        results = _RESULTS.setdefault((task.title, size), {})
        results[side] = result
        if len(results) == len(SIDES):
            quietly(task.agree, data, *(results[name] for name in SIDES))
            del _RESULTS[task.title, size]

    return run


@lru_cache(maxsize=1)
def _data(task: Task, size: int):
    return task.data(size)


def pytest_terminal_summary(terminalreporter, config):
    """One line a task: ours, theirs, how many times as fast, and the memory of both."""
    tasks = config.stash.get(_TAKEN, {})
    if not tasks:
        return
    write = terminalreporter.write_line
    terminalreporter.section("clvmodels beside lifetimes 0.11.3")
    width = max(map(len, tasks)) + 2
    write(f"{'':{width}}{'time':>11}{'':>11}{'':>9}   {'peak memory':>11}")
    write(f"{'':{width}}{'clvmodels':>11}{'lifetimes':>11}{'ratio':>9}   {'clvmodels':>11}{'lifetimes':>11}")
    for title, sides in tasks.items():
        ours, theirs = (sides.get(side) for side in SIDES)
        ratio = f"{theirs.seconds / ours.seconds:.1f}" if ours and theirs else ""
        times = "".join(f"{_seconds(side):>11}" for side in (ours, theirs))
        memory = "".join(f"{_megabytes(side):>11}" for side in (ours, theirs))
        write(f"{title:{width}}{times}{ratio:>9}   {memory}")
    write("Median of the rounds. Memory is what a call adds to its data; of a fresh process, all it holds.")


def _seconds(taken: Taken | None) -> str:
    if taken is None:
        return "-"
    return f"{taken.seconds:.2f} s" if taken.seconds >= 0.995 else f"{1e3 * taken.seconds:.3g} ms"


def _megabytes(taken: Taken | None) -> str:
    if taken is None:
        return "-"
    return f"{taken.memory / 1e6:,.0f} MB" if taken.memory >= 1e6 else "< 1 MB"
