"""Where there is no season, no trend and no drift between cohorts, looking for them costs next to nothing."""

from clvmodels.evaluation.studies.gate import cost, run


def test_the_calendar_costs_at_most_a_point_of_total_error():
    errors = run(logs=12, customers=2_500)
    more, error = cost(errors)
    assert more <= 0.01  # what is promised
    assert error < 0.02
    assert errors["calendar"].abs().mean() < 0.10
