"""Slow, exact references in mpmath, written from the papers and sharing no code with the package."""
