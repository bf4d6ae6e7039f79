"""`eventsvc import …`: files from outside, row by row, into the workflows that keep the directory and the events.

files → columns → schemas → loading (directory) or event_rows (events) → report; `command` is the door.
"""
