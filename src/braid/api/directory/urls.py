"""The addresses of the directory: none of them asks who calls."""

from django.urls import path

from braid.api.directory.description import LISTS, openapi
from braid.api.directory.views import about, listing, reading

urlpatterns = [
    path("", about, name="directory"),
    path("openapi.json", openapi, name="directory_openapi"),
]
for address, kind in LISTS.items():
    urlpatterns += [
        path(address, listing(kind), name=f"directory_{address}"),
        path(f"{address}/<str:directory_id>", reading(kind), name=f"directory_{kind}"),
    ]
