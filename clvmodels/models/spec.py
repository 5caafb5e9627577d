"""What a model states about itself, apart from its functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

from clvmodels.errors import ModelError
from clvmodels.models.links import Link

Kind = Literal["purchases", "spend", "subscriptions", "payments"]
Process = Literal["purchase", "dropout", "spend", "default"]

_NONE: Mapping[str, str] = MappingProxyType({})
_NO_LINKS: Mapping[str, Link] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Engine:
    """What the computation of predictions and likelihoods may know to be quick; results don't depend on it.

    Attributes
    ----------
    closed : tuple of str
        Predictions, for windows that begin now, that cost no more than a few elementary functions a customer. All
        others are interpolated in age where a count has many different ages.
    nodes : int
        How many values the log-likelihood makes of a row, measured in memory: more than 1 where it holds a quadrature.
    age_sum : str or None
        The parameter that enters predictions given alive only as its sum with T, such as alpha in alpha + T. Customers
        whose covariates move that parameter alone are then interpolated together.
    age_offset : tuple of str or callable or None
        Age below which predictions given alive hardly change, so that they are smooth in log(T + offset): the smallest
        of the named parameters, or a function of the parameters by keyword. None: the smallest of `Spec.scaled`.
    """

    closed: tuple[str, ...] = ()
    nodes: int = 1
    age_sum: str | None = None
    age_offset: tuple[str, ...] | Callable[..., float] | None = None


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What a model states about itself: its names, its parameters and its data.

    Attributes
    ----------
    name : str
        Name by which users ask for the model, as in the registry: "bg/nbd".
    title : str
        Name in print: "BG/NBD".
    source : str
        Authors, year and journal of the paper.
    kind : {"purchases", "spend", "subscriptions", "payments"}
        What is modelled: when customers buy, how much they spend a purchase, how many times they renew, or whether
        they pay their invoices.
    parameters : mapping of str to str
        Name of each parameter, in the letters of the paper, and what it means. All are positive and are searched for
        on the log scale: a probability has to be given as odds, or by the two parameters of a beta distribution.
    data : tuple of str
        Columns of a history, in the order in which ``log_likelihood`` takes them, the count first.
    units : tuple of str
        Columns of ``data`` that are measured in units of time or of money.
    scaled : tuple of str
        Parameters that are multiplied by c when the columns in ``units`` are multiplied by c.
    rates : tuple of str
        Parameters that are divided by c then.
    nests : mapping of str to str
        Models that this one contains as special cases, each with where; an arrow stands for the edge of the parameter
        space: ``{"nbd": "a → 0"}``. For `clvmodels.compare`.
    covariates : mapping of str to Link
        Processes that covariates may act on ("purchase", "dropout", "spend", "default"), and how
        (`clvmodels.models.links`).
    calendar_covariates : bool
        Whether covariates may differ by period of the calendar.
    operational_time : bool
        Whether customers leave at purchases or never, so that the model holds on any clock: whether it takes a
        `clvmodels.Calendar`.
    log_gaps : int
        How many times a customer's sum of the logs of the gaps between purchases belongs to the log-likelihood.
    every_purchase : bool
        Whether a model of spend takes the amounts of all purchases, rather than the mean of the repeat purchases.
    discrete : bool
        Whether time is counted in opportunities, so that the likelihood is a probability and not a density.
    choices : tuple of str
        Of a family of models such as "bg/cnbd-k": its members, in the order in which the likelihood rises to the best
        and then falls. `clvmodels.fit` takes the most likely one.
    same_as : str or None
        The model in the registry that is the same as this one.
    engine : Engine
        What may be known to compute quickly.
    """

    name: str
    title: str
    source: str
    kind: Kind
    parameters: Mapping[str, str]
    data: tuple[str, ...] = ("x", "t_x", "T")
    units: tuple[str, ...] = ("t_x", "T")
    scaled: tuple[str, ...] = ()
    rates: tuple[str, ...] = ()
    nests: Mapping[str, str] = _NONE
    covariates: Mapping[str, Link] = _NO_LINKS
    calendar_covariates: bool = False
    operational_time: bool = False
    log_gaps: int = 0
    every_purchase: bool = False
    discrete: bool = False
    choices: tuple[str, ...] = ()
    same_as: str | None = None
    engine: Engine = field(default_factory=Engine)

    def __post_init__(self) -> None:
        if wrong := list(self._what_is_wrong()):
            raise ModelError(f"Spec of model {self.name!r}: {'; '.join(wrong)}.")

    @property
    def needs_purchases(self) -> bool:
        """Whether the model asks for every purchase, as ``clvmodels.summarize(keep_purchases=True)`` keeps them."""
        return bool(self.choices) or self.log_gaps > 0 or self.every_purchase

    def age_offset(self, **parameters: float) -> float:
        """Age below which predictions given alive hardly change.

        Parameters
        ----------
        **parameters : float
            Parameters of the model; a scale is a time in the customers' unit.

        Returns
        -------
        float
            In the same unit; predictions are smooth in log(T + offset).

        Examples
        --------
        >>> from clvmodels import models
        >>> models.get("pareto/nbd").spec.age_offset(r=0.55, alpha=10.6, s=0.61, beta=11.7)
        10.6
        """
        chosen = self.engine.age_offset
        if callable(chosen):
            return float(chosen(**parameters))
        return float(min((parameters[name] for name in chosen or self.scaled), default=1.0))

    def _what_is_wrong(self) -> Iterator[str]:
        """What can't be, one phrase each."""
        if self.kind not in get_args(Kind):
            yield f"kind={self.kind!r} must be one of {', '.join(get_args(Kind))}"
        offset = self.engine.age_offset
        names = {
            "scaled": self.scaled,
            "rates": self.rates,
            "engine.age_sum": () if self.engine.age_sum is None else (self.engine.age_sum,),
            "engine.age_offset": offset if isinstance(offset, tuple) else (),
            **{f"covariates[{process!r}]": link.parameters for process, link in self.covariates.items()},
        }
        for field_name, used in names.items():
            if unknown := [name for name in used if name not in self.parameters]:
                yield f"{field_name} names {', '.join(unknown)}, not among the parameters {', '.join(self.parameters)}"
        if unknown := [process for process in self.covariates if process not in get_args(Process)]:
            yield f"covariates are of {', '.join(get_args(Process))}, not of {', '.join(unknown)}"
        if unknown := [name for name in self.units if name not in self.data]:
            yield f"units names {', '.join(unknown)}, not among the data {', '.join(self.data)}"
        elif self.units and not (self.scaled or self.rates):
            yield (
                f"{' and '.join(self.units)} have a unit, so that parameters depend on it: name those that grow with "
                "the numbers in scaled, those that fall in rates; where nothing has a unit, units=()"
            )
