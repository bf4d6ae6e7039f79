"""Wishes before events: requests of colleges, dates that partners offer, rounds, and employers a college admits."""
