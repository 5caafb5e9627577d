"""Loading whatever the package saves: fits and forecasts."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pandas as pd

from clvmodels.errors import FileFormatError
from clvmodels.forecasting.result.customers_to_come import CustomersToCome
from clvmodels.forecasting.result.forecast_result import Forecast
from clvmodels.forecasting.result.model_range import OwnRange, OwnRangeFound
from clvmodels.forecasting.result.numbers import Spreads
from clvmodels.forecasting.result.ranges import Spread
from clvmodels.forecasting.result.writing import FORMAT, FRAMES, PLAIN, VERSION
from clvmodels.inference.fits import store
from clvmodels.inference.fits.fit import Fit
from clvmodels.json_file import read_json
from clvmodels.signatures import checked
from clvmodels.version import __version__


@checked
def load(path: str | Path, kind: str | None = None) -> Fit | Forecast:
    """Read what `Fit.save` or `Forecast.save` wrote.

    Parameters
    ----------
    path : str or path
        The file.
    kind : str or None
        "purchases" or "spend", for a file that holds both fits, as the command line writes it.

    Returns
    -------
    Fit or Forecast
        A fit comes without customers: predictions ask for them. A forecast comes without fits.

    Raises
    ------
    FileFormatError
        The file is foreign, incomplete or from a newer version.
    ArgumentError
        The file holds several fits, and ``kind`` doesn't say which.

    Examples
    --------
    >>> import clvmodels as clv, tempfile, pathlib
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           unit="week", observation_end="1997-09-30")
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.json"
    >>> clv.fit(customers, "bg/nbd").save(path)
    >>> round(clv.load(path).parameters["r"], 3)
    0.243
    """
    content = _content(path)
    if content is None:
        return store.load(path, kind)
    try:
        return _forecast(content, Path(path).parent)
    except FileFormatError:
        raise
    except Exception as error:  # a damaged file can be wrong in any way
        raise FileFormatError(
            f"{path} is a forecast, but damaged: {type(error).__name__} {str(error)[:200]}."
        ) from None


def _content(path: str | Path) -> dict[str, Any] | None:
    """The file of a forecast; None of anything else, which the reader of fits takes or refuses."""
    content = read_json(path)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        return None
    version = content.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise FileFormatError(
            f"{path} has format version {str(version)[:50]} (written by {str(content.get('written_by'))[:50]}); this "
            f"clvmodels {__version__} reads up to version {VERSION}. Upgrade clvmodels."
        )
    return content


def _forecast(content: dict[str, Any], folder: Path) -> Forecast:
    """The forecast of a file."""
    beside = folder / Path(content["customers"]).name
    if not beside.exists():
        raise FileFormatError(f"The customers of this forecast are missing: {beside} has to lie beside it.")
    customers = pd.read_parquet(beside).set_index("customer_id")
    spreads, to_come = content["spreads"], content["new_customers"]
    return Forecast(
        customers=customers,
        **{name: _from_json(content[name]) for name in FRAMES},
        **{name: content[name] for name in PLAIN},
        spreads=Spreads(
            {name: Spread(**one) for name, one in spreads["total"].items()},
            {name: tuple(Spread(**one) for one in several) for name, several in spreads["periods"].items()},
        ),
        new_customers=None if to_come is None else CustomersToCome.from_json(to_come, _from_json),
        own=OwnRangeFound(None if content["own_range"] is None else OwnRange(**content["own_range"])),
        observation_end=pd.Timestamp(content["observation_end"]),
        horizon_end=pd.Timestamp(content["horizon_end"]),
        notes=tuple(content["notes"]),
        warnings=tuple(content["warnings"]),
    )


def _from_json(table: Any) -> Any:
    """What `_to_json` wrote."""
    frame = pd.read_json(io.StringIO(json.dumps(table)), orient="table", precise_float=True)
    dates = {name: "datetime64[us]" for name in frame.select_dtypes("datetime")}
    return frame.astype(dates).set_axis(pd.DatetimeIndex(frame.index, name=frame.index.name).as_unit("us"))
