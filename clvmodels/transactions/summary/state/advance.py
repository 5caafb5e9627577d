"""How a state goes on: days of new lines join those that are still open, and the older ones close.

A refund is set against earlier days, and a late line may fall on a day with others; so the sums of a customer's last
days are kept one by one ("open"). What lies before them ("closed") is one row of sums. All days are settled by the one
definition, `clvmodels.transactions.summary.purchase_days`; what the open days leave to be set against the closed ones
("carried") must be what it was when these were closed, else the customer is refused.

Only customers with new lines are computed. The rows of others are copied; when the last of their open days is older
than those that are kept, all of them are left out, and what they were closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.transactions.log.engine import literal
from clvmodels.transactions.summary.purchase_days import Rules, customer_rows, settle_days
from clvmodels.transactions.summary.state.layout import COLUMNS, DAY, PART

# Sums of two parts of a customer's days, the earlier one first; `more` counts the first day of the later part as well.
_JOINED = """{first_day: a.first_day, last_day: b.last_day, purchase_days: a.purchase_days + b.purchase_days,
    day_sum: a.day_sum + b.day_sum, repeat_spend: a.repeat_spend + b.spend,
    repeat_spend_days: a.repeat_spend_days + b.spend_days, spend: a.spend + b.spend,
    spend_days: a.spend_days + b.spend_days}"""
_SUMS = (*PART, "spend", "spend_days")


@dataclass(frozen=True)
class Step:
    """From one state to the next.

    Attributes
    ----------
    state : Path or None
        The file of the state, None for the first lines.
    folder : Path
        Where intermediate rows lie, which may be more than fits into memory: ``days.parquet`` has the totals of
        customers and days of the new lines.
    was_open_from, open_from : int
        The first open day before and after.
    refunds : str or None
        What refunds mean; None if there never was one.
    """

    state: Path | None
    folder: Path
    was_open_from: int
    open_from: int
    refunds: str | None


def read_known(database: Any, step: Step) -> None:
    """The state as it was (``known``), the new days (``fresh``), and what is known of their customers."""
    database.execute(f"CREATE VIEW fresh AS FROM read_parquet({literal(str(step.folder / 'days.parquet'))})")
    database.execute("CREATE TABLE touched AS SELECT DISTINCT customer AS customer_id FROM fresh")
    if step.state is None:
        columns = ", ".join(f"NULL::{kind} AS {name}" for name, kind in COLUMNS.items())
        database.execute(f"CREATE VIEW known AS SELECT customer AS customer_id, {columns} FROM fresh LIMIT 0")
    else:
        database.execute(f"CREATE VIEW known AS FROM read_parquet({literal(str(step.state))})")
    database.execute("CREATE TABLE of_touched AS FROM known SEMI JOIN touched USING (customer_id)")
    database.execute(
        f"CREATE VIEW before AS SELECT customer_id, CASE WHEN total.open THEN shut.sums ELSE total.sums END AS closed, "
        "coalesce(shut.carried, 0.0) AS carried FROM "
        f"(SELECT customer_id, {_struct()} AS sums, customer_id IN (SELECT customer_id FROM of_touched "
        "WHERE part = 'day') AS open FROM of_touched WHERE part = 'customer') total "
        f"LEFT JOIN (SELECT customer_id, carried, {_struct()} AS sums FROM of_touched WHERE part = 'closed') shut "
        "USING (customer_id)"
    )


def compute_changed(database: Any, step: Step) -> None:
    """What becomes of the customers with new lines (``changed``), and the sums of their open days (``settled``)."""
    _settle(database, step)
    by_part = Rules(has_amounts=True, has_orders=False, refunds=None, split=step.open_from - 1)
    rows = customer_rows(nw.from_native(database.table("settled")), by_part)
    rows.to_native().create_view("rows_of_parts")
    database.execute(
        "CREATE VIEW more AS SELECT customer, period, arg_min(credit, day) AS credit, "
        "count(*) FILTER (purchase_day IS NOT NULL AND spend > 0) AS spend_days FROM settled GROUP BY ALL"
    )
    sums = ", ".join(f"{name}: {name}" for name in _SUMS)
    parts = f"SELECT customer, period, credit, {{{sums}}} AS sums FROM rows_of_parts JOIN more USING (customer, period)"
    _keep(database, database.sql(parts), "parts", step)
    database.execute(
        "CREATE MACRO joined(a, b) AS CASE WHEN a IS NULL OR a.purchase_days = 0 THEN coalesce(b, a) "
        f"WHEN b IS NULL OR b.purchase_days = 0 THEN a ELSE {_JOINED} END"
    )
    _keep(database, database.sql(_CHANGED), "changed", step)


def next_rows(step: Step) -> str:
    """The query whose rows are the next state."""
    sums, days = ", ".join(PART), ", ".join(DAY)
    of_days = ", ".join("net AS spend" if name == "spend" else name for name in DAY)
    others = (
        "FROM known ANTI JOIN touched USING (customer_id) WHERE part = 'customer' OR customer_id IN "
        f"(SELECT customer_id FROM known WHERE part = 'day' GROUP BY ALL HAVING max(day) >= {step.open_from})"
    )
    return f"""
        SELECT part, customer_id, {sums}, carried, {days} {others}
        UNION ALL BY NAME SELECT 'customer' AS part, customer_id, unnest(total) FROM changed
        UNION ALL BY NAME SELECT 'closed' AS part, customer_id, unnest(closed), open_credit AS carried
            FROM changed WHERE closed IS NOT NULL AND open_credit IS NOT NULL
        UNION ALL BY NAME SELECT 'day' AS part, customer AS customer_id, {of_days} FROM settled WHERE period = 1
    """


def _struct() -> str:
    """The sums of a row of the state; those that only later parts need are not kept."""
    sums = [f"{name}: {name}" for name in PART]
    return f"{{{', '.join([*sums, 'spend: NULL::DOUBLE', 'spend_days: NULL::BIGINT'])}}}"


def _keep(database: Any, rows: Any, name: str, step: Step) -> None:
    """Rows that are computed once, however often they are read; those of a whole log are kept in a file."""
    if step.state is not None:
        rows.create(name)
        return
    path = str(step.folder / f"{name}.parquet")
    rows.write_parquet(path, compression="lz4_raw")
    database.execute(f"CREATE VIEW {name} AS FROM read_parquet({literal(path)})")


def _settle(database: Any, step: Step) -> None:
    """New and open days together, refunds set against them; ``net`` is the spend before that."""
    sums = ", ".join(f"sum({name})::{kind} AS {name}" for name, kind in DAY.items() if name != "day")
    opened = f"SELECT customer_id AS customer, {', '.join(DAY)} FROM of_touched WHERE part = 'day'"
    together = f"SELECT customer, day, {sums} FROM (FROM fresh UNION ALL BY NAME {opened}) GROUP BY ALL"
    database.execute(f"CREATE VIEW days AS {'FROM fresh' if step.state is None else together}")
    days = nw.from_native(database.table("days")).with_columns(net=nw.col("spend"), bought=nw.col("spend"))
    settled = settle_days(days, Rules(has_amounts=True, has_orders=False, refunds=step.refunds))
    if "credit" not in settled.collect_schema().names():
        settled = settled.with_columns(credit=nw.lit(0.0))
    one, none = nw.lit(1, dtype=nw.Int64), nw.lit(0, dtype=nw.Int64)
    settled = settled.with_columns(period=nw.when(nw.col("day") >= step.open_from).then(one).otherwise(none))
    wanted = ("customer", "period", "purchase_day", "net", "credit", *DAY)
    _keep(database, settled.select(*wanted).to_native(), "settled", step)


_CHANGED = f"""
WITH each AS (
    SELECT customer_id, before.carried, later.credit AS open_credit, coalesce(older.credit, later.credit) AS credit,
        joined(before.closed, older.sums) AS closed, before.closed IS NOT NULL AS was_closed, later.sums AS later
    FROM touched LEFT JOIN before USING (customer_id)
    LEFT JOIN (SELECT * RENAME customer AS customer_id FROM parts WHERE period = 0) AS older USING (customer_id)
    LEFT JOIN (SELECT * RENAME customer AS customer_id FROM parts WHERE period = 1) AS later USING (customer_id)
), sums AS (SELECT *, joined(closed, later) AS total FROM each)
SELECT customer_id, carried, open_credit, CASE WHEN was_closed THEN credit END AS credit,
    {{{", ".join(f"{name}: total.{name}" for name in PART)}}} AS total,
    CASE WHEN closed IS NOT NULL THEN {{{", ".join(f"{name}: closed.{name}" for name in PART)}}} END AS closed
FROM sums
"""
