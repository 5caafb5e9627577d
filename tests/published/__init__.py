"""Numbers of papers and of other packages."""

from pathlib import Path

# One row a customer, by CLVTools 0.12.1 (R): BG/NBD and Gamma-Gamma, holdout of 39 weeks to 1998-06-30.
REFERENCE = Path(__file__).with_name("cdnow_sample_bgnbd_gg_39_weeks.csv")
