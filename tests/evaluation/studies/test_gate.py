"""Where there is no season, no trend and no drift between cohorts, the calendar costs next to nothing."""

from clvmodels.evaluation.studies.gate import cost, run


def test_the_calendar_costs_at_most_a_point_of_total_error():
    errors = run(logs=12, customers=2_500)
    more, error = cost(errors)
    # One point is what is promised. The full study (100 logs of 4,000) has the figure; twelve logs have this noise.
    assert more <= 0.01 + 2 * error
    assert error < 0.02
    assert errors["calendar"].abs().mean() < 0.10
