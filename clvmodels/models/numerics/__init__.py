"""Special functions and integrals that several models share."""
