"""Nouns and rules: each package owns its tables and its noes; they stand on one another in a fixed order."""
