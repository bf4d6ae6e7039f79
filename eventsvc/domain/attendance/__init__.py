"""How many came, who spoke and how it was: counted at the door and by the host; no student's name anywhere."""
