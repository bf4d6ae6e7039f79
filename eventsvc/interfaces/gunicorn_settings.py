"""What gunicorn does for `eventsvc serve` beside serving, where requests are counted for Prometheus."""

from __future__ import annotations

import os
import shutil
from typing import Any


def on_exit(server: Any) -> None:  # gunicorn calls it with its arbiter, once, as the last thing it does
    """Take away the folder of this start, in which the workers added up what they counted."""
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
