"""Rooms of other offices: which office was asked for which room and time, what it said, and what that makes of it."""
