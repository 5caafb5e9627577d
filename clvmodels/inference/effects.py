"""What covariates do, in numbers and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clvmodels.errors import UnsupportedPrediction

if TYPE_CHECKING:
    from clvmodels.inference.fit import Fit


def effects_table(fit: Fit, level: float) -> pd.DataFrame:
    """Coefficients, factors and sentences, one row a covariate and process."""
    if fit.design is None:
        raise UnsupportedPrediction("This fit has no covariates. Pass covariates=clvmodels.Covariates(...) to fit.")
    numbers = fit.summary(level).drop(columns="meaning")
    moves = {name: part.link.effect for part in fit.design.parts for name in _coefficients_of(fit, part.places)}
    shared = [name for name in moves if name.split(":")[0].count(" and ")]
    rows = numbers.loc[list(moves)].rename(columns={"estimate": "coefficient"})
    rows["factor"] = np.exp(rows["coefficient"])
    what = {
        name: " and ".join(part.link.effect for part in fit.design.parts) if name in shared else moves[name]
        for name in moves
    }
    rows["effect"] = [
        _in_words(what[name], *np.exp(rows.loc[name, ["coefficient", "lower", "upper"]].astype(float)))
        for name in rows.index
    ]
    return rows.rename_axis("covariate")


def _coefficients_of(fit: Fit, places: object) -> list[str]:
    assert fit.design is not None
    return [fit.design.coefficients[place] for place in np.asarray(places)]


def _in_words(what: str, factor: float, lower: float, upper: float) -> str:
    """Such as "+28 % purchase rate (+12 % to +46 %)"; large factors as such."""
    return f"{_change(factor)} {what} ({_change(lower)} to {_change(upper)})"


def _change(factor: float) -> str:
    return f"× {factor:.3g}" if factor >= 3.0 else f"{100.0 * (factor - 1.0):+.0f} %"
