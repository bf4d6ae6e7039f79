"""Promises to the outside: letters owed, rendered from their own row, sent once, whatever crashes."""
