"""Individual network value: a customer's own value and that of the customers whom he brings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arguments import finite
from clvmodels.arrays import Array
from clvmodels.decisions.customer_values import customer_values
from clvmodels.decisions.network.attribution import Credits, check_circles, circles, credits_of, links, over_all_levels
from clvmodels.decisions.network.levels import levels_below
from clvmodels.decisions.network.network_result import NetworkValue
from clvmodels.decisions.network.ranges import network_spread, own_spread
from clvmodels.decisions.network.referral_value import (
    PerReferee,
    Terms,
    check_known,
    discounts,
    each_referee,
    referral_parts,
    referral_sums,
)
from clvmodels.decisions.network.referrals import Edges, read_referrals
from clvmodels.signatures import checked

_SHARES = (0.0, 0.5, 1.0)  # of referees who would not have come by themselves, shown where nobody has measured it


@checked
def network_value(
    value: Any,
    referrals: Any,
    *,
    share_incremental: PerReferee | None = None,
    acquisition_cost: PerReferee = 0.0,
    reward: PerReferee = 0.0,
    annual_discount_rate: float = 0.0,
    as_of: Any = None,
    rho: float = 0.9,
    with_influence: bool = False,
    unknown: str = "raise",
    self_referrals: str = "raise",
) -> NetworkValue:
    """Individual network value: own lifetime value + value of referrals (+ influence), and accounts that add up.

    A referee who would not have come by himself (share π) brings his value, one who would have saves the cost of
    acquiring him (Kumar, Petersen and Leone 2007). Over all levels, conserving values are (1 - s)(I - W)⁻¹ V and
    influence is (I - ρW)⁻¹ V, W the shares of a referee's value that are credited to his referrers.

    Parameters
    ----------
    value : pandas.Series or frame
        Lifetime value by customer: a Series indexed by id, or what `lifetime_value` returns; with an ``interval`` there
        network values have ranges too.
    referrals : frame
        One row a referral (pandas, polars or PyArrow): ``referrer``, ``referee``; if wanted ``weight``, the share of
        the referee's value that is credited to the referrer (those of a referee sum to at most 1), and ``date``, of
        which only the delay counts. Rows that name the same two customers sum. Without weights a referee's whole value
        is shared equally by the rows that name it, and conserving values and influence pass on as much of it as is
        incremental, π.
    share_incremental : float or pandas.Series, optional
        π, the share of the referees who would not have come by themselves; a number, or one by referee. A randomised
        programme tells it: (joined with it - joined without it) / referred. Default: 1, which is an assumption, and
        ``assumed`` has the sums with 0, ½ and 1.
    acquisition_cost : float or pandas.Series, default 0
        What winning a customer costs otherwise.
    reward : float or pandas.Series, default 0
        What a referrer is paid for a referral.
    annual_discount_rate : float, default 0
        0.10 is 10 % a year; discounts the value of referrals that come later than ``as_of``, by their ``date``.
    as_of : date or str, optional
        The day from which delays count; default: the first date. Referrals before it have no delay.
    rho : float, default 0.9
        ρ, what a level of influence counts, from 0 to 1.
    with_influence : bool, default False
        Whether network_value also has what influence adds from the second level on, Σ (ρW)ᵏ V for k ≥ 2: customers
        further below, who count again for each customer above them.
    unknown : {"raise", "drop"}
        What to do with referrals of or by customers who have no value.
    self_referrals : {"raise", "drop"}
        What to do with customers who refer themselves.

    Returns
    -------
    NetworkValue
        ``table``, one row a customer.

    Raises
    ------
    ArgumentError
        A number has no meaning.
    DataError
        The tables can't be used: unknown customers, referrals of oneself, weights that sum to more than 1, circles
        that give all value away and keep none. The message names the customers.

    Examples
    --------
    >>> import clvmodels as clv
    >>> value = pd.Series({"ann": 100.0, "bob": 60.0, "cem": 40.0})
    >>> referrals = pd.DataFrame({"referrer": ["ann", "bob"], "referee": ["bob", "cem"], "weight": [0.5, 0.5]})
    >>> found = clv.network_value(value, referrals)
    >>> found.table[["referral_value", "influence", "network_value", "conserving_value"]]
                 referral_value  influence  network_value  conserving_value
    customer_id
    ann                    30.0      135.1          130.0             140.0
    bob                    20.0       78.0           80.0              40.0
    cem                     0.0       40.0           40.0              20.0
    """
    worth, given = customer_values(value), share_incremental
    ids, own = worth.index, np.asarray(worth, dtype=np.float64)
    edges = read_referrals(referrals, ids, unknown=unknown, self_referrals=self_referrals)
    terms = Terms(
        incremental=each_referee(1.0 if given is None else given, ids, "share_incremental", most=1.0),
        saved=each_referee(acquisition_cost, ids, "acquisition_cost"),
        reward=each_referee(reward, ids, "reward"),
        discount=discounts(edges, annual_discount_rate, as_of),
    )
    check_known(terms, edges, ids)
    decay = finite("rho", rho, "a number from 0 to 1", 0.0, 1.0)
    credits = _credits(edges, terms, ids)
    parts = pd.DataFrame(referral_parts(edges, own, terms), index=ids)
    table = _table(own, edges, parts, credits, decay)
    if with_influence:
        table["network_value"] += _further(credits, own, decay)
    if (spread := own_spread(value, worth)) is not None:
        sides = spread.below, spread.above
        further = [_further(credits, side, decay) if with_influence else 0.0 * side for side in sides]
        _add_bounds(table, *network_spread(spread, edges, terms, (further[0], further[1])))
    return NetworkValue(
        table=table,
        parts=parts,
        assumed=_assumed(edges, own, terms, table["referral_value"].sum(), given=given is not None),
        share_is_assumed=given is None and len(edges.referee) > 0,
        rho=decay,
        dropped=edges.dropped,
        currency=worth.attrs.get("currency"),
        _edges=edges,
    )


def _credits(edges: Edges, terms: Terms, ids: pd.Index[Any]) -> Credits:
    """W: the weights that were given, or as much of a referee's value as is incremental."""
    passed = edges.split if edges.weight is not None else edges.split * terms.incremental[edges.referee]
    credits = credits_of(edges.referrer, edges.referee, passed, edges.size)
    check_circles(credits, ids)
    return credits


