"""Mail between the house and people who were asked: the thread of each, and what came in."""
