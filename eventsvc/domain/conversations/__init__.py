"""Conversations: what the offices concerned write to one another about an event or a request."""
