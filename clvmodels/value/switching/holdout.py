"""How well last choices are foreseen: by switching between states, and by each customer's own taste."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.value.switching.dirichlet import fit_concentration, fit_concentrations
from clvmodels.value.switching.transitions import Choices


def priors(counts: Mapping[Any, Array]) -> dict[Any, Array]:
    """Concentrations of the rows: one a state, or the row of all segments as closely as the segments are alike."""
    each = np.stack(list(counts.values()))
    if len(each) == 1:
        return {name: np.ones_like(matrix) for name, matrix in counts.items()}
    rows = []
    for i in range(each.shape[1]):
        mean = (each[:, i].sum(axis=0) + 1.0) / (each[:, i].sum() + each.shape[2])
        rows.append(fit_concentration(each[:, i], mean) * mean)
    return dict.fromkeys(counts, np.stack(rows))


def foreseen(choices: Choices) -> pd.DataFrame:
    """Each customer's last choice, foreseen from all before it: by switching, and by the customer's own taste."""
    steps = choices.steps()
    last = np.append(np.diff(choices.customer) != 0, True)
    size, customers = len(choices.states), int(choices.customer.max()) + 1
    before = np.zeros((customers, size))
    np.add.at(before, (choices.customer[~last], choices.state[~last]), 1.0)
    held = steps[last[steps] & (before[choices.customer[steps]].sum(axis=1) >= 2)]
    if len(held) == 0:
        return pd.DataFrame(columns=["log_score", "choices"])
    earlier = steps[~last[steps]]
    counts = choices.by_segment(earlier)
    names = pd.unique(choices.segment[held])
    counts |= {name: np.zeros((size, size)) for name in names if name not in counts}
    prior = priors(counts)
    shares = {name: prior[name] + matrix for name, matrix in counts.items()}
    matrices = {name: matrix / matrix.sum(axis=1, keepdims=True) for name, matrix in shares.items()}
    of_switching = np.array(
        [matrices[choices.segment[i]][choices.state[i - 1], choices.state[i]] for i in held], dtype=np.float64
    )
    alpha = fit_concentrations(before[before.sum(axis=1) >= 2])
    posterior = alpha + before[choices.customer[held]]
    of_taste = posterior[np.arange(len(held)), choices.state[held]] / posterior.sum(axis=1)
    scores = [float(np.log(shares).mean()) for shares in (of_switching, of_taste)]
    return pd.DataFrame({"log_score": scores, "choices": len(held)}, index=["switching", "taste"])
