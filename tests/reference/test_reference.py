"""Every reference quantity by a second route: 2F1, quadrature, sums, simulation, more digits, other arithmetic."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from mpmath import mp, mpf

from tests.reference.tolerances import printed

from . import bgnbd, gamma_gamma, grid

CDNOW = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
REGULAR = {"r": 3.5, "alpha": 8.0, "a": 1.0, "b": 4.0}
HISTORY = (2.0, 30.43, 38.86)


@pytest.fixture(autouse=True)
def _precision():
    with mp.workdps(30):
        yield


def harsh(count: int, seed: int) -> list[grid.Case]:
    rows = list(grid.random_cases(400))
    return [rows[i] for i in np.random.default_rng(seed).choice(len(rows), count, replace=False)]


def split(case: grid.Case) -> tuple[dict[str, float], tuple[float, float, float]]:
    return {name: case[name] for name in grid.PARAMETERS}, (case["x"], case["t_x"], case["T"])


def relative(found: mpf, wanted: mpf) -> float:
    return float(abs(found - wanted) / abs(wanted)) if wanted else float(abs(found))


def posterior(case: grid.Case) -> tuple[mpf, mpf, mpf, mpf]:
    """The n, A, a, b of a customer who is alive."""
    return (
        mpf(case["r"]) + mpf(case["x"]),
        mpf(case["alpha"]) + mpf(case["T"]),
        mpf(case["a"]),
        mpf(case["b"]) + mpf(case["x"]),
    )


# ---------------------------------------------------------------------------------------------- history and now


def test_expected_purchases_of_the_published_customer():
    """Fader, Hardie and Lee's implementation note in Excel: customer 0001 of CDNOW, 39 weeks on."""
    assert float(bgnbd.expected_purchases(39.0, *HISTORY, **CDNOW)) == pytest.approx(1.226, abs=printed(3))


@pytest.mark.parametrize("parameters", [CDNOW, REGULAR])
@pytest.mark.parametrize("history", [(0.0, 0.0, 38.86), (1.0, 2.0, 10.0), HISTORY, (12.0, 30.0, 30.0)])
def test_likelihood_and_probability_alive_are_integrals_over_lambda_and_p(parameters, history):
    """(1-p)^x lambda^x e^(-lambda T) [alive] + p (1-p)^(x-1) lambda^x e^(-lambda t_x) [dead], over both priors."""
    x, t_x, T = history
    r, alpha, a, b = (mpf(parameters[name]) for name in grid.PARAMETERS)

    def over_lambda(elapsed: float) -> mpf:
        rate = alpha + elapsed
        points = [-120 / (r + x), -8, -3, -1, 0, 1, 2, 3, 5]  # log lambda about its scale
        return mp.quad(
            lambda y: mp.exp((r + x) * (y - mp.log(rate)) - mp.exp(y) + r * mp.log(alpha) - mp.loggamma(r)),
            points,
        )

    def over_p(k: float, j: float) -> mpf:
        return mp.quad(lambda p: p ** (a + k - 1) * (1 - p) ** (b + j - 1), [0, 0.01, 0.3, 0.9, 1]) / mp.beta(a, b)

    with mp.workdps(20):
        alive = over_p(0, x) * over_lambda(T)
        dead = over_p(1, x - 1) * over_lambda(t_x) if x else mpf(0)
    assert relative(mp.exp(bgnbd.log_likelihood(*history, **parameters)), alive + dead) < 1e-13
    assert relative(bgnbd.probability_alive(*history, **parameters), alive / (alive + dead)) < 1e-13


# -------------------------------------------------------------------------------------------------------- 2F1


def test_survival_and_purchases_are_hypergeometric():
    for case in harsh(30, 1):
        parameters, history = split(case)
        n, A, a, b = posterior(case)
        z, t = mpf(case["t"]) / A, case["t"]
        wanted = mp.hyp2f1(n, a, a + b, -z)
        assert relative(bgnbd.survival(t, *history, **parameters), wanted) < 1e-20
        alive = bgnbd.probability_alive(*history, **parameters)
        with mp.workdps(60):  # a - 1 may cancel
            c = a + b - 1
            if abs(a - 1) < 1e-9:
                continue
            wanted = alive * c / (a - 1) * (1 - (1 + z) ** -n * mp.hyp2f1(n, b, c, z / (1 + z)))
        assert relative(bgnbd.expected_purchases(t, *history, **parameters), wanted) < 1e-20


