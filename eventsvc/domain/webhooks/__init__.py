"""Webhooks: which systems of others are told what happens, and what each of them is still owed."""
