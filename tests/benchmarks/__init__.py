"""How fast, and in how much memory, beside lifetimes 0.11.3: ``pytest tests/benchmarks --benchmark-only``."""
