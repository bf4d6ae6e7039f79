"""How many came: counted at the door, without names."""
