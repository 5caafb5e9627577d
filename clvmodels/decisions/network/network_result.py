"""Network values as a table, sentences and a picture."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import breadth_first_order

from clvmodels import formats
from clvmodels.arguments import whole
from clvmodels.decisions.network.attribution import links
from clvmodels.decisions.network.referrals import Edges
from clvmodels.decisions.network.seeding import Probabilities, seeds
from clvmodels.signatures import checked
from clvmodels.value.notebook_page import notebook_page

if TYPE_CHECKING:
    import matplotlib.axes

_SHOWN = 10


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class NetworkValue:
    """What each customer is worth with those whom he brings; `clvmodels.network_value` makes it.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a customer, as in ``value``; ``referrals`` and ``depth`` are counts, all else in its currency:

        - ``own_value``: V, as given.
        - ``referral_value``: what the direct referrals are worth, Σ over referees of credit × [π V + (1 - π) ×
          acquisition cost] - reward, discounted by their delays.
        - ``influence``: (I - ρW)⁻¹ V over all levels, the own value included. It counts a referee's value again for
          every referrer above: a score to compare customers by, no money, and not to be summed.
        - ``network_value``: own_value + referral_value, to decide whom to invest in. A referee's value is in it and in
          the referrer's: its sum exceeds the value of the base. With ``with_influence=True`` also what influence adds
          from the second level on.
        - ``network_value_lower``, ``network_value_upper``: its range, where ``value`` came with ranges. They hold what
          those hold, at their level; errors are shared by customers to the extent that the range of their sum says,
          and entirely if ``value`` doesn't say it, or beyond the first level.
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
