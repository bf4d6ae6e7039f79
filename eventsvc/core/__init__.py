"""Words every floor shares: clock, spans and zones, refusals, the database session, links and tokens."""