def test_window_is_a_difference():
    """E[X(s, s+t]] = E[X(s+t)] - E[X(s)]; the probability of a purchase in it is a difference of two 2F1s.

    E[(1 + (p s + t)/A)^-n] = (1 + t/A)^-n 2F1(n, a; a+b+x; -s/(A+t)).
    """
    for case in harsh(20, 2):
        parameters, history = split(case)
        n, A, a, b = posterior(case)
        s, t = case["s"], case["t"]
        alive = bgnbd.probability_alive(*history, **parameters)
        found = bgnbd.window_expected_purchases(s, t, *history, **parameters)
        later = bgnbd.expected_purchases(s + t, *history, **parameters)
        sooner = bgnbd.expected_purchases(s, *history, **parameters)
        rounded = 1e-15 * later * (n + 1)  # s + t is a float
        assert abs(found - (later - sooner)) <= rounded
        with mp.workdps(50):
            start = mp.hyp2f1(n, a, a + b, -mpf(s) / A)
            silent = (1 + mpf(t) / A) ** -n * mp.hyp2f1(n, a, a + b, -mpf(s) / (A + mpf(t)))
            wanted = alive * (start - silent)
        assert relative(bgnbd.window_purchase_probability(s, t, *history, **parameters), wanted) < 1e-20


def test_window_from_now_is_the_purchase_probability():
    for case in harsh(10, 3):
        parameters, history = split(case)
        found = bgnbd.window_purchase_probability(0.0, case["t"], *history, **parameters)
        assert relative(found, bgnbd.purchase_probability(case["t"], *history, **parameters)) < 1e-20


# ------------------------------------------------------------------------------------------------- discounting


def test_discounted_power_is_the_integral_it_says():
    """Every branch against quadrature in log u."""
    generator = np.random.default_rng(4)
    for _ in range(30):
        m, k, w = (mpf(10 ** generator.uniform(-3, high)) for high in (3.3, 3, 4))
        m = mpf(round(m)) if m > 1 and generator.random() < 0.3 else m
        far = mp.log(80 / k + 1)
        for end in (w, mp.inf):
            last = min(mp.log(end), far) if end != mp.inf else far
            points = [last - 60, *(last - gap for gap in (40, 25, 15, 10, 7, 5, 4, 3, 2, 1.5, 1, 0.5)), last]
            points = sorted({*points, *(q for q in (-mp.log(m + k) + j for j in range(-3, 5)) if last - 60 < q < last)})
            with mp.workdps(20):
                wanted = mp.quad(lambda y: mp.exp(y - k * mp.exp(y) - m * mp.log1p(mp.exp(y))), points)  # noqa: B023
            with mp.workdps(bgnbd.DIGITS):
                found = bgnbd.DiscountedPower(m)(k, end)
            assert relative(found, wanted) < 1e-14, (m, k, end)


@pytest.mark.parametrize("parameters", [CDNOW, REGULAR, {"r": 40.0, "alpha": 0.5, "a": 0.01, "b": 0.2}])
@pytest.mark.parametrize("t", [0.5, 52.0, np.inf])
@pytest.mark.parametrize("delta", [0.002, 0.4])
def test_discounting_is_an_integral_of_2f1_over_time(parameters, t, delta):
    x, _, T = HISTORY
    r, alpha, a, b = (mpf(parameters[name]) for name in grid.PARAMETERS)
    n, A = r + x, alpha + mpf(T)
    alive = bgnbd.probability_alive(*HISTORY, **parameters)
    points = [mpf(0), *(p for p in (1, 10, 50, 200, 1000, 4000, 15_000) if p < min(t, 45 / delta)), min(t, 45 / delta)]
    with mp.workdps(16):
        for found, m, factor in (
            (bgnbd.discounted_expected_purchases(t, delta, *HISTORY, **parameters), n + 1, n / A),
            (bgnbd.discounted_time_alive(t, delta, *HISTORY, **parameters), n, 1),
        ):
            wanted = mp.quad(lambda s: mp.exp(-delta * s) * mp.hyp2f1(m, a, a + b + x, -s / A), points)  # noqa: B023
            assert relative(found, alive * factor * wanted) < 1e-13


def test_discounted_purchases_are_the_sum_of_discounted_increments():
    """Increments of N equal steps discounted at their middle; two halvings take the errors in N^-2 and N^-4 away."""
    t, delta = 39.0, 0.01

    def total(steps: int) -> mpf:
        edges = [bgnbd.expected_purchases(t * j / steps, *HISTORY, **CDNOW) for j in range(steps + 1)]
        return mp.fsum(
            mp.exp(-delta * mpf(t) * (j + mpf("0.5")) / steps) * (edges[j + 1] - edges[j]) for j in range(steps)
        )

    coarse, middle, fine = total(8), total(16), total(32)
    first, second = (4 * middle - coarse) / 3, (4 * fine - middle) / 3
    found = bgnbd.discounted_expected_purchases(t, delta, *HISTORY, **CDNOW)
    assert relative((16 * second - first) / 15, found) < 1e-8


