"""Numbers of papers and of other packages."""

from pathlib import Path

# One row a customer, by CLVTools 0.12.1 (R): BG/NBD and Gamma-Gamma, holdout of 39 weeks to 1998-06-30.
REFERENCE = Path(__file__).with_name("cdnow_sample_bgnbd_gg_39_weeks.csv")

# The same by Pareto/NBD, with DERT at a continuous rate of 0.0027 a week and CLV = DERT × mean spend.
PARETO_REFERENCE = Path(__file__).with_name("cdnow_sample_pnbd_gg_39_weeks.csv")
