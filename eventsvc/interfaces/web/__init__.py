"""The pages' door: server-rendered, semantic, each works without JavaScript."""

from __future__ import annotations

from flask import Flask


def register_pages(app: Flask) -> None:
    """Add the pages."""
