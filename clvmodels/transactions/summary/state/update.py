"""`update_state`: new lines are added to what is known of each customer."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Unpack

from clvmodels.arguments import shortly, whole
from clvmodels.errors import ArgumentError, DataError
from clvmodels.files import private_folder, whole_file
from clvmodels.formats import plural
from clvmodels.signatures import checked
from clvmodels.transactions.log.columns.remembered import read_as
from clvmodels.transactions.log.columns.settle import bound_log
from clvmodels.transactions.log.dates import parse_day, to_timestamp
from clvmodels.transactions.log.engine import SETTINGS, literal, scratch_folder
from clvmodels.transactions.log.log import Log, LogKeywords
from clvmodels.transactions.log.takes_log import takes_log
from clvmodels.transactions.summary.state.advance import Step, compute_changed, next_rows, read_known
from clvmodels.transactions.summary.state.closed import check_days, check_refunds
from clvmodels.transactions.summary.state.layout import Header, read_header
from clvmodels.transactions.summary.state.new_lines import NewLines, check_log, write_totals
from clvmodels.transactions.summary.state.state import State, load_state

_OPEN_DAYS = 31  # a month: most shops take returns for 14 to 30 days


@takes_log
@checked
def update_state(
    path: str | Path,
    log: Any,
    *,
    observation_end: Any = None,
    late: str = "refuse",
    open_days: int | None = None,
    **columns: Unpack[LogKeywords],
) -> State:
    """Add new lines to the state of each customer, which gives the customers of all lines so far.

    The first lines make the file, later ones replace it by the next, whole or not at all. Of each customer the days of
    the last ``open_days`` are kept one by one, so that refunds and late lines of these are handled as in `summarize`;
    what concerns older days is refused.

    Parameters
    ----------
    path : str or pathlib.Path
        The Parquet file of the state, see `State`.
    log
    observation_end : str or date, optional
        Last day observed, inclusive. Default: the last day of the new lines, or of the state if that is later. Later
        lines are left out.
    late : {"refuse", "add"}, default "refuse"
        What to do with lines on or before the day that the state was observed until: they may have come late, or
        have been added before. Corrections are lines, too: the old amount negative, and the new one.
    open_days : int, optional
        For how many days, up to the last one observed, late lines and refunds are taken. Default: 31, or those of the
        state.
    **columns
        How to read the log, see `clvmodels.Log`; a state remembers it. ``order`` is refused: each line is an order.

    Returns
    -------
    State
        The state with the new lines.

    Raises
    ------
    DataError
        Lines come late, concern days that are closed, or can't be used; or someone else has changed the file meanwhile.
    ArgumentError
        An argument has no meaning here, or differs from what the state was made with.
    FileFormatError
        The file is no state.

    See Also
    --------
    summarize : Customers of one log, read as a whole.
    load_state : A state as it is.

    Examples
    --------
    >>> import clvmodels as clv, pandas as pd, tempfile
    >>> path = tempfile.mkdtemp() + "/state.parquet"
    >>> january = pd.DataFrame({"id": ["ann", "bob"], "day": ["2024-01-02", "2024-01-30"], "paid": [10.0, 20.0]})
    >>> _ = clv.update_state(path, january, customer="id", date="day", amount="paid", observation_end="2024-01-31")
    >>> february = pd.DataFrame({"id": ["ann", "cleo"], "day": ["2024-02-06", "2024-02-07"], "paid": [5.0, 1.0]})
    >>> clv.update_state(path, february, observation_end="2024-02-29").customers("day").table
                 frequency  recency     T  monetary_value  spend_frequency
    customer_id
    ann                  1     35.0  58.0             5.0                1
    bob                  0      0.0  30.0             NaN                0
    cleo                 0      0.0  22.0             NaN                0
    """
    if late not in ("refuse", "add"):
        raise ArgumentError(f'late must be "refuse" or "add", not {late!r}.')
    target = _target(path)
    known = read_header(target) if target.exists() else None
    stamp = _stamp(target)
    read = _log(log, known, columns)
    end = None if observation_end is None else parse_day(observation_end, "observation_end")
    if known is not None and end is not None and end < known.end:
        raise ArgumentError(
            f"observation_end {to_timestamp(end):%Y-%m-%d} lies before {to_timestamp(known.end):%Y-%m-%d}, until "
            "which the state was observed."
        )
    keep = _open_days(open_days, known)
    with scratch_folder() as folder:
        found = write_totals(read, end, folder / "days.parquet")
        header = _header(found, known, keep)
        database = _database(folder)
        late_lines = 0 if known is None else _late_lines(database, folder / "days.parquet", known, late)
        step = _step(target, folder, header, known)
        _compute(database, step)
        with whole_file(target) as part:
            _write(database, step, header, part)
            if _stamp(target) != stamp:
                raise DataError(f"{target} was changed while it was read. Nothing was written; update it again.")
        database.close()
    return replace(load_state(target), lines_added=found.profile.used, lines_late=late_lines)


def _target(path: str | Path) -> Path:
    """Where the state is, or is to be."""
    target = Path(path)
    try:
        if not target.name or target.is_dir() or not target.parent.is_dir():
            raise ArgumentError(f"path must be a file in a folder that is there, not {shortly(str(path))}.")
    except OSError as problem:
        raise ArgumentError(f"path {shortly(str(path))} is no name of a file: {problem.strerror}.") from None
    return target


def _stamp(path: Path) -> tuple[int, ...] | None:
    """What tells one version of a file from another."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _log(log: Any, known: Header | None, columns: Any) -> Log:
    """The new lines, read as those before; what would change the meaning of the state is refused."""
    anew = known is None or isinstance(log, Log)
    read = bound_log(log, **columns) if anew or known is None else read_as(log, known.log, columns)
    check_log(read)
    if known is not None:
        for name in ("refunds", "has_amounts"):
            if getattr(read, name) != getattr(known.log, name):
                what = "refunds" if name == "refunds" else "amount"
                raise ArgumentError(f"{what}= differs from what the state was made with. Leave it out, or start anew.")
    return read


