"""Backups: all rows in one archive, the same from both databases, and back onto either of them."""
