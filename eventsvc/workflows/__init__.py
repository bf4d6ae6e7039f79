"""Stories that cross the domain; this folder is the table of contents of what the software does.

A story receives ids and plain wishes, runs inside the door's `transaction()`, calls the domain in order and decides
nothing that belongs to one package. `now` and the actor are handed in.
"""
