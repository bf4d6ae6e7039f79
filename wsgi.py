"""The WSGI entry point: `gunicorn wsgi:app`, or `eventsvc serve`."""

import os

import config
from eventsvc import create_app
from eventsvc.interfaces.memory import settle

app = create_app(config.load(os.environ))
settle()
