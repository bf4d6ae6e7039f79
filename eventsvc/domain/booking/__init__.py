"""What can be taken and who has it: resources, reservations, and the desk that never books twice.

The desk cannot tell a room from an expert; both are resources. It names a holder by id and knows no titles.
"""
