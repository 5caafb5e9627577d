"""`summary_sql`: the summary of a table that stays where it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, Unpack

import narwhals.stable.v2 as nw

from clvmodels.arguments import shortly
from clvmodels.errors import ArgumentError
from clvmodels.signatures import checked
from clvmodels.transactions.log.columns.amounts import amount_columns
from clvmodels.transactions.log.columns.guess import NONE
from clvmodels.transactions.log.columns.skip import parse_skip
from clvmodels.transactions.log.dates import parse_day
from clvmodels.transactions.log.kept_columns import check_keep, kept_name
from clvmodels.transactions.log.lines import Columns, find_columns, read_lines
from clvmodels.transactions.log.log import Log, LogKeywords
from clvmodels.transactions.log.takes_log import takes_log
from clvmodels.transactions.summary.left_out import leave_out
from clvmodels.transactions.summary.profile import dated_until
from clvmodels.transactions.summary.purchase_days import Rules, customer_rows, purchase_days
from clvmodels.transactions.summary.sql.dialects import check_dialect, column_of, day_number, sqlglot
from clvmodels.transactions.summary.sql.from_chain import empty, named, steps, tidy
from clvmodels.transactions.units import DAYS_PER_UNIT, check_unit
from clvmodels.version import __version__

_DAY = "clv_day"
_SOURCE = "clv_source"
# What has a meaning only for files, or needs a look at the values before the query can be written.
_NOT_IN_SQL = {
    "currency": "leave out the lines in other currencies in a view of the table",
    "rates": "convert the amounts in a view of the table",
    "header": "a table has the names of its columns",
    "sheet": "a table is no workbook",
    "query": "pass the name of the table, or of a view",
    "date_format": "turn dates that are text into dates in a view of the table",
    "unreadable_dates": "turn dates that are text into dates in a view of the table",
    "decimal": "turn amounts that are text into numbers in a view of the table",
    "duplicates": "leave out copies in a view of the table, by SELECT DISTINCT",
}
_COMMENT = """\
-- Recency, frequency and monetary value of every customer, in {unit}s (clvmodels {version}).
-- Lines without a customer or a date are left out; an amount that is missing counts as 0.
-- Customers.from_frame(result, unit="{unit}") reads the result.
"""


@takes_log
@checked
def summary_sql(
    table: str,
    *,
    dialect: str = "duckdb",
    unit: str = "week",
    observation_end: Any = None,
    keep: str | Sequence[str] | None = None,
    **columns: Unpack[LogKeywords],
) -> str:
    """The summary of a table in a warehouse as one SELECT, with the numbers that `summarize` gives.

    It is written from the same steps that `summarize` runs. Other than that it can't look at the values first: ids are
    numbers or text, dates are dates, timestamps or ISO text, and amounts numbers.

    Parameters
    ----------
    table : str
        Name of the table or view, such as ``"shop.orders"``, or a template such as ``"{{ ref('orders') }}"`` of dbt.
    dialect : {"duckdb", "postgres", "snowflake", "bigquery", "spark"}, default "duckdb"
        The dialect of SQL.
    unit : {"hour", "day", "week", "month", "year"}, default "week"
        The unit of recency and T.
    observation_end : str or date, optional
        Last day observed, inclusive. Default: the last day in the table, when the query runs.
    keep : str or sequence of str, optional
        Columns that customers take with them, as in `summarize`.
    **columns
        How to read the table, see `clvmodels.Log`: ``customer`` and ``date`` have to be named; ``amount``, ``order``,
        ``refunds`` ("net" or "drop"), ``timezone`` (for moments that know theirs), ``skip`` and ``amount_per`` mean
        what they mean there; what else a log has is refused.

    Returns
    -------
    str
        A SELECT with one row a customer: ``customer_id``, ``frequency``, ``recency``, ``T``, ``monetary_value`` (null
        without positive repeat spend), ``spend_frequency``, and what is kept. Without amounts the last two are
        null and 0.

    Raises
    ------
    ArgumentError
        A column is not named, an argument has no meaning in SQL, or sqlglot (extra ``sql``) is not installed.

    See Also
    --------
    summarize : Runs the summary, on DuckDB, Ibis and PySpark where the data are, with a report on every line.

    Examples
    --------
    >>> import duckdb
    >>> query = summary_sql("'data/cdnow_sample.csv'", customer="customer_id", date="date", amount="amount",
    ...                     observation_end="1997-09-30")
    >>> duckdb.connect().sql(query).order("customer_id").limit(1).fetchall()
    [(1, 2, 30.428571428571427, 38.857142857142854, 22.345, 2)]
    """
    check_dialect(dialect)
    check_unit(unit)
    log = _checked(Log.of(table, **columns))
    end = None if observation_end is None else parse_day(observation_end, "observation_end")
    kept = check_keep(keep)
    found = _columns(log, kept)
    chain = [_source(log, found, kept, dialect), *_chain(log, found, end)]
    last = _customers(found, kept, unit, end, dialect)
    last.set("with_", sqlglot().exp.With(expressions=tidy(chain, last)))
    return _as_text(last, table, unit, dialect)


def _checked(log: Log) -> Log:
    """The log, if it can be summarized without a look at its values."""
    if log.customer is None or log.date is None:
        raise ArgumentError("A table is not looked at: name its columns by customer= and date=.")
    if log.refunds == "error":
        raise ArgumentError('SQL can\'t refuse refunds. Pass refunds="net" or refunds="drop".')
    amount, order = None if log.amount == NONE else log.amount, None if log.order == NONE else log.order
    log = replace(log, amount=amount, order=order)
    default = {field.name: field.default for field in fields(Log)}
    for name, advice in _NOT_IN_SQL.items():
        is_label = name == "currency" and "=" not in str(log.currency)
        if getattr(log, name) != default[name] and not is_label:
            raise ArgumentError(f"{name}= has no place in SQL: {advice}.")
    return log


def _columns(log: Log, keep: tuple[str, ...]) -> Columns:
    """The columns that the log names, which are taken to be there; those to keep under names of their own."""
    factors, minus = amount_columns(log.amount, [])
    skipped = [name for name, _ in parse_skip(log.skip)]
    said = [str(log.customer), str(log.date), *factors, *minus, *skipped, *([log.order] if log.order else [])]
    return replace(find_columns(said, log), keep=tuple(map(_kept, keep)), day=_DAY)


def _kept(name: str) -> str:
    """A column to keep as the chain sees it: it may be an amount as well, of which it wants other things."""
    return f"clv_keep_{name}"


def _source(log: Log, columns: Columns, keep: tuple[str, ...], dialect: str) -> Any:
    """The columns that are read, and the day as a number."""
    exp = sqlglot().exp
    customer = column_of(columns.customer, dialect)
    known = exp.cast(customer.copy(), "VARCHAR").neq(exp.Literal.string(""))
    wanted = [exp.alias_(exp.Case().when(known, customer), columns.customer, quoted=True)]
    named_so = {name: name for name in columns.names if name not in (columns.customer, columns.date, *columns.keep)}
    for alias, name in (named_so | {_kept(name): name for name in keep}).items():
        wanted.append(exp.alias_(column_of(name, dialect), alias, quoted=True))
    wanted.append(exp.alias_(day_number(column_of(columns.date, dialect), log.timezone, dialect), _DAY, quoted=True))
    return named("log", exp.select(*wanted).from_(exp.to_table(_SOURCE)))


def _chain(log: Log, columns: Columns, end: int | None) -> list[Any]:
    """The steps of the summary: lines, purchase days, customers."""
    amounts = {*columns.amount, *columns.minus}
    types = {name: "DOUBLE" if name in amounts else "VARCHAR" for name in columns.names}
    types |= {columns.customer: "BIGINT", columns.date: "VARCHAR", _DAY: "BIGINT"}
    lines, _ = leave_out(read_lines(empty("log", types), columns), columns)
    lines = dated_until(lines, end)
    rules = Rules(
        has_amounts=log.has_amounts,
        has_orders=log.order is not None,
        refunds=log.refunds if log.has_amounts else None,
        kept=len(columns.keep),
    )
    days = purchase_days(_as_table(lines, "lines"), rules)
    rows = customer_rows(_as_table(days, "purchase_days"), rules)
    return [*steps(lines, "lines"), *steps(days, "purchase_days"), *steps(rows, "customers")]


def _as_table(frame: nw.LazyFrame[Any], name: str) -> nw.LazyFrame[Any]:
    """An empty table with the columns of a step, from which the next step begins."""
    relation = frame.to_native()
    return empty(name, dict(zip(relation.columns, map(str, relation.types), strict=True)))


def _customers(columns: Columns, keep: tuple[str, ...], unit: str, end: int | None, dialect: str) -> Any:
    """The last SELECT: what `PeriodSummary.customers` makes of the rows."""
    exp = sqlglot().exp
    observed = "last_observed" if end is None else str(end)
    repeat = "repeat_spend / NULLIF(repeat_spend_days, 0)" if columns.amount else "CAST(NULL AS DOUBLE)"
    wanted = {
        "customer_id": "customer",
        "frequency": "purchase_days - 1",
        "recency": _in_units("last_day - first_day", unit),
        "T": _in_units(f"{observed} - first_day", unit),
        "monetary_value": repeat,
        "spend_frequency": "repeat_spend_days" if columns.amount else "0",
    }
    chosen = [
        exp.alias_(sqlglot().parse_one(text, read="duckdb"), name, quoted=name == "T") for name, text in wanted.items()
    ]
    for place, name in enumerate(keep):
        chosen.append(exp.alias_(exp.column(kept_name(place)), column_of(name, dialect).this))
    query = exp.select(*chosen).from_("customers").where("purchase_days > 0")
    return (
        query.join("(SELECT MAX(day) AS last_observed FROM lines) AS observed", join_type="cross")
        if end is None
        else query
    )


def _in_units(days: str, unit: str) -> str:
    size = DAYS_PER_UNIT[unit]
    return f"CAST({days} AS DOUBLE) / {size!r}" if size >= 1 else f"CAST({days} AS DOUBLE) * {round(1 / size)}"


def _as_text(statement: Any, table: str, unit: str, dialect: str) -> str:
    """The statement in the dialect, with a comment before it."""
    is_template = "{{" in table
    if not is_template:
        for source in statement.find_all(sqlglot().exp.Table):
            if source.name == _SOURCE:
                source.replace(_table(table, dialect))
    text: str = statement.sql(dialect=dialect, pretty=True)
    text = text.replace(_SOURCE, table) if is_template else text
    return f"{_COMMENT.format(unit=unit, version=__version__)}{text}\n"


def _table(table: str, dialect: str) -> Any:
    """The name of a table as the dialect reads it."""
    glot = sqlglot()
    try:
        query = glot.parse_one(f"SELECT * FROM {table}", read=dialect)
    except glot.errors.SqlglotError:
        query = None
    found = None if query is None else query.find(glot.exp.Table)
    if not isinstance(found, glot.exp.Table) or query != glot.exp.select("*").from_(found):
        raise ArgumentError(f"table {shortly(table)} is not the name of a table or view.")
    return found
