"""Whether new lines concern days of a state that are closed: that is refused, in words."""

from __future__ import annotations

from typing import Any

from clvmodels.errors import DataError
from clvmodels.formats import plural
from clvmodels.transactions.log.dates import to_timestamp

_SAME = 1e-9  # of two sums of the same refunds, added in another order


def check_days(database: Any, open_from: int) -> None:
    """Raise if there are lines of days that are closed.

    Raises
    ------
    DataError
        There are.
    """
    ((lines, customers, example, day),) = database.execute(
        "SELECT sum(orders)::BIGINT, count(DISTINCT customer_id), min(customer_id), min(day) "
        f"FROM fresh JOIN before ON customer = customer_id WHERE day < {open_from} AND closed IS NOT NULL"
    ).fetchall()
    if customers:
        raise DataError(
            f"{plural(lines, 'line')} of {plural(customers, 'customer')} (such as {example}) from "
            f"{to_timestamp(day):%Y-%m-%d} on lie before {to_timestamp(open_from):%Y-%m-%d}, the first day "
            "to which the state still adds. Start it anew from the whole log, with a larger open_days= if lines "
            "come that late again."
        )


def check_refunds(database: Any, open_from: int) -> None:
    """Raise if refunds reach back to days that are closed, or no longer do.

    Raises
    ------
    DataError
        They do.
    """
    ((customers, example),) = database.execute(
        "SELECT count(*), min(customer_id) FROM changed "
        f"WHERE abs(credit - carried) > {_SAME} * greatest(1.0, abs(credit), abs(carried))"
    ).fetchall()
    if customers:
        raise DataError(
            f"Refunds of {plural(customers, 'customer')} (such as {example}) concern what was bought before "
            f"{to_timestamp(open_from):%Y-%m-%d}, the first day to which the state still adds. Start it anew "
            'from the whole log, with a larger open_days= if refunds come that late again; or with refunds="drop".'
        )
