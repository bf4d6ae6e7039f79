"""The WSGI entry point: `gunicorn wsgi:app`, or `eventsvc serve`."""

import os

import config
from eventsvc import create_app
from eventsvc.interfaces import in_earnest
from eventsvc.interfaces.memory import settle

app = create_app(config.load(os.environ))
in_earnest.ensure(app)
settle()