def test_discounted_purchases_without_discount_are_the_expected_purchases():
    for case in harsh(12, 5):
        parameters, history = split(case)
        found = bgnbd.discounted_expected_purchases(case["t"], 0.0, *history, **parameters)
        assert relative(found, bgnbd.expected_purchases(case["t"], *history, **parameters)) < 1e-20


@pytest.mark.slow
def test_discounted_purchases_by_parts():
    """int e^(-delta s) dE(s) = e^(-delta t) E(t) + delta int e^(-delta s) E(s) ds, E the expected purchases."""
    t, delta = 60.0, 0.05
    for parameters in (CDNOW, REGULAR):
        with mp.workdps(15):
            inner = mp.quad(
                lambda s: mp.exp(-delta * s) * bgnbd.expected_purchases(float(s), *HISTORY, **parameters),  # noqa: B023
                [0, t],
                maxdegree=4,
            )
        wanted = mp.exp(-mpf(delta) * t) * bgnbd.expected_purchases(t, *HISTORY, **parameters) + delta * inner
        assert relative(bgnbd.discounted_expected_purchases(t, delta, *HISTORY, **parameters), wanted) < 1e-12


def test_an_infinite_horizon_needs_a_discount():
    with pytest.raises(ValueError, match="delta > 0"):
        bgnbd.discounted_time_alive(np.inf, 0.0, *HISTORY, **CDNOW)


# ---------------------------------------------------------------------------------------------- counts, simulation


@pytest.mark.parametrize(("parameters", "t"), [(CDNOW, 20.0), (REGULAR, 12.0), (REGULAR, 1e-3)])
def test_pmf_sums_to_one_and_has_the_mean(parameters, t):
    pmf = [bgnbd.purchases_pmf(k, t, *HISTORY, **parameters) for k in range(300)]
    expected = bgnbd.expected_purchases(t, *HISTORY, **parameters)
    assert abs(mp.fsum(pmf) - 1) < 1e-20
    assert relative(mp.fsum(k * value for k, value in enumerate(pmf)), expected) < 1e-20
    assert relative(1 - pmf[0], bgnbd.purchase_probability(t, *HISTORY, **parameters)) < 1e-20


def test_negative_binomial_tail_is_an_incomplete_beta():
    generator = np.random.default_rng(6)
    for _ in range(60):
        n, z, k = mpf(10 ** generator.uniform(-3, 3)), mpf(10 ** generator.uniform(-6, 3)), generator.integers(1, 80)
        wanted = mp.betainc(int(k), n, 0, z / (1 + z), regularized=True)
        with mp.workdps(bgnbd.DIGITS):
            found = bgnbd._negative_binomial_tail(int(k), n, z)
        assert relative(found, wanted) < 1e-18


@pytest.mark.parametrize("parameters", [CDNOW, REGULAR])
def test_simulation(parameters):
    """A living customer's lambda, p and purchases drawn as the model says; each mean within 4.5 standard errors."""
    generator = np.random.default_rng(7)
    x, _, T = HISTORY
    r, alpha, a, b = (parameters[name] for name in grid.PARAMETERS)
    s, t, delta, size = 10.0, 25.0, 0.03, 400_000
    rate = generator.gamma(r + x, 1 / (alpha + T), size)
    leave = generator.beta(a, b + x, size)
    alive = generator.random(size) < float(bgnbd.probability_alive(*HISTORY, **parameters))
    still, died = alive.copy(), np.where(alive, np.inf, 0.0)
    clock = np.zeros(size)
    bought, windowed, discounted = np.zeros(size), np.zeros(size), np.zeros(size)
    while still.any():
        clock += generator.exponential(1 / rate)
        still &= clock < s + t
        bought += still & (clock <= t)
        windowed += still & (clock > s)
        discounted += still * (clock <= t) * np.exp(-delta * clock)
        leaves = still & (generator.random(size) < leave)
        died[leaves] = clock[leaves]
        still &= ~leaves
    lived = -np.expm1(-delta * np.minimum(died, t)) / delta
    probability = bgnbd.probability_alive(*HISTORY, **parameters)
    for drawn, wanted in (
        (bought, bgnbd.expected_purchases(t, *HISTORY, **parameters)),
        (bought > 0, bgnbd.purchase_probability(t, *HISTORY, **parameters)),
        (bought == 0, bgnbd.purchases_pmf(0, t, *HISTORY, **parameters)),
        (bought == 1, bgnbd.purchases_pmf(1, t, *HISTORY, **parameters)),
        (bought == 4, bgnbd.purchases_pmf(4, t, *HISTORY, **parameters)),
        (died > t, probability * bgnbd.survival(t, *HISTORY, **parameters)),
        (windowed, bgnbd.window_expected_purchases(s, t, *HISTORY, **parameters)),
        (windowed > 0, bgnbd.window_purchase_probability(s, t, *HISTORY, **parameters)),
        (discounted, bgnbd.discounted_expected_purchases(t, delta, *HISTORY, **parameters)),
        (lived, bgnbd.discounted_time_alive(t, delta, *HISTORY, **parameters)),
    ):
        assert abs(drawn.mean() - float(wanted)) < 4.5 * drawn.std() / np.sqrt(size)


