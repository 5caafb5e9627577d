"""Logs to try things on: published ones, and simulated ones of any size."""

from clvmodels.datasets.published import load_cdnow as load_cdnow
from clvmodels.datasets.published import load_donations as load_donations
from clvmodels.datasets.published import load_online_retail as load_online_retail
from clvmodels.datasets.published import path as path
from clvmodels.datasets.simulated import simulate_log as simulate_log
