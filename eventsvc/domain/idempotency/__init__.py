"""Calls that may be sent again: by its key a repetition gets the answer of the first, and nothing happens twice."""
