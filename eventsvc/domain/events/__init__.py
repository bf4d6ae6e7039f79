"""Events: what is planned, where it stands in its life, and which words and times it has promised."""
