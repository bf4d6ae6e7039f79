"""RFC 5545, 5546 and 7986 text; no database, no HTTP."""
