"""`score_to`: the scores of a log of any size, in a file or folder that is complete or absent."""

from __future__ import annotations

import glob
import os
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Unpack, cast

from clvmodels.arguments import instance, shortly
from clvmodels.errors import ArgumentError
from clvmodels.scoring.of_fits import Fits, purchases_and_spend, scorer_of
from clvmodels.scoring.scorer import Scorer
from clvmodels.scoring.streamed.budget import Budget
from clvmodels.scoring.streamed.passes import Told, places_of, score_parts, write_file, write_folder
from clvmodels.scoring.streamed.summaries import Summaries, bound, summaries_of
from clvmodels.scoring.streamed.work import fingerprint, publish, work_folder
from clvmodels.signatures import checked
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.engine import with_memory
from clvmodels.transactions.log.log import LogKeywords
from clvmodels.transactions.log.takes_log import takes_log
from clvmodels.transactions.units import Span
from clvmodels.value.next_purchase.stages import StageRules
from clvmodels.version import __version__


@takes_log
@checked
def score_to(
    output: str | os.PathLike[str],
    log: Any,
    fits: Fits,
    *,
    memory: str | int = "2GiB",
    observation_end: Any = None,
    horizon: Span | None = "1Y",
    annual_discount_rate: float = 0.10,
    margin: float = 1.0,
    cost_per_purchase: float = 0.0,
    retention_cost_per_year: float = 0.0,
    stages: StageRules | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    **columns: Unpack[LogKeywords],
) -> Path:
    """Score a log that may be larger than memory, into a Parquet file or a folder of them.

    The columns and numbers are those of `clvmodels.score`, but for customers who were won back, whom only all purchases
    tell from others. The output is there as a whole or not at all, whatever happens to the process. A run that was
    stopped and is started again goes on where it was, if files, models and questions are the same. Of two runs that
    write one output, the one that ends last wins.

    Parameters
    ----------
    output : str or path
        A file that ends in ".parquet", or a folder, which is made or replaced. Rows are sorted by customer, in the
        folder from file to file; its ``_complete.json`` lists them.
    log : path, list of paths, frame, Log or Customers
        The transactions. Logs of numbers and dates of which nothing is missing, without refunds, are summarized in
        parts; of others the summary of all customers is held in memory.
    fits : Fit or sequence of Fit
        A fit of a purchase model, or that and one of a spend model, without covariates and groups. The log is read as
        the fitted one was.
    memory : str or int, default "2GiB"
        About what the process may take, such as "2GiB" or a number of bytes. Beside parts of the log, the place of each
        customer among all is held, which takes about 40 bytes a customer.
    observation_end : date-like, optional
        Last day of the log that is used, inclusive. Default: its last day.
    horizon : float, str or None, default "1Y"
        As in `clvmodels.score`.
    annual_discount_rate : float, default 0.10
        0.10 is 10 % a year.
    margin : float, default 1
        Share of the spend that is earned.
    cost_per_purchase : float, default 0
        What serving a purchase costs, in the currency of the amounts.
    retention_cost_per_year : float, default 0
        What keeping a customer costs a year.
    stages : StageRules, optional
        Thresholds of the stages.
    progress : callable, optional
        Is told what is being done, how many parts are done, and of how many.
    **columns
        How to read the log, see `clvmodels.Log`.

    Returns
    -------
    pathlib.Path
        The output.

    Raises
    ------
    ArgumentError
        The output is no such file or folder, another process is making it, or an argument has no meaning here.
    DataError
        The log can't be used.
    UnsupportedPrediction
        What a fit says of a customer depends on more than the summary.

    See Also
    --------
    score : The same as a frame.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import pandas as pd
    >>> import clvmodels as clv
    >>> log = clv.datasets.path("cdnow_sample")
    >>> customers = clv.summarize(log, customer="customer_id", date="date", amount="amount")
    >>> fits = [clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma")]
    >>> folder = clv.score_to(pathlib.Path(tempfile.mkdtemp()) / "scores", log, fits)
    >>> sorted(path.name for path in folder.iterdir())
    ['_complete.json', 'part-00000.parquet']
    >>> len(pd.read_parquet(folder))
    2357
    """
    target, budget, told = _checked_output(output), Budget.of(memory), _told(progress)
    purchases, spend = purchases_and_spend(fits)
    with with_memory(budget.of_engine):
        summaries = summaries_of(log, purchases, observation_end, dict(columns))
        if spend is not None and not summaries.has_amounts:
            raise ArgumentError("The log has no amounts: pass the fit of purchases alone.")
        scorer = scorer_of(
            fits,
            horizon=horizon,
            observation_end=summaries.end,
            unit=summaries.unit,
            stages=stages,
            annual_discount_rate=annual_discount_rate,
            margin=margin,
            cost_per_purchase=cost_per_purchase,
            retention_cost_per_year=retention_cost_per_year,
        )
        made_of = _made_of(log, purchases, dict(columns), scorer, budget)
        with work_folder(target, fingerprint(made_of)) as folder:
            _run(summaries, scorer, folder, target, budget, made_of, told)
    return target


