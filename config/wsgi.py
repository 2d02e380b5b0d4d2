"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

from config.gate import pass_gate

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
# Under `make up` this process loads while the tables are made; requests wait until they are.
pass_gate()
