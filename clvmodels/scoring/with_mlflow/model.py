"""The model that MLflow runs: it reads our JSON and scores rows of a summary.

MLflow keeps this file with the model ("models from code") and runs it when the model is loaded; nothing is pickled.
"""

from __future__ import annotations

from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc import PythonModel


class ClvModel(PythonModel):
    """Scores of rows with ``frequency``, ``recency``, ``T`` and, with a spend model, ``monetary_value``."""

    def load_context(self, context: Any) -> None:
        """Read the fits, once a process."""
        from clvmodels.scoring.with_mlflow.rows import load_fits

        self.fits = load_fits(context.artifacts["fits"])

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """One row of scores for each row, in their order."""
        from clvmodels.scoring.with_mlflow.rows import score_rows

        return score_rows(model_input, self.fits, **(params or {}))


mlflow.models.set_model(ClvModel())