def _run(
    summaries: Summaries,
    scorer: Scorer,
    folder: Path,
    output: Path,
    budget: Budget,
    made_of: dict[str, Any],
    told: Told,
) -> None:
    """Both passes, and the output in its place."""
    told("Reading", 0, 1)
    parts = summaries.parts(folder, budget.lines_of_a_part)
    told("Reading", 1, 1)
    files = score_parts(parts, scorer, folder, told)
    told("Ranking", 0, 1)
    found = places_of(files)
    told("Ranking", 1, 1)
    finished = folder / "finished"
    if finished.is_dir():
        shutil.rmtree(finished)
    if output.suffix:
        write_file(files, found, finished, told)
    else:
        write_folder(files, found, finished, {"made_of": made_of}, told)
    publish(finished, output)


def _told(progress: Any) -> Told:
    if progress is None:
        return lambda *_: None
    if not callable(progress):
        raise ArgumentError(
            "progress must be a function of what is done, how many parts of it and of how many, not "
            f"{shortly(progress)}."
        )
    return cast(Told, progress)


def _checked_output(output: str | os.PathLike[str]) -> Path:
    """Where to write to."""
    instance("output", output, (str, os.PathLike), "a file that ends in .parquet, or a folder")
    try:
        path = Path(os.path.realpath(output))
        with suppress(FileNotFoundError):
            path.lstat()
    except (OSError, ValueError) as error:  # a name that can't be one
        raise ArgumentError(f"output can't be {shortly(output)}: {_reason(error)}.") from None
    if not path.parent.is_dir():
        raise ArgumentError(f"There is no folder {path.parent}. Make it first.")
    if path.is_dir():
        odd = [one.name for one in path.iterdir() if one.suffix != ".parquet" and not one.name.startswith(("_", "."))]
        if odd or path.suffix:
            raise ArgumentError(f"The folder {path} holds more than scores ({', '.join(odd[:3])}). Name another one.")
    elif path.suffix.lower() not in (".parquet", ""):
        raise ArgumentError(f"output must be a folder or end in .parquet, not {path.name!r}.")
    elif path.exists() and not path.suffix:
        raise ArgumentError(f"{path} is a file. Name a folder, or a file that ends in .parquet.")
    return path


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else str(error)) or "it is no name"


def _made_of(log: Any, purchases: Any, given: dict[str, Any], scorer: Scorer, budget: Budget) -> dict[str, Any]:
    """All that the scores depend on; of a log that is no files, a number that no other run has."""
    content = {"version": __version__, "scorer": scorer.to_json(), "lines_of_a_part": budget.lines_of_a_part}
    data = log if isinstance(log, Customers) else bound(log, purchases, given).data
    paths = data if isinstance(data, list | tuple) else [data]
    if not all(isinstance(path, str | os.PathLike) for path in paths):
        return {**content, "log": secrets.token_hex(8)}
    names = sorted({name for path in paths for name in (glob.glob(str(path), recursive=True) or [str(path)])})
    files = [(name, os.stat(name)) for name in names if os.path.isfile(name)]
    if not files or any(os.path.isdir(name) for name in names):
        return {**content, "log": secrets.token_hex(8)}
    read = {name: value for name, value in vars(bound(log, purchases, given)).items() if name != "data"}
    listed = [[os.path.realpath(name), stat.st_size, stat.st_mtime_ns] for name, stat in files]
    return {**content, "log": listed, "read": {name: str(value) for name, value in read.items()}}
