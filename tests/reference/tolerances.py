"""Tolerances by their reasons: how far two right answers may lie apart.

A tolerance in a test has a name from here, a name of its own file, or its reason in a comment; ``test_tolerances.py``
sees to it. Those here are relative unless they say otherwise.
"""

from __future__ import annotations

# One formula, computed twice.
ONE_ROUNDING = 1e-15  # one operation on either side
ROUNDING = 1e-14  # the same few operations in another order
MANY_ROUNDINGS = 1e-13  # some tens of operations, or functions of SciPy that are good to a few units of 1e-14
SUMMATION = 1e-12  # the same terms, added up in another order or in other groups of customers
SPECIAL_FUNCTIONS = 1e-12  # the same quantity through other special functions, each good to some 1e-13 of its size

# The same for values that may be 0, made of terms of the order of 1; absolute.
ABSOLUTE_ROUNDING = 1e-14
ABSOLUTE_SUMMATION = 1e-12
ABSOLUTE_QUADRATURE = 1e-10
ABSOLUTE_PREDICTION = 1e-9
UNDERFLOW = 1e-290  # products of probabilities that come close to the smallest number there is

# One integral, computed twice.
QUADRATURE = 1e-11  # quadratures of the package, and its interpolation over ages, are good to about 1e-12
TWO_QUADRATURES = 1e-10  # sums and differences of several of them
PREDICTION = 1e-9  # what the package promises of a prediction, whatever the parameters
SURROGATE_OF_WIDTH = 0.05  # of the width of a range: quantiles over draws most of which a polynomial stands for
COARSE_QUADRATURE = 1e-5  # for quantiles over draws quadratures are made to be good to 1e-6

# One derivative, computed twice.
DIFFERENCES = 1e-6  # central differences: h² of the third derivative, and a rounding over h

# One maximum, found twice.
SEARCH = 1e-8  # the last Newton step ends within this of the maximum, in standard errors
FLAT_SEARCH = 1e-5  # … of a likelihood that is so flat or summed up so differently that rounding moves its maximum
SEARCHED_LIKELIHOOD = 1e-7  # of log-likelihood, absolute: ten thousand customers' worth of roundings

# Random numbers.
STANDARD_ERRORS = 4.5  # as many of the mean of a simulation: a right answer fails once in 150,000 seeds


def printed(decimals: int) -> float:
    """Half a unit of the last decimal that is printed; absolute."""
    return float(f"5e-{decimals + 1}")
