"""Does it predict? Models beside naive baselines, on a holdout that no fit has seen."""
