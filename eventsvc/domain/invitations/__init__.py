"""Invitations: who was asked for which time, what they said, and which yes is still missing."""
