"""How fast it is, measured through real doors: `python -m tests.benchmarks --help`."""
