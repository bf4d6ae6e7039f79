"""Settings of gunicorn that set nothing: its first process reads them, and so has loaded what all workers need.

Each worker makes its own app as ever; only the modules, four fifths of a worker's start, are loaded once for all.
"""

import eventsvc.interfaces.house  # noqa: F401  # to have it loaded
