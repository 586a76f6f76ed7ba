"""The addresses of FHIR, and which of them ask who calls."""

from django.urls import path

from braid.api.fhir.bundles import BASE
from braid.api.fhir.views import VIEWS, metadata, read_patient, search_patients

IDS = {
    "ServiceRequest": "<wait_id>",
    "Encounter": "<episode_id>",
    "EpisodeOfCare": "<episode_id>",
    "Appointment": "<appointment_id>",
    "Task": "<care_action_id>",
}
urlpatterns = [
    path("metadata", metadata, name="api_fhir_metadata"),
    path("Patient", search_patients, name="api_fhir_patients"),
    path("Patient/<person_id>", read_patient, name="api_fhir_patient"),
]
for name, (read, search) in VIEWS.items():
    urlpatterns += [
        path(name, search, name=f"api_fhir_{name.lower()}s"),
        path(f"{name}/{IDS[name]}", read, name=f"api_fhir_{name.lower()}"),
    ]
FHIR_METHODS = {
    f"{BASE.lstrip('/')}/{one.pattern}": frozenset({"GET"}) for one in urlpatterns if one.name != "api_fhir_metadata"
}
"""The methods of each address that asks who calls, by its route: what stands beside it is open to anybody."""
