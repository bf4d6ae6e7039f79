"""Faults in earnest: real processes that are killed, real servers that break off."""
