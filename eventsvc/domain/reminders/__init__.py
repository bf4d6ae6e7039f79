"""Reminders: rules as data, planned for each person and event, due at an instant, posted once."""