# -------------------------------------------------------------------------------------------- precision, the grid


@pytest.mark.slow
def test_more_digits_change_nothing(monkeypatch):
    """Twice the digits and a sharper stopping rule give the same 20 digits."""
    chosen = harsh(5, 8)
    before = [grid.answers(case) for case in chosen]
    monkeypatch.setattr(bgnbd, "DIGITS", 60)
    monkeypatch.setattr(bgnbd, "NEGLIGIBLE", 90.0)
    monkeypatch.setattr(bgnbd, "AGREEMENT", mpf("1e-22"))
    for case, old in zip(chosen, before, strict=True):
        for name, value in grid.answers(case).items():
            if not mp.isnan(value):
                assert relative(old[name], value) < 1e-20, (name, case)


def test_grid_holds_what_it_should():
    rows = grid.read()
    assert [{name: row[name] for name in grid.INPUTS} for row in rows] == grid.cases()
    for row in rows:
        assert row["t_x"] == 0 if row["x"] == 0 else 0 < row["t_x"] <= row["T"]
        assert all(1e-3 <= row[name] <= 1e3 for name in grid.PARAMETERS)
        assert all(np.isfinite(row[name]) for name in row if not name.endswith("_lifetime"))


def test_gamma_gamma_grid_holds_what_it_should():
    for row in grid.read(grid.GAMMA_GAMMA_FILE):
        for name, value in grid.gamma_gamma_answers({key: row[key] for key in ("p", "q", "v", "x", "m")}).items():
            # the grid is written to the last digit of a float
            assert float(value) == pytest.approx(row[name], rel=3e-16)


def test_a_handful_of_rows_is_recomputed():
    rows = grid.read()
    for index in np.random.default_rng(9).choice(len(rows), 8, replace=False):
        row = rows[index]
        for name, value in grid.answers({key: row[key] for key in grid.INPUTS}).items():
            # the grid is written to the last digit of a float
            assert float(value) == pytest.approx(row[name], rel=3e-16, abs=0, nan_ok=True), (index, name)


@pytest.mark.slow
def test_grid_agrees_with_gauss_legendre_panels_in_floating_point():
    """Every row by fixed panels in logit p and log time: another rule, another arithmetic, no closed form in time."""
    for row in grid.read():
        for name, (wanted, tolerance) in by_panels(row).items():
            if row[name] > 1e-250:
                assert wanted == pytest.approx(row[name], rel=tolerance), (name, row)


