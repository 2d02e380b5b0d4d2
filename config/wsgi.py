"""The WSGI application that granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from config import warming
from config.gate import pass_gate

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
# Under `make up` this process loads while the tables are made; requests wait until they are.
pass_gate()
# The collector would go through all modules again and again, and find nothing in them.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 50)
warming.start()
