"""What a scheduler needs, loaded once for all of them: see `schedulers`."""

from __future__ import annotations

import config
import eventsvc.interfaces.cli  # noqa: F401  # to have it loaded
from eventsvc import create_app

# Makes what is loaded late come now; nothing is opened by it.
create_app({**config.load({}), "SECRET_KEY": "never used", "DATABASE_URL": "sqlite://"})
