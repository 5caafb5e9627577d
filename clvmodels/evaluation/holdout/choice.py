"""Which models and baselines an evaluation compares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clvmodels import models as registry
from clvmodels.errors import ArgumentError
from clvmodels.evaluation.holdout.baselines import BASELINES
from clvmodels.evaluation.ranking.best import RankBy
from clvmodels.inference.data.clock.calendar import Calendar
from clvmodels.inference.data.covariates import Covariates

BEST = "best"
BOOSTING = "gradient boosting"
_DEFAULT_MODEL = "bg/nbd"


@dataclass(frozen=True)
class PredictorChoice:
    """The predictors of an evaluation.

    Attributes
    ----------
    models : tuple of str
        Names of purchase models; those that "best" builds on if no other is named.
    best : bool
        Whether "best" is wanted.
    models_shown : bool
        Whether the models stand in the tables themselves, and not only inside "best".
    spend : str
        Name of the spend model.
    baselines : tuple of str
        Names of baselines.
    all_baselines : bool
        All baselines were asked for, so that one that can't run is left out with a note.
    rank_by : str
        What "best" ranks by.
    covariates : Covariates or None
        Of the models.
    calendar : Calendar or None
        Of the purchase models.
    """

    models: tuple[str, ...]
    best: bool
    models_shown: bool
    spend: str
    baselines: tuple[str, ...]
    all_baselines: bool
    rank_by: RankBy = "value"
    covariates: Covariates | None = None
    calendar: Calendar | None = None

    @property
    def keep(self) -> tuple[str, ...]:
        """Columns of the log that customers take with them."""
        return () if self.covariates is None else self.covariates.columns_to_keep

    @property
    def needs_purchases(self) -> bool:
        """Whether one of the models needs the days of all purchases."""
        in_time = self.calendar is not None or (self.covariates is not None and self.covariates.varying is not None)
        return in_time or any(registry.needs_purchases(name) for name in (*self.models, self.spend))

    @property
    def learns(self) -> bool:
        """Whether a predictor learns from inner holdouts."""
        return self.best or BOOSTING in self.baselines


def choose_predictors(
    models: str | Sequence[str],
    spend: str,
    baselines: bool | str | Sequence[str],
    rank_by: RankBy = "value",
    covariates: Covariates | None = None,
    calendar: Calendar | None = None,
) -> PredictorChoice:
    """The choice that arguments of `clvmodels.evaluate` make.

    Raises
    ------
    ArgumentError
        A name is unknown, or that of a model of something else.
    """
    wanted = _own_names([models] if isinstance(models, str) else models)
    names = tuple(name for name in wanted if name != BEST)
    _check_kinds(names, spend)
    return PredictorChoice(
        models=names or (_DEFAULT_MODEL,),
        best=BEST in wanted,
        models_shown=bool(names),
        spend=registry.get(spend).spec.name,
        baselines=_choose_baselines(baselines),
        all_baselines=baselines is True,
        rank_by=rank_by,
        covariates=covariates,
        calendar=calendar,
    )


def _check_kinds(names: Sequence[str], spend: str) -> None:
    """Raise if models are not of purchases, or that of spend is none."""
    if others := [name for name in names if registry.get(name).spec.kind != "purchases"]:
        raise ArgumentError(
            f'models are purchase models, such as "bg/nbd", and {others[0]!r} is none. Pass a spend model as spend=.'
        )
    if registry.get(spend).spec.kind != "spend":
        raise ArgumentError(f'spend must be a spend model, such as "gamma-gamma", not {spend!r}.')


def _choose_baselines(baselines: bool | str | Sequence[str]) -> tuple[str, ...]:
    """Names of baselines: all, none or those named."""
    available = (*BASELINES, BOOSTING)
    if isinstance(baselines, bool):
        return available if baselines else ()
    chosen = (baselines,) if isinstance(baselines, str) else tuple(baselines)
    for name in chosen:
        if name not in available:
            raise ArgumentError(f"Unknown baseline {name!r}. Baselines: {', '.join(available)}.")
    return chosen


def _own_names(models: Sequence[str]) -> list[str]:
    """The models' names, each once."""
    names = list(dict.fromkeys(_own_name(name) for name in models))
    if not names:
        raise ArgumentError('models names no model. Pass models=["bg/nbd"], for example.')
    return names


def _own_name(name: str) -> str:
    """A model's name as the registry has it."""
    return BEST if str(name).strip().lower() == BEST else registry.get(name).spec.name
