"""Doors: each translates a request, a tick or a command into one workflow call, and its result back; none decides."""
