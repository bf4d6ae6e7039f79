"""What is known of people: why, how long, who sees it, how it goes away; and who looked at lists of their names."""