def _open_days(given: int | None, known: Header | None) -> int:
    if given is not None:
        return whole("open_days", given, "a number of days, 1 to 36,525", 1, 36_525)
    return _OPEN_DAYS if known is None else known.open_days


def _header(found: NewLines, known: Header | None, open_days: int) -> Header:
    """What the next state says of itself."""
    last = found.profile.end if known is None else max(found.profile.end, known.end)
    open_from = last - open_days + 1
    if known is None:
        header = Header(
            found.log, last, open_from, open_days, refunds=found.profile.refunds > 0, currency=found.currency
        )
        return header.with_lines(found.profile.used)
    if known.currency != found.currency:
        raise ArgumentError(
            f"The state is in {known.currency or 'no currency that it knows'}, the lines are in {found.currency}."
        )
    refunds = known.refunds or found.profile.refunds > 0
    open_from = max(open_from, known.open_from)  # what is closed stays so
    header = replace(known, end=last, open_from=open_from, open_days=open_days, refunds=refunds)
    return header.with_lines(found.profile.used)


def _step(target: Path, folder: Path, header: Header, known: Header | None) -> Step:
    return Step(
        state=None if known is None else target,
        folder=folder,
        was_open_from=header.open_from if known is None else known.open_from,
        open_from=header.open_from,
        refunds=header.log.refunds if header.refunds else None,
    )


def _database(folder: Path) -> Any:
    """A DuckDB of its own, for tables that may be larger than memory."""
    import duckdb

    return duckdb.connect(config=SETTINGS | {"temp_directory": str(private_folder() / "duckdb")})


def _compute(database: Any, step: Step) -> None:
    """The next state of the customers with new lines; what concerns closed days is refused."""
    read_known(database, step)
    check_days(database, step.was_open_from)
    compute_changed(database, step)
    check_refunds(database, step.was_open_from)


def _late_lines(database: Any, days: Path, known: Header, late: str) -> int:
    """How many lines lie in time that was observed before."""
    ((number, first),) = database.execute(
        "SELECT coalesce(sum(orders), 0)::BIGINT, min(day) "
        f"FROM read_parquet({literal(str(days))}) WHERE day <= {known.end}"
    ).fetchall()
    if number and late == "refuse":
        raise DataError(
            f"{plural(number, 'line')} from {to_timestamp(first):%Y-%m-%d} on lie before the end of what the state has "
            f'seen, {to_timestamp(known.end):%Y-%m-%d}. If they have come late, pass late="add"; if they were added '
            "before, leave them out."
        )
    return int(number)


def _write(database: Any, step: Step, header: Header, part: Path) -> None:
    """The next state, as a file."""
    says = f"KV_METADATA {{clvmodels_state: {literal(header.to_text())}}}"
    options = f"FORMAT parquet, PARQUET_VERSION v2, {says}"
    database.execute(f"COPY ({next_rows(step)}) TO {literal(str(part))} ({options})")
