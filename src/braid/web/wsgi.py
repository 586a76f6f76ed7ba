"""The application that a web server runs, and that ends with the server that started it."""

import multiprocessing
import os
import threading

from django.core.wsgi import get_wsgi_application


def _end_with_server() -> None:
    """End this worker when its server is gone: a server that is killed cannot stop its workers itself.

    Without it a page about people would be served on, with the database kept up, and nobody would know.
    """
    server = multiprocessing.parent_process()
    if server is not None:
        server.join()
        os._exit(1)


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "braid.web.settings")
application = get_wsgi_application()
threading.Thread(target=_end_with_server, name="end-with-server", daemon=True).start()
