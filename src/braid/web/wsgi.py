"""The application that a web server runs, and that ends with the server that started it."""

import os

from django.core.wsgi import get_wsgi_application

from braid.web.serve import end_with_server

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "braid.web.settings")
end_with_server()
application = get_wsgi_application()
