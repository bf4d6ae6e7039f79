"""Who and what there is: organizations, offices, campuses, rooms, experts, topics, and travel between places.

Nothing here is deleted; `retired_on` ends use and keeps history. Out of the house go slugs, never primary keys.
"""