def _table(own: Array, edges: Edges, parts: pd.DataFrame, credits: Credits, rho: float) -> pd.DataFrame:
    """The columns of the result."""
    gross, influence = over_all_levels(credits, own, (1.0, rho))
    referral = parts["incremental_value"] + parts["saved_acquisition"] - parts["rewards"]
    graph, circle = credits.matrix, credits.circle
    if not credits.has_all:  # referrals that credit nothing are referrals all the same
        graph = links(edges.referrer, edges.referee, np.ones(len(edges.referee)), edges.size)
        circle = circles(graph)
    columns = {
        "own_value": own,
        "referral_value": referral.to_numpy(),
        "influence": influence,
        "network_value": own + referral.to_numpy(),
        "conserving_value": (1.0 - credits.given) * gross,
        "referrals": np.diff(graph.indptr).astype(np.int64),
        "depth": levels_below(edges.referrer, edges.referee, circle),
    }
    return pd.DataFrame(columns, index=parts.index)


def _further(credits: Credits, own: Array, rho: float) -> Array:
    """What influence adds from the second level on."""
    return over_all_levels(credits, own, (rho,))[0] - own - rho * np.asarray(credits.matrix @ own)


def _add_bounds(table: pd.DataFrame, below: Array, above: Array) -> None:
    """Columns beside the network value."""
    place, value = table.columns.get_loc("network_value"), table["network_value"]
    table.insert(int(place) + 1, "network_value_lower", value - below)  # type: ignore[arg-type]
    table.insert(int(place) + 2, "network_value_upper", value + above)  # type: ignore[arg-type]


def _assumed(edges: Edges, own: Array, terms: Terms, referral: float, *, given: bool) -> pd.DataFrame:
    """Sums of referral and network value by share of referees who would not have come by themselves."""
    brought = dict(zip(map("{:g}".format, _SHARES), referral_sums(edges, own, terms, _SHARES), strict=True))
    table = pd.DataFrame({"referral_value": {**brought, **({"given": referral} if given else {})}})
    table["network_value"] = table["referral_value"] + float(own.sum())
    return table.rename_axis("share_incremental")
