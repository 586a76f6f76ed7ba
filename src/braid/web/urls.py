"""Every address of the web app. `tests/web/test_access_matrix.py` holds a row for each."""

from django.urls import include, path

from braid.web.views.audit import audit, audit_log, audit_person, audit_snooping
from braid.web.views.audit_open import checkpoint, consistency
from braid.web.views.people import people, person, reason
from braid.web.views.place import figures_file, place
from braid.web.views.signing import SignIn, sign_out

urlpatterns = [
    path("", place, name="place"),
    path("place/figures.<str:form>", figures_file, name="figures_file"),
    path("sign-in/", SignIn.as_view(), name="sign_in"),
    path("sign-out/", sign_out, name="sign_out"),
    path("reason/", reason, name="reason"),
    path("people/", people, name="people"),
    path("people/<str:person_id>/", person, name="person"),
    path("audit/", audit, name="audit"),
    path("audit/log/", audit_log, name="audit_log"),
    path("audit/snooping/", audit_snooping, name="audit_snooping"),
    path("audit/person/<str:person_id>/", audit_person, name="audit_person"),
    path("audit/checkpoint.txt", checkpoint, name="audit_checkpoint"),
    path("audit/consistency/<int:old>/<int:new>", consistency, name="audit_consistency"),
    path("api/", include("braid.api.urls")),
]
handler400 = "braid.web.views.errors.bad_request"
handler403 = "braid.web.views.errors.not_permitted"
handler404 = "braid.web.views.errors.not_found"
handler500 = "braid.web.views.errors.failed"
