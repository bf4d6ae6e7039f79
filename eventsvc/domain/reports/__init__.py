"""Reports: numbers about what was done, each with the events behind it."""