def by_panels(row: grid.Case) -> dict[str, tuple[float, float]]:
    """Expectations over p of one row by quadrature, each with the tolerance that floating point deserves."""
    n, A, a, b = (float(value) for value in posterior(row))
    t, s, delta = row["t"], row["s"], row["delta"]
    alive = float(bgnbd.probability_alive(row["x"], row["t_x"], row["T"], **{k: row[k] for k in grid.PARAMETERS}))
    scales = [z for z in (t / A, s / A, 1 / (delta * A) if delta else 0) if z]
    mode, sd = np.log(a / b), np.sqrt(1 / a + 1 / b)
    marks = [mode + k * sd for k in range(-12, 13)] + [
        -np.log(z * f) + k for z in scales for f in (1, n) for k in (-2, 0, 2)
    ]
    left = min(-40.0, -np.log(max(scales) * (1 + n)) - 40)
    right = 40 + np.log(1 + n)
    y, weight = _panels(left, right, [*marks, 0.0], min(0.7, 6 / np.sqrt(a + b + n)))
    log_p, log_q = -np.logaddexp(0, -y), -np.logaddexp(0, y)
    log_beta = float(mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b))
    # Beyond the ends the function of p is constant and the density an exponential.
    y, weight = np.r_[y, left, right], np.r_[weight, 1 / a, 1 / b]
    log_p, log_q = np.r_[log_p, left, 0.0], np.r_[log_q, 0.0, -right]
    p, weight = np.exp(log_p), weight * np.exp(a * log_p + b * log_q - log_beta)
    # Gauss-Legendre panels
    assert weight.sum() == pytest.approx(1, rel=1e-10)

    found = {
        "survival": np.exp(-n * np.log1p(p * t / A)),
        "expected_purchases": -alive * np.expm1(-n * np.log1p(p * t / A)) / p,
        "window_expected_purchases": (
            -alive * np.exp(-n * np.log1p(p * s / A)) * np.expm1(-n * np.log1p(p * t / (A + p * s))) / p
        ),
        "window_purchase_probability": (
            -alive * np.exp(-n * np.log1p(p * s / A)) * np.expm1(-n * np.log1p(t / (A + p * s)))
        ),
    }
    result = {name: (float(weight @ values), 1e-9) for name, values in found.items()}
    keep = weight > weight.max() * 1e-30
    p, weight = p[keep], weight[keep]
    for horizon, suffix in ((t, ""), (np.inf, "_lifetime")):
        if np.isinf(horizon) and not delta:
            continue
        end = np.log(min(horizon, 50 / delta if delta else np.inf))
        middle = [-np.log(delta)] if delta else []
        v, w = _panels(end - 45, end, [*middle, np.log(A), np.log(A / n)], 1.0)
        time = np.exp(v)
        w = w * np.exp(v - delta * time)
        w, time = np.r_[w, np.exp(end - 45)], np.r_[time, 0.0]
        for m, factor, name in ((n + 1, n / A, "expected_purchases"), (n, 1.0, "time_alive")):
            total = 0.0
            for some in np.array_split(np.arange(len(p)), 1 + len(p) * len(time) // 2_000_000):
                total += weight[some] @ (np.exp(-m * np.log1p(p[some, None] * time / A)) @ w)
            result[f"discounted_{name}{suffix}"] = alive * factor * total, 1e-9
    return result


def _panels(low: float, high: float, marks: list[float], width: float) -> tuple[np.ndarray, np.ndarray]:
    """Sixteen-point Gauss-Legendre panels, broken at the marks that lie inside and no wider than `width`."""
    breaks = np.unique([low, high, *(mark for mark in marks if low < mark < high)])
    pieces = [np.linspace(u, v, 1 + int(np.ceil((v - u) / width))) for u, v in pairwise(breaks)]
    edges = np.unique(np.concatenate(pieces))
    node, weight = np.polynomial.legendre.leggauss(16)
    half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
    return (middle[:, None] + half[:, None] * node).ravel(), (half[:, None] * weight).ravel()


# ------------------------------------------------------------------------------------------------- Gamma-Gamma


@pytest.mark.parametrize("parameters", [{"p": 6.25, "q": 3.74, "v": 15.44}, {"p": 0.4, "q": 2.5, "v": 300.0}])
@pytest.mark.parametrize(("x", "m"), [(1.0, 20.0), (7.0, 43.5)])
def test_gamma_gamma_is_an_integral_over_nu(parameters, x, m):
    """A mean of x is Gamma(px, rate nu x) given nu, and nu ~ Gamma(q, rate v); the customer's mean spend is p/nu."""
    p, q, v = (mpf(parameters[name]) for name in ("p", "q", "v"))
    shape = p * x

    def joint(log_nu: mpf, power: int) -> mpf:
        nu = mp.exp(log_nu)
        mean = shape * mp.log(nu * x) + (shape - 1) * mp.log(m) - nu * x * m - mp.loggamma(shape)
        return mp.exp(mean + q * mp.log(v) + q * log_nu - v * nu - mp.loggamma(q) + power * mp.log(p / nu))

    middle = mp.log((shape + q) / (v + x * m))
    points = [middle + step for step in (-40, -12, -6, -3, -1, 0, 1, 2, 3, 5)]
    likelihood, spend = (mp.quad(lambda y: joint(y, power), points) for power in (0, 1))  # noqa: B023
    assert relative(mp.exp(gamma_gamma.log_likelihood(x, m, **parameters)), likelihood) < 1e-15
    assert relative(gamma_gamma.expected_spend(x, m, **parameters), spend / likelihood) < 1e-15


def test_gamma_gamma_without_a_transaction():
    assert gamma_gamma.log_likelihood(0.0, float("nan"), p=2.0, q=3.0, v=5.0) == 0
    assert gamma_gamma.expected_spend(0.0, float("nan"), p=2.0, q=3.0, v=5.0) == 5
    assert gamma_gamma.expected_spend(0.0, 0.0, p=2.0, q=0.5, v=5.0) == mp.inf
