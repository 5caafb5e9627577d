"""A small log with a holdout, and CDNOW as the papers split it."""

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.evaluation.holdout.evaluation import Evaluation

COLUMNS = {"customer": "customer_id", "date": "date", "amount": "amount"}
SPLIT = {"calibration_end": "1997-09-30", "observation_end": "1998-06-30"}


@pytest.fixture(scope="session")
def sample() -> pd.DataFrame:
    return clv.datasets.load_cdnow(sample=True)


@pytest.fixture(scope="session")
def evaluated(sample: pd.DataFrame) -> Evaluation:
    return clv.evaluate(sample, **COLUMNS, **SPLIT, models=["bg/nbd", "best"])


@pytest.fixture
def scrambled(sample: pd.DataFrame) -> pd.DataFrame:
    """The sample with lines after the calibration that have lost all sense: other customers, days and amounts.

    They stay where they are, since amounts are added up in the order of the lines.
    """
    rng = np.random.default_rng(5)
    log = sample.copy()
    later = (log["date"] > SPLIT["calibration_end"]).to_numpy()
    n = int(later.sum())
    log.loc[later, "customer_id"] = rng.integers(1, 5000, n)
    log.loc[later, "date"] = pd.Timestamp("1997-10-01") + pd.to_timedelta(rng.integers(0, 270, n), unit="D")
    log.loc[later, "amount"] = rng.exponential(1e4, n)
    return log
