"""A simulated transaction log of any size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from clvmodels import arguments
from clvmodels.arrays import Array
from clvmodels.datasets import buyers
from clvmodels.errors import ArgumentError
from clvmodels.files import whole_file
from clvmodels.signatures import checked

if TYPE_CHECKING:
    import pandas as pd

# As fitted to the CDNOW sample, in weeks and US dollars.
_PURCHASES = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
_SPEND = {"p": 6.25, "q": 3.74, "v": 15.44}
_BATCH = 100_000  # customers whose purchases are in memory at a time
_MOST_CUSTOMERS = 1_000_000_000
_LARGEST_FACTOR = 1_000.0


@checked
def simulate_log(
    customers: int = 10_000,
    *,
    start: str = "2023-01-01",
    end: str = "2024-12-31",
    joining: int | None = None,
    purchases: Mapping[str, float] | None = None,
    spend: Mapping[str, float] | None = None,
    season: Mapping[int, float] | None = None,
    cohort_trend: float = 0.0,
    channels: Mapping[str, float] | None = None,
    referred: float = 0.0,
    seed: int = 0,
    output: str | Path | None = None,
) -> pd.DataFrame | Path:
    """A transaction log of customers who buy and leave as BG/NBD says and spend as Gamma-Gamma says.

    Each customer's purchases are drawn one by one, so that the truth is known: rates λ ~ Gamma(r, alpha), after each
    repeat purchase a customer leaves with probability p ~ Beta(a, b), amounts are gamma-distributed around each
    customer's mean. With a season, cohorts or channels the rates are multiplied by their factors.

    Parameters
    ----------
    customers : int, default 10,000
        How many customers, each with at least the first purchase.
    start, end : str, default "2023-01-01" and "2024-12-31"
        The first and the last day of the log.
    joining : int, optional
        Days from ``start`` over which customers join, evenly. Without it: all days of the log.
    purchases : mapping, optional
        ``r``, ``alpha`` (in weeks), ``a`` and ``b`` of BG/NBD. Those left out are as fitted to CDNOW: .243, 4.414,
        .793, 2.426.
    spend : mapping, optional
        ``p``, ``q`` and ``v`` of Gamma-Gamma. Those left out are as fitted to CDNOW: 6.25, 3.74, 15.44.
    season : mapping, optional
        Factors of the purchase rate by month, such as ``{12: 3.0}``; 1 for those left out. They are divided by their
        average over the days of the log, so that a season moves purchases but doesn't add any.
    cohort_trend : float, default 0
        Change of the log of the purchase rate from customers to those who join a year later: -0.2 for 18 % less.
    channels : mapping, optional
        Factors of the purchase rate by channel, such as ``{"search": 1.0, "friends": 1.5}``. Customers come through
        all channels equally often.
    referred : float, default 0
        The share of customers whom one who joined earlier has referred.
    seed : int, default 0
        Of the random numbers. The same arguments give the same log, in memory and in a file.
    output : str or pathlib.Path, optional
        A Parquet file to write, 100,000 customers at a time, instead of a frame in memory.

    Returns
    -------
    pandas.DataFrame or pathlib.Path
        One row a purchase, by customer and date: ``customer_id`` (int64, from 1 on in the order of joining), ``date``
        (datetime64), ``amount`` (float64), with ``channels`` also ``channel`` (text), with ``referred`` also
        ``referrer`` (Int64, a ``customer_id``; missing for those whom nobody referred). Or the path of the file.

    Raises
    ------
    ArgumentError
        An argument is out of its range.

    Examples
    --------
    >>> import clvmodels as clv
    >>> log = clv.datasets.simulate_log(1_000, season={12: 3.0}, referred=0.2, seed=1)
    >>> log.columns.tolist(), log["customer_id"].nunique()
    (['customer_id', 'date', 'amount', 'referrer'], 1000)
    >>> monthly = log.groupby(log["date"].dt.month)["amount"].size()
    >>> int(monthly.idxmax())
    12
    """
    first, days = _days(start, end)
    people = buyers.Population(
        customers=arguments.whole("customers", customers, "a whole number, 1 or more", 1, _MOST_CUSTOMERS),
        joining=arguments.whole("joining", days if joining is None else joining, f"1 to {days:,} days", 1, days),
        intensity=_intensity(first, days, season),
        purchases=_parameters("purchases", purchases, _PURCHASES),
        spend=_parameters("spend", spend, _SPEND),
        trend=arguments.finite("cohort_trend", cohort_trend, "a number from -3 to 3", -3.0, 3.0),
        channels=_factors("channels", channels),
        referred=arguments.finite("referred", referred, "a share from 0 to 1", 0.0, 1.0),
        seed=arguments.whole("seed", seed),
    )
    frames = _frames(people, first)
    if output is not None:
        return _write(frames, Path(output))
    import pandas as pd

    return pd.concat(frames, ignore_index=True)


def _days(start: str, end: str) -> tuple[np.datetime64, int]:
    try:
        first, last = np.datetime64(start, "D"), np.datetime64(end, "D")
        days = int((last - first).astype(int)) + 1
    except (TypeError, ValueError):
        raise ArgumentError(f"start and end must be days such as '2023-01-01', not {start!r} and {end!r}.") from None
    if np.isnat(first) or np.isnat(last) or not 1 <= days <= 36_525:
        raise ArgumentError(f"From start to end must be 1 day to 100 years, not from {start} to {end}.")
    return first, days


def _intensity(first: np.datetime64, days: int, season: Mapping[int, float] | None) -> Array:
    """A factor for each day, 1 on average."""
    months = (first + np.arange(days)).astype("datetime64[M]").astype(int) % 12 + 1
    factors = _factors("season", season)
    unknown = [month for month in factors if month not in range(1, 13)]
    if unknown:
        raise ArgumentError(f"season must have months from 1 to 12, not {unknown[0]!r}.")
    by_day = np.array([float(cast(Mapping[Any, float], factors).get(month, 1.0)) for month in range(1, 13)])[months - 1]
    if by_day.mean() == 0:
        raise ArgumentError("season leaves no day on which anybody buys.")
    return cast(Array, by_day / by_day.mean())


def _factors(name: str, factors: Mapping[Any, float] | None) -> dict[Any, float]:
    arguments.instance(name, factors, (Mapping, type(None)), "a mapping from names to factors, or None")
    what = f"factors from 0 to {_LARGEST_FACTOR:,.0f}"
    return {key: arguments.finite(name, value, what, 0.0, _LARGEST_FACTOR) for key, value in (factors or {}).items()}


def _parameters(name: str, given: Mapping[str, float] | None, default: Mapping[str, float]) -> dict[str, float]:
    arguments.instance(name, given, (Mapping, type(None)), "a mapping from parameters to values, or None")
    unknown = [key for key in given or {} if key not in default]
    if unknown:
        raise ArgumentError(f"{name} has no parameter {unknown[0]!r}, only {', '.join(default)}.")
    merged = {**default, **(given or {})}
    return {key: arguments.finite(f"{name}[{key!r}]", x, "from 1e-6 to 1e6", 1e-6, 1e6) for key, x in merged.items()}


def _frames(people: buyers.Population, first: np.datetime64) -> Iterator[pd.DataFrame]:
    for begin in range(0, people.customers, _BATCH):
        yield _frame(people, buyers.draw(people, begin, min(begin + _BATCH, people.customers)), first)


def _frame(people: buyers.Population, lines: buyers.Lines, first: np.datetime64) -> pd.DataFrame:
    import pandas as pd

    date = (first + lines.day.astype("timedelta64[D]")).astype("datetime64[s]")
    frame = pd.DataFrame({"customer_id": lines.customer + 1, "date": date, "amount": lines.amount})
    if people.channels:
        frame["channel"] = np.array([str(name) for name in people.channels], dtype=object)[lines.channel]
    if people.referred:
        referrer = pd.Series(lines.referrer + 1).astype("Int64")
        frame["referrer"] = referrer.mask(referrer == 0)
    return frame


def _write(frames: Iterator[pd.DataFrame], output: Path) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if output.suffix.lower() != ".parquet":
        raise ArgumentError(f"output must be a Parquet file such as 'log.parquet', not {output.name!r}.")
    with whole_file(output) as part:
        tables = (pa.Table.from_pandas(frame, preserve_index=False) for frame in frames)
        first = next(tables)
        with pq.ParquetWriter(part, first.schema) as writer:
            writer.write_table(first)
            for table in tables:
                writer.write_table(table.cast(first.schema))
    return output
