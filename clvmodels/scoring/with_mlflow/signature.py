"""What goes into a model of MLflow and what comes out of it, column by column."""

from __future__ import annotations

from typing import Any

import pandas as pd


def signature(rows: pd.DataFrame, scores: pd.DataFrame, params: dict[str, Any]) -> Any:
    """The signature of a model that turns such rows into such scores.

    Parameters
    ----------
    rows, scores : pandas.DataFrame
        Examples of what goes in and comes out.
    params : dict of str
        Names and defaults of what can be set at each call; texts and numbers.

    Returns
    -------
    mlflow.models.ModelSignature
        Numbers are doubles, counts too: a column of whole numbers could not lack one.
    """
    from mlflow.models import ModelSignature
    from mlflow.types.schema import ColSpec, ParamSchema, ParamSpec, Schema

    goes_in, comes_out = (
        Schema([ColSpec(_kind(table[name]), str(name)) for name in table]) for table in (rows, scores)
    )
    specs = [ParamSpec(name, "string" if isinstance(one, str) else "double", one) for name, one in params.items()]
    return ModelSignature(goes_in, comes_out, params=ParamSchema(specs))


def _kind(column: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(column):
        return "boolean"
    return "double" if pd.api.types.is_numeric_dtype(column) else "string"
