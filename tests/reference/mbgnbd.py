"""MBG/NBD and NBD in mpmath, from their processes: MBG/NBD by integrating over p what BG/NBD has in closed form."""

from __future__ import annotations

from mpmath import mp, mpf

DIGITS = 60  # numerical derivatives of the fourth order cost half of them


def log_likelihood(x: float, t_x: float, T: float, *, r: float, alpha: float, a: float, b: float) -> mpf:
    """ln L, Batislam, Denizel and Filiztekin (2007): x + 1 chances to leave, of which none or the last was taken.

    L = G(r+x)/G(r) alpha^r [E (1-p)^(x+1) (alpha+T)^-(r+x) + E p (1-p)^x (alpha+t_x)^-(r+x)].
    """
    with mp.workdps(DIGITS):
        x, t_x, T, r, alpha, a, b = map(mpf, (x, t_x, T, r, alpha, a, b))
        shared = mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha)
        stays = mp.loggamma(b + x + 1) + mp.loggamma(a + b) - mp.loggamma(b) - mp.loggamma(a + b + x + 1)
        leaves = mp.log(a) + mp.loggamma(b + x) + mp.loggamma(a + b) - mp.loggamma(b) - mp.loggamma(a + b + x + 1)
        return shared + mp.log(
            mp.exp(stays - (r + x) * mp.log(alpha + T)) + mp.exp(leaves - (r + x) * mp.log(alpha + t_x))
        )


def nbd_log_likelihood(x: float, t_x: float, T: float, *, r: float, alpha: float) -> mpf:
    """ln of G(r+x)/G(r) alpha^r (alpha+T)^-(r+x)."""
    with mp.workdps(DIGITS):
        x, T, r, alpha = map(mpf, (x, T, r, alpha))
        return mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha) - (r + x) * mp.log(alpha + T)
