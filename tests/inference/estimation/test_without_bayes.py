"""Fits, intervals and forecasts need none of the packages for Bayes, which the README's light install leaves out."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
SCRIPT = """
import sys
for package in {absent!r}:
    sys.modules[package] = None  # importing it fails
import clvmodels as clv

columns = dict(customer="customer_id", date="date", amount="amount")
log = clv.datasets.simulate_log(300, seed=1)
customers = clv.summarize(log, **columns)
fits = clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma")
value = clv.lifetime_value(*fits, customers.head(3), horizon="1Y", annual_discount_rate=0.1, interval=0.9)
assert value.notna().all(axis=None)
assert clv.forecast(log, **columns, horizon="3M").total.notna().all(axis=None)
"""
BAYES = ["arviz", "arviz_base", "arviz_plots", "arviz_stats", "h5netcdf", "h5py", "nutpie", "pymc", "pytensor"]


def test_forecasts_and_intervals_run_without_the_packages_for_bayes():
    subprocess.run([sys.executable, "-W", "ignore", "-c", SCRIPT.format(absent=BAYES)], check=True, cwd=ROOT)


def test_the_light_install_names_every_other_dependency():
    section = re.search(r"dependencies = \[\n(.*?)\n\]", (ROOT / "pyproject.toml").read_text(), re.DOTALL)
    assert section is not None
    named = set(re.findall(r'^ +"([\w-]+)', section[1], re.MULTILINE))
    readme = (ROOT / "README.md").read_text()
    light = re.search(r"pip install --no-deps clvmodels && pip install ([\w -]+)\n", readme)
    assert light is not None
    assert set(light[1].split()) == named - set(BAYES)
