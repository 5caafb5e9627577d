"""The two streams of a command: results on stdout; progress, warnings and errors on stderr."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console, ConsoleOptions
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.segment import Segment
from rich.text import Text

from clvmodels.cli.words import in_shell_words
from clvmodels.errors import ArgumentError, ClvError, ClvWarning
from clvmodels.safe_text import visible

DATA_PROBLEM, WRONG_USAGE, DRIFT, INTERRUPTED = 1, 2, 3, 130


class UsageProblem(ClvError):
    """The options don't fit together, or don't fit the files."""


class _Console(Console):
    """A console that shows control characters of names and ids rather than obeying them.

    It prints no more when its reader goes away, as `head` does: the file is still to be written.
    """

    def render(self, renderable: Any, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(visible(segment.text, lines=True), segment.style)

    def on_broken_pipe(self) -> None:
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


class Terminal:
    """The two streams of a command, and whether it is quiet or debugged."""

    def __init__(self) -> None:
        # Names of columns and files are printed as they are, be they "[bold]" or ":smile:".
        self.out = _Console(markup=False, highlight=False, emoji=False)
        self.err = _Console(stderr=True, markup=False, highlight=False, emoji=False)
        self.quiet = self.debug = False
        self.warnings: list[str] = []

    def say(self, *renderables: Any) -> None:
        """Print results, and an empty line after them."""
        if not self.quiet:
            self.out.print(*renderables, "", sep="\n")

    def warn(self, sentence: str) -> None:
        """Keep a warning for the end, where it is seen."""
        sentence = in_shell_words(sentence)
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def show_warnings(self) -> None:
        """Print the warnings that were kept."""
        for sentence in self.warnings:
            self._complain("Warning", "yellow", sentence)
        self.warnings.clear()

    def error(self, sentence: str) -> None:
        """Print what went wrong."""
        self._complain("Error", "red", sentence)

    def _complain(self, word: str, colour: str, sentence: str) -> None:
        text = Text.assemble((f"{word}: ", f"bold {colour}"), visible(in_shell_words(sentence)))
        self.err.print(text, soft_wrap=not self.err.is_terminal)

    @contextmanager
    def working(self, what: str) -> Iterator[None]:
        """Show that work is going on, if someone is watching."""
        if self.quiet or not self.err.is_terminal:
            yield
            return
        with self.err.status(Text(f"{what} …")):
            yield

    @contextmanager
    def steps(self) -> Iterator[Callable[[str], None]]:
        """Show which of several steps is being done and for how long it has gone on, if someone is watching."""
        if self.quiet or not self.err.is_terminal:
            yield lambda _: None
            return
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
        with Progress(*columns, console=self.err, transient=True) as progress:
            task = progress.add_task("", total=None)
            yield lambda what: progress.update(task, description=f"{what} …")

    @contextmanager
    def progress(self) -> Iterator[Callable[[str, int, int], None]]:
        """Show how many parts of a step are done, how fast, and how long the others take, if someone is watching."""
        if self.quiet or not self.err.is_terminal:
            yield lambda *_: None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
        with Progress(*columns, console=self.err, transient=True) as progress:
            tasks: dict[str, TaskID] = {}

            def tell(what: str, done: int, total: int) -> None:
                if what not in tasks:
                    tasks[what] = progress.add_task(what, total=total)
                progress.update(tasks[what], completed=done, total=total)

            yield tell

    @contextmanager
    def reporting_errors(self) -> Iterator[None]:
        """Turn what a command raises into a sentence on stderr and an exit code: 1 for the data, 2 for the usage."""
        try:
            with self.plain_warnings():
                yield
            self.show_warnings()
        except typer.Exit:  # a finding that a script is to see
            self.show_warnings()
            raise
        except (Exception, KeyboardInterrupt) as problem:
            self.show_warnings()
            if self.debug:
                self.err.print_exception()
            self.error(_sentence(problem))
            raise typer.Exit(_code(problem)) from None

    @contextmanager
    def plain_warnings(self) -> Iterator[None]:
        """Take the warnings of clvmodels as sentences; those of other packages are for developers."""
        with warnings.catch_warnings():
            warnings.simplefilter("always", ClvWarning)

            def take(message: Any, category: type[Warning], *where: Any, **more: Any) -> None:
                if issubclass(category, ClvWarning):
                    self.warn(str(message))
                elif self.debug:
                    self.err.print(Text(f"{category.__name__}: {message}"))

            warnings.showwarning = take
            yield


class _Rate(ProgressColumn):
    """Parts a second."""

    def render(self, task: Task) -> Text:
        return Text("" if not task.speed else f"{task.speed:.2g} a second")


def _stopped(problem: BaseException) -> bool:
    """Whether this is Ctrl-C, for which DuckDB raises an error of its own."""
    return isinstance(problem, KeyboardInterrupt) or "Query interrupted" in str(problem)


def _code(problem: BaseException) -> int:
    """The exit code of an error."""
    if _stopped(problem):
        return INTERRUPTED
    return WRONG_USAGE if isinstance(problem, ArgumentError | UsageProblem) else DATA_PROBLEM


def _sentence(problem: BaseException) -> str:
    """An error as a sentence."""
    if _stopped(problem):
        return "Stopped."
    if isinstance(problem, ClvError):
        return str(problem)
    if isinstance(problem, OSError) and problem.strerror:
        return f"{problem.filename}: {problem.strerror}." if problem.filename else f"{problem.strerror}."
    if isinstance(problem, MemoryError):
        return "There is not enough memory for this."
    said = (str(problem).splitlines() or [""])[0]
    return f"Something went wrong that nobody foresaw{f' ({said})' if said else ''}. clv --debug shows where."
