"""The data that the README, the notebooks and the tests use.

They are other people's data, outside the licence of clvmodels; each function names the source and its terms.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from clvmodels.errors import ArgumentError
from clvmodels.signatures import checked

if TYPE_CHECKING:
    import pandas as pd

_FILES = {
    "cdnow": "cdnow.csv",
    "cdnow_sample": "cdnow_sample.csv",
    "online_retail": "online_retail_orders.parquet",
    "donations": "donations.csv",
}


@checked
def path(name: str) -> Path:
    """Path of the file of a data set, for whatever takes a path.

    Parameters
    ----------
    name : {"cdnow", "cdnow_sample", "online_retail", "donations"}
        The data set.

    Returns
    -------
    pathlib.Path
        In the installed package, or in the checkout.

    Raises
    ------
    ArgumentError
        If there is no data set of this name.

    Examples
    --------
    >>> import clvmodels as clv
    >>> clv.datasets.path("cdnow").name
    'cdnow.csv'
    """
    if name not in _FILES:
        raise ArgumentError(f"There is no data set {name!r}. Use one of {', '.join(_FILES)}.")
    return _file(name)


@checked
def load_cdnow(sample: bool = False) -> pd.DataFrame:
    """Purchases of CDs by the customers who first bought at CDNOW in the first quarter of 1997.

    Parameters
    ----------
    sample : bool, default False
        Only the 1/10 systematic sample of 2,357 customers on which the papers are fitted. Its ``customer_id`` is the
        number within the sample (1 to 2357), as in the papers and in other packages, not that of the whole log.

    Returns
    -------
    pandas.DataFrame
        One row a purchase: ``customer_id`` (int64), ``date`` (datetime64), ``quantity`` (int64, number of CDs),
        ``amount`` (float64, US dollars). 69,659 rows of 23,570 customers, or 6,919 of 2,357, from 1997-01-01 to
        1998-06-30; several on one day are possible, and a few have an amount of 0.

    Notes
    -----
    Published by Bruce G. S. Hardie (brucehardie.com) for teaching and research, without a formal licence; outside the
    licence of clvmodels. Papers calibrate on 39 weeks, to 1997-09-30, and forecast the next 39.

    References
    ----------
    Fader and Hardie (2001), "Forecasting repeat sales at CDNOW: a case study", Interfaces 31(3), S94-S107.

    Examples
    --------
    >>> import clvmodels as clv
    >>> log = clv.datasets.load_cdnow(sample=True)
    >>> log.head(2)
       customer_id       date  quantity  amount
    0            1 1997-01-01         2   29.33
    1            1 1997-01-18         2   29.73
    """
    import pandas as pd

    return pd.read_csv(_file("cdnow_sample" if sample else "cdnow"), parse_dates=["date"], dtype={"amount": "float64"})


def load_online_retail() -> pd.DataFrame:
    """Orders at a British online shop for gifts, with cancellations: Online Retail II.

    Returns
    -------
    pandas.DataFrame
        One row an order (invoice): ``customer_id`` (Int64; missing for 8,752 orders), ``order_id`` (text; a ``C`` in
        front is a cancellation), ``timestamp`` (datetime64), ``amount`` (float64, pounds sterling: quantity times price
        over the lines; negative for a cancellation). 53,628 rows, 5,942 customers, 2009-12-01 to 2011-12-09.

    Notes
    -----
    Daqing Chen (2012), Online Retail II, UCI Machine Learning Repository, doi 10.24432/C5CG6D. Licence: CC BY 4.0.
    Changed: lines are summed to orders, and of the lines that stand in both sheets of the workbook one copy is kept.

    Examples
    --------
    >>> import clvmodels as clv
    >>> log = clv.datasets.load_online_retail()
    >>> log.head(2)
       customer_id order_id           timestamp  amount
    0        13085   489434 2009-12-01 07:45:00   505.3
    1        13085   489435 2009-12-01 07:46:00   145.8
    >>> int(log["order_id"].str.startswith("C").sum())
    8292
    """
    import pandas as pd

    return pd.read_parquet(_file("online_retail")).astype({"customer_id": "Int64"})


def load_donations() -> pd.DataFrame:
    """Yearly gifts of 11,104 people to a non-profit organisation, grouped by pattern (six opportunities to give).

    Returns
    -------
    pandas.DataFrame
        One row a pattern, all int64: ``frequency`` (years with a gift), ``recency`` (the last year with a gift, 0
        without any), ``periods`` (opportunities, 6), ``weights`` (people with this pattern). 22 rows.

    References
    ----------
    Fader, Hardie and Shang (2010), "Customer-base analysis in a discrete-time noncontractual setting", Marketing
    Science 29(6), 1086-1108: the published table.

    Examples
    --------
    >>> import clvmodels as clv
    >>> int(clv.datasets.load_donations()["weights"].sum())
    11104
    """
    import pandas as pd

    return pd.read_csv(_file("donations"))


def _file(name: str) -> Path:
    package = Path(__file__).parents[1]
    installed = package / "data" / _FILES[name]
    return installed if installed.exists() else package.parent / "data" / _FILES[name]
