"""Models beside baselines on days that none of them has seen."""
