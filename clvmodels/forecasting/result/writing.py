"""Forecasts as files: JSON, and the customers beside it as Parquet."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from clvmodels.files import whole_file
from clvmodels.forecasting.result.numbers import ForecastNumbers
from clvmodels.version import __version__

FORMAT = "clvmodels forecast"
VERSION = 1
FRAMES = ("periods", "earlier", "past")
PLAIN = ("interval", "by", "model", "currency", "sample")


def write(path: str | Path, forecast: ForecastNumbers) -> None:
    """Write a forecast to JSON, its customers beside it as Parquet; each file is complete or absent."""
    beside = Path(path).with_suffix(".customers.parquet")
    content = {
        "format": FORMAT,
        "version": VERSION,
        "written_by": f"clvmodels {__version__}",
        "customers": beside.name,
        **{name: getattr(forecast, name) for name in PLAIN},
        "observation_end": f"{forecast.observation_end:%Y-%m-%d}",
        "horizon_end": f"{forecast.horizon_end:%Y-%m-%d}",
        "notes": forecast.notes,
        "warnings": forecast.warnings,
        "spreads": asdict(forecast.spreads),
        "own_range": None if forecast.own_range is None else asdict(forecast.own_range),
        "new_customers": None if forecast.new_customers is None else forecast.new_customers.to_json(_to_json),
        **{name: _to_json(getattr(forecast, name)) for name in FRAMES},
    }
    with whole_file(beside) as part:
        forecast.customers.reset_index().to_parquet(part, index=False)
    with whole_file(path) as part:
        part.write_text(json.dumps(content, indent=1, allow_nan=False), encoding="utf-8")


def _to_json(frame: pd.DataFrame) -> Any:
    """A frame as JSON, dates as text."""
    return json.loads(frame.to_json(orient="table", double_precision=15))
