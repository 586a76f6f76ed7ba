"""The application that a web server runs: as the role of the pages or not at all, and no longer than the server."""

import gc
import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

from braid.web.serve import end_with_server

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "braid.web.settings")
end_with_server()
application = get_wsgi_application()
import_module("braid.web.pages_role").check_role()
gc.collect()
gc.freeze()  # what is loaded stays: of a request alone it is asked what can go
gc.set_threshold(20_000, 20, 20)
