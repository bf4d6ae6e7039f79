"""The WSGI entry point: `gunicorn wsgi:app`, or `eventsvc serve`."""

import os

import config
from eventsvc import create_app

app = create_app(config.load(os.environ))
