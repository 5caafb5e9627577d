"""A log whose columns are all known: as given, guessed from their names, and checked against the values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Unpack

from clvmodels.errors import LogWarning
from clvmodels.transactions.log.columns import evidence, names
from clvmodels.transactions.log.columns.amounts import amount_columns
from clvmodels.transactions.log.columns.guess import NONE, Guess, guess_columns
from clvmodels.transactions.log.columns.layouts import Layout, find_layout
from clvmodels.transactions.log.columns.skip import skip_text
from clvmodels.transactions.log.log import Log, LogKeywords
from clvmodels.transactions.log.readers import open_log
from clvmodels.transactions.log.source import Wanted
from clvmodels.user_warning import point_out


@dataclass(frozen=True, eq=False, repr=False)
class GuessedLog(Log):
    """A log of which some columns were guessed.

    Attributes
    ----------
    guessed : tuple of str
        Those of "customer", "date", "amount" and "order" that were not given.
    notes : tuple of str
        Sentences on how the log is read.
    """

    guessed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def guessed_columns(self) -> tuple[tuple[str, str], ...]:
        """What was guessed, with the columns."""
        named = {"customer": self.customer, "date": self.date, "amount": self.amount, "order": self.order}
        return tuple((role, str(named[role])) for role in self.guessed)


def bound_log(data: Any, /, **columns: Unpack[LogKeywords]) -> Log:
    """The log that a public function was called with, its columns known.

    Where customer and date are given, nothing is guessed. Otherwise what was not given is.
    """
    log = Log.of(data, **columns)
    if log.customer is not None and log.date is not None and NONE not in (log.amount, log.order):
        return _looked_over(log)
    return settle(log)


def _looked_over(log: Log) -> Log:
    """A log whose columns were named; a total that stands on each line of its order is pointed out, once."""
    if isinstance(log, GuessedLog) or log.amount_per is not None or log.amount is None:
        return log
    source = open_log(log)
    factors, minus = amount_columns(log.amount, source.columns)
    named = {log.customer, log.date, *factors}
    order = log.order or next((name for name in names.hits(names.ORDER, source.columns) if name not in named), None)
    if order not in source.columns or len(factors) != 1 or factors[0] not in source.columns or minus:
        return log
    sentence = _repeated_total(
        source.read(Wanted(str(log.customer), (str(order),), factors)), log, str(order), factors[0]
    )
    if sentence is not None:  # copies of lines repeat what stands in them too, and are pointed out as such
        others = tuple(name for name in source.columns if name not in (log.customer, *factors))
        lines = source.read(Wanted(str(log.customer), others, factors))
        sentence = _repeated_total(lines.unique(), log, str(order), factors[0])
    if sentence is not None:
        point_out(sentence, LogWarning)
    return GuessedLog(**{field.name: getattr(log, field.name) for field in fields(Log)})


def _repeated_total(lines: Any, log: Log, order: str, amount: str) -> str | None:
    found = evidence.order_lines(lines, order, amount)
    return evidence.repeated_total(found, order, amount, is_named=log.order is not None)


def settle(log: Log) -> Log:
    """The log with every column named: those that were not given are guessed.

    Raises
    ------
    ArgumentError
        A guess has no candidate or several, or the values speak against it.

    Warns
    -----
    LogWarning
        The values leave doubts about what was guessed.
    """
    if isinstance(log, GuessedLog):
        return log
    source = open_log(log)
    available = source.columns
    given = {"customer": log.customer, "date": log.date, "amount": log.amount, "order": log.order}
    layout = find_layout(available) if log.customer is None or log.date is None or log.amount is None else None
    guess = guess_columns(available, given, layout)
    frame = source.read(_looked_at(guess, available))
    if guess.customer in names.hits(names.PLAIN_ID, available) and "customer" in guess.guessed:
        evidence.check_id(frame, guess.customer, available)
    known = replace(log, customer=guess.customer, date=guess.date, amount=guess.amount, order=guess.order)
    if layout is None:
        known, notes = _by_values(frame, known, guess)
    else:
        known, notes = _by_layout(frame, known, layout, guess, available)
    for sentence in [*guess.doubts, *_doubts(frame, known, guess, available)]:
        point_out(sentence, LogWarning)
    values = {field.name: getattr(known, field.name) for field in fields(Log)}
    written = [f"The data are read as {', '.join(source.notes)}."] if source.notes else []
    return GuessedLog(**values, guessed=guess.guessed, notes=(*written, *notes))


def _looked_at(guess: Guess, available: Sequence[str]) -> Wanted:
    """The columns whose values are looked at."""
    factors, minus = amount_columns(guess.amount, available)
    text = [*([guess.order] if guess.order else []), *names.hits(names.STATUS, available)]
    return Wanted(guess.customer, tuple(text), tuple(name for name in (*factors, *minus) if name in available))


def _by_layout(frame: Any, log: Log, layout: Layout, guess: Guess, available: Sequence[str]) -> tuple[Log, list[str]]:
    """How a known export is read: how often its amounts stand there, and what it holds besides purchases."""
    here = {names.plain(name): name for name in reversed(available)}
    per = None if log.order is None else log.amount_per or layout.amount_per
    if per == "order" and log.amount_per is None and log.amount is not None and "amount" not in guess.guessed:
        per = "order" if _is_per_order(frame, log) else "line"
    known = f"the amount is {log.amount}{', once an order' if per == 'order' else ''}"
    notes = [f"Read as {layout.name}: {'purchases are counted' if log.amount is None else known}."]
    skip = {here[name]: values for name, values in layout.skip.items() if name in here}
    if log.skip is None and skip and (per == layout.amount_per or log.order is None):
        log = replace(log, skip=skip_text(skip))
        shown = "; ".join(f"{name}: {', '.join(values)}" for name, values in skip.items()).replace(": *", ": any")
        notes.append(f"Lines that are no purchases are left out ({shown}).")
    return replace(log, amount_per=per), notes


def _is_per_order(frame: Any, log: Log) -> bool:
    """Whether an amount stands once an order, or is the same on all its lines."""
    factors, minus = amount_columns(log.amount, frame.collect_schema().names())
    if log.order is None or len(factors) != 1 or minus:
        return False
    found = evidence.order_lines(frame, log.order, factors[0])
    return found.equal == found.several


def _by_values(frame: Any, log: Log, guess: Guess) -> tuple[Log, list[str]]:
    """Whether the amount stands once an order, as the values say."""
    factors, minus = amount_columns(log.amount, frame.collect_schema().names())
    if log.amount_per is not None or log.order is None or len(factors) != 1 or minus:
        return log, []
    found = evidence.order_lines(frame, log.order, factors[0])
    if "amount" not in guess.guessed:
        sentence = evidence.repeated_total(found, log.order, factors[0])
        if sentence is not None:
            point_out(sentence, LogWarning)
        return log, []
    if not evidence.amount_stands_per_order(found, log.order, factors[0]):
        return log, []
    note = f"{factors[0]} is the total of the order (column {log.order}), which counts once, whatever its lines."
    return replace(log, amount_per="order"), [note]


def _doubts(frame: Any, log: Log, guess: Guess, available: Sequence[str]) -> list[str]:
    """Lines that may be no purchases, and customers who may be none."""
    sentences = []
    if "customer" in guess.guessed and log.customer is not None:
        sentences.append(evidence.guests(frame, log.customer))
        if log.customer in names.hits(names.ONE_WORD, available):
            sentences.append(evidence.check_names(frame, log.customer, available))
    if log.skip is None:
        used = {guess.customer, guess.date, guess.order, *amount_columns(log.amount, [])[0]}
        statuses = [name for name in names.hits(names.STATUS, frame.collect_schema().names()) if name not in used]
        sentences += evidence.not_bought(frame, statuses)
    return [sentence for sentence in sentences if sentence]
