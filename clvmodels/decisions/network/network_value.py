"""Individual network value: a customer's own value and that of the customers whom he brings."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import breadth_first_order

from clvmodels import formats
from clvmodels.arguments import finite, whole
from clvmodels.arrays import Array
from clvmodels.decisions.customer_values import customer_values
from clvmodels.decisions.network.attribution import check_circles, circles, credits_of, links, over_all_levels
from clvmodels.decisions.network.levels import levels_below
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
from clvmodels.decisions.network.seeding import Probabilities, seeds
from clvmodels.signatures import checked
from clvmodels.value.notebook_page import notebook_page

if TYPE_CHECKING:
    import matplotlib.axes

_SHOWN = 10
_SHARES = (0.0, 0.5, 1.0)  # of referees who would not have come by themselves, shown where nobody has measured it


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class NetworkValue:
    """What each customer is worth with those whom he brings; `clvmodels.network_value` makes it.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a customer, as in ``value``; all but the last two columns in its currency:

        - ``own_value``: V, as given.
        - ``referral_value``: what the direct referrals are worth, Σ over referees of credit × [π V + (1 - π) ×
          acquisition cost] - reward, discounted by their delays.
        - ``influence``: (I - ρW)⁻¹ V over all levels, the own value included. It counts a referee's value again for
          every referrer above: a score to compare customers by, no money, and not to be summed.
        - ``network_value``: own_value + referral_value, to decide whom to invest in. A referee's value is in it and in
          the referrer's: its sum exceeds the value of the base. With ``with_influence=True`` also what influence adds
          from the second level on.
        - ``conserving_value``: what a customer keeps after crediting referrers, over all levels; it sums to the value
          of the base, for accounts.
        - ``referrals``: how many customers he referred himself.
        - ``depth``: levels of referrals below him, along the longest chain (a circle counts as one level).
    parts : pandas.DataFrame
        ``referral_value`` split, one row a customer: ``incremental_value`` (referees who would not have come),
        ``saved_acquisition`` (those who would have come anyway) less ``rewards``.
    assumed : pandas.DataFrame
        Sums of ``referral_value`` and ``network_value`` if a share of 0, ½ or all of the referees would not have come
        by themselves; and of the share that was given.
    share_is_assumed : bool
        Whether no ``share_incremental`` was given, so that the table takes all of them as incremental.
    rho : float
        What a level of influence counts.
    dropped : dict of str to int
        Referrals that were left out: "unknown" customers, "self" referrals.
    currency : str or None
        Label of the amounts.
    """

    table: pd.DataFrame
    parts: pd.DataFrame
    assumed: pd.DataFrame
    share_is_assumed: bool
    rho: float
    dropped: dict[str, int]
    currency: str | None
    _edges: Edges

    def summary(self) -> str:
        """What the table says, in sentences.

        Returns
        -------
        str
            One sentence a line.

        Examples
        --------
        >>> import clvmodels as clv
        >>> value = pd.Series({"ann": 100.0, "bob": 60.0, "cem": 40.0})
        >>> referrals = pd.DataFrame({"referrer": ["ann", "bob"], "referee": ["bob", "cem"], "weight": [0.5, 0.5]})
        >>> print(clv.network_value(value, referrals).summary())
        2 of 3 customers referred 2 others: their referrals are worth 50.00 beside 200.00 of own value.
        How many of them would have come anyway is not known. If all, half or none: 0.00, 25.00 or 50.00.
        Accounts add up to 200.00 (conserving_value); network values don't, since a referee's value is in two of them.
        """
        table, total = self.table, self.table["own_value"].sum()
        active, referees = int((table["referrals"] > 0).sum()), len(np.unique(self._edges.referee))
        brought, own, *others = formats.amounts(
            [table["referral_value"].sum(), total, *self.assumed["referral_value"].head(3)]
        )
        sentences = [
            f"{active:,} of {formats.plural(len(table), 'customer')} referred {formats.plural(referees, 'other')}: "
            f"their referrals are worth {brought} beside {own} of own value."
        ]
        if self.share_is_assumed:
            none, half, every = others
            sentences.append(
                "How many of them would have come anyway is not known. "
                f"If all, half or none: {none}, {half} or {every}."
            )
        sentences.append(
            f"Accounts add up to {own} (conserving_value); network values don't, since a referee's value is in two of "
            "them."
        )
        return "\n".join([*sentences, *self._left_out()])

    def _left_out(self) -> list[str]:
        """Which referrals are not in the figures, as a sentence if there are any."""
        left = [f"{count:,} {_REASONS[reason]}" for reason, count in self.dropped.items() if count]
        return [f"Referrals left out: {' and '.join(left)}."] if left else []

    @checked
    def seeds(
        self, count: int, probability: Probabilities, *, cascades: int = 20_000, seed: int = 0, method: str = "greedy"
    ) -> pd.DataFrame:
        """Whom to reach first, if word spreads along referrals with stated probabilities (independent cascade).

        Greedy choice keeps at least 1 - 1/e of what the best set reaches (Kempe, Kleinberg and Tardos 2003); it is made
        lazily (CELF, Leskovec et al. 2007) over sampled cascades, and valued over others. The probabilities are an
        assumption, or come from a test: a log of referrals doesn't identify them.

        Parameters
        ----------
        count : int
            How many customers.
        probability : float or frame
            That a customer who is reached brings in a referee: a number for all, or a frame with columns ``referrer``,
            ``referee`` and ``probability``.
        cascades : int, default 20000
            How many are sampled, half for the choice and half for its value.
        seed : int, default 0
            Of the randomness.
        method : {"greedy", "degree"}
            "degree" discounts the number of referrals by those already reached (Chen, Wang and Yang 2009), with one
            probability for all and without regard to value: quick, and often as good.

        Returns
        -------
        pandas.DataFrame
            One row a customer in the order of choice, indexed by ``customer_id``: ``gain`` (value that it adds),
            ``reached_value`` (of all so far), ``standard_error`` of that. Values below 0 count as 0.

        Raises
        ------
        ArgumentError
            A number is no whole number or no probability, or the method is unknown.
        DataError
            Probabilities are given of customers who are not known.

        Examples
        --------
        >>> import clvmodels as clv
        >>> value = pd.Series(1.0, index=range(5))
        >>> referrals = pd.DataFrame({"referrer": [0, 0, 1, 2, 3], "referee": [1, 2, 3, 3, 4]})
        >>> clv.network_value(value, referrals).seeds(2, 0.5).index.tolist()
        [0, 3]
        """
        own = self.table["own_value"]
        return seeds(
            self._edges, own, whole("count", count, "a whole number of customers", 1, len(own)), probability,
            cascades=whole("cascades", cascades, "a whole number, 100 or more", 100, 10_000_000),
            seed=whole("seed", seed), method=method,
        )  # fmt: skip

    @checked
    def tree(self, root: int, most: int) -> tuple[list[int], list[int], int]:
        """The customers below one, each once, where the fewest referrals lead to.

        Parameters
        ----------
        root : int
            The row of the customer in ``table``.
        most : int
            How many customers at most.

        Returns
        -------
        tuple of list of int, list of int, int
            Rows of the customers, the first being the root; the place in this list of each one's referrer (-1 for the
            root); and how many more there are.

        Examples
        --------
        >>> import clvmodels as clv
        >>> referrals = pd.DataFrame({"referrer": [0, 0, 1], "referee": [1, 2, 3]})
        >>> clv.network_value(pd.Series([1.0, 1.0, 1.0, 1.0]), referrals).tree(0, most=3)
        ([0, 1, 2], [-1, 0, 0], 1)
        """
        edges = self._edges
        whole("root", root, f"a row, 0 to {edges.size - 1:,}", most=edges.size - 1)
        whole("most", most)
        graph = links(edges.referrer, edges.referee, np.ones(len(edges.referee)), edges.size)
        order, referrer = breadth_first_order(graph, root, directed=True)
        shown = order[:most].tolist()
        place = {row: number for number, row in enumerate(shown)}
        return shown, [-1, *(place[row] for row in referrer[order[1:most]].tolist())], max(0, len(order) - most)

    def plot(self, top: int = _SHOWN, *, ax: matplotlib.axes.Axes | None = None) -> matplotlib.axes.Axes:
        """The customers with the highest network value, with own and referral value, and who referred whom.

        Parameters
        ----------
        top : int, default 10
            How many.
        ax : matplotlib.axes.Axes, optional
            Where to draw; None makes a figure.

        Returns
        -------
        matplotlib.axes.Axes
            The Axes drawn on.

        Raises
        ------
        ArgumentError
            ``top`` is no whole number of 1 or more.

        Examples
        --------
        >>> import clvmodels as clv, matplotlib.pyplot as plt
        >>> value = pd.Series({"ann": 100.0, "bob": 60.0, "cem": 40.0})
        >>> referrals = pd.DataFrame({"referrer": ["ann", "bob"], "referee": ["bob", "cem"]})
        >>> ax = clv.network_value(value, referrals).plot()
        >>> ax.get_xlabel()
        'Network value'
        >>> plt.close(ax.figure)
        """
        # Plots come after decisions, and matplotlib is loaded by whoever draws.
        drawn: matplotlib.axes.Axes = importlib.import_module("clvmodels.plots.referral_network").network(
            self, whole("top", top, "a whole number, 1 or more", 1), ax
        )
        return drawn

    def __repr__(self) -> str:
        return f"{self.summary()}\n\n{self._best().to_string(float_format='{:,.2f}'.format)}"

    def _repr_html_(self) -> str:
        return notebook_page(self.summary(), self._best(), float_format="{:,.2f}".format)

    def _best(self) -> pd.DataFrame:
        return self.table.nlargest(_SHOWN, "network_value")


_REASONS = {"unknown": "with unknown customers", "self": "of customers to themselves"}


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
        Lifetime value by customer: a Series indexed by id, or what `lifetime_value` returns.
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
    parts = pd.DataFrame(referral_parts(edges, own, terms), index=ids)
    table = _table(worth, edges, parts, terms, decay, with_influence=with_influence)
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


def _table(
    worth: pd.Series[float], edges: Edges, parts: pd.DataFrame, terms: Terms, rho: float, *, with_influence: bool
) -> pd.DataFrame:
    """The columns of the result."""
    own = np.asarray(worth, dtype=np.float64)
    passed = edges.split if edges.weight is not None else edges.split * terms.incremental[edges.referee]
    credits = credits_of(edges.referrer, edges.referee, passed, edges.size)
    check_circles(credits, worth.index)
    gross, influence = over_all_levels(credits, own, (1.0, rho))
    referral = parts["incremental_value"] + parts["saved_acquisition"] - parts["rewards"]
    further = influence - own - rho * (credits.matrix @ own) if with_influence else 0.0
    graph, circle = credits.matrix, credits.circle
    if not (passed > 0.0).all():  # referrals that credit nothing are referrals all the same
        graph = links(edges.referrer, edges.referee, np.ones(len(passed)), edges.size)
        circle = circles(graph)
    columns = {
        "own_value": own,
        "referral_value": referral.to_numpy(),
        "influence": influence,
        "network_value": own + referral.to_numpy() + further,
        "conserving_value": (1.0 - credits.given) * gross,
        "referrals": np.diff(graph.indptr).astype(np.int64),
        "depth": levels_below(edges.referrer, edges.referee, circle),
    }
    return pd.DataFrame(columns, index=worth.index)


def _assumed(edges: Edges, own: Array, terms: Terms, referral: float, *, given: bool) -> pd.DataFrame:
    """Sums of referral and network value by share of referees who would not have come by themselves."""
    brought = dict(zip(map("{:g}".format, _SHARES), referral_sums(edges, own, terms, _SHARES), strict=True))
    table = pd.DataFrame({"referral_value": {**brought, **({"given": referral} if given else {})}})
    table["network_value"] = table["referral_value"] + float(own.sum())
    return table.rename_axis("share_incremental")
