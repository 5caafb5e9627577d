"""What a fresh process takes to import the package, and from there to a first fit of the CDNOW sample."""

from __future__ import annotations

import json

import pytest

from clvmodels import datasets

from .task import SIDES, fresh_process

IMPORT = {"clvmodels": "import clvmodels", "lifetimes": "import lifetimes"}
FIRST_FIT = {
    "clvmodels": """
import json
import clvmodels as clv
customers = clv.summarize({path!r}, customer="customer_id", date="date", observation_end="1997-09-30")
print(json.dumps(clv.fit(customers, "bg/nbd").parameters))
""",
    "lifetimes": """
import pandas as pd
from lifetimes import BetaGeoFitter
from lifetimes.utils import summary_data_from_transaction_data
log = pd.read_csv({path!r}, parse_dates=["date"])
df = summary_data_from_transaction_data(
    log, "customer_id", "date", observation_period_end="1997-09-30", freq="D", freq_multiplier=7
)
print(BetaGeoFitter().fit(df["frequency"], df["recency"], df["T"]).params_.to_json())
""",
}
PUBLISHED = {"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259}  # Fader, Hardie and Lee (2005)


@pytest.mark.parametrize("side", SIDES)
def test_import(benchmark, record, side):
    title = benchmark.group = "fresh process: import"
    _, peak = benchmark.pedantic(fresh_process, args=(IMPORT[side],), rounds=5, warmup_rounds=1)
    record(benchmark, title, side, peak)


@pytest.mark.parametrize("side", SIDES)
def test_first_fit(benchmark, record, side):
    title = benchmark.group = "fresh process: fit of CDNOW"
    code = FIRST_FIT[side].format(path=str(datasets.path("cdnow_sample")))
    printed, peak = benchmark.pedantic(fresh_process, args=(code,), rounds=5, warmup_rounds=1)
    record(benchmark, title, side, peak)
    assert json.loads(printed) == pytest.approx(PUBLISHED, rel=1e-3)
