"""Every address of the web app. `tests/web/test_access_matrix.py` holds a row for each."""

from django.urls import include, path

from braid.web.views.audit import audit
from braid.web.views.people import people, person, reason
from braid.web.views.place import place
from braid.web.views.signing import SignIn, sign_out
from braid.web.views.vault import confirm_identity, location

urlpatterns = [
    path("", place, name="place"),
    path("sign-in/", SignIn.as_view(), name="sign_in"),
    path("sign-out/", sign_out, name="sign_out"),
    path("reason/", reason, name="reason"),
    path("confirm/", confirm_identity, name="confirm"),
    path("people/", people, name="people"),
    path("people/<str:person_id>/", person, name="person"),
    path("people/<str:person_id>/location/<slug:field>/", location, name="location"),
    path("audit/", audit, name="audit"),
    path("api/", include("braid.api.urls")),
]
handler400 = "braid.web.views.errors.bad_request"
handler403 = "braid.web.views.errors.not_permitted"
handler404 = "braid.web.views.errors.not_found"
handler500 = "braid.web.views.errors.failed"
