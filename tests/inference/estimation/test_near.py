"""A search that begins near other parameters."""

import numpy as np

import clvmodels as clv
from clvmodels.inference.estimation.fit import fit_near


def test_a_search_near_other_parameters_ends_where_any_search_ends() -> None:
    customers = clv.summarize(
        clv.datasets.path("cdnow_sample"), customer="customer_id", date="date", observation_end="1997-12-31",
        keep_purchases=True,
    )  # fmt: skip
    for calendar in (None, clv.Calendar(season=2)):
        usual = clv.fit(customers, "bg/nbd", calendar=calendar)
        for near in ({"r": 0.2, "alpha": 5.0, "a": 0.7, "b": 2.0, "cohort: a year later": -0.1}, {"r": 1e-300}, {}):
            found = fit_near(customers, "bg/nbd", calendar, near)
            assert list(found.parameters) == list(usual.parameters)
            # both within 1e-5 standard errors of the maximum
            np.testing.assert_allclose(
                list(found.parameters.values()), list(usual.parameters.values()), rtol=1e-6, atol=1e-7
            )
