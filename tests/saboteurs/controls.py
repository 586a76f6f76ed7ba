"""Every control that a saboteur switches off, by kind."""

import controls_of_api
import controls_of_care
import controls_of_datasets
import controls_of_documents
import controls_of_extracts
import controls_of_homes
import controls_of_links
import controls_of_messages
import controls_of_plans
import controls_of_priority
import controls_of_refusals
import controls_of_rights
import controls_of_sides
import controls_of_sign_in
import controls_of_sources
import controls_of_trust
from control import Control

GROUPS = {
    "trust": controls_of_trust.CONTROLS,
    "messages": controls_of_messages.CONTROLS,
    "datasets": controls_of_datasets.CONTROLS,
    "extracts": controls_of_extracts.CONTROLS,
    "links": controls_of_links.CONTROLS,
    "homes": controls_of_homes.CONTROLS,
    "priority": controls_of_priority.CONTROLS,
    "refusals": controls_of_refusals.CONTROLS,
    "care": controls_of_care.CONTROLS,
    "documents": controls_of_documents.CONTROLS,
    "sides": controls_of_sides.CONTROLS,
    "plans": controls_of_plans.CONTROLS,
    "sources": controls_of_sources.CONTROLS,
    "api": controls_of_api.CONTROLS,
    "sign_in": controls_of_sign_in.CONTROLS,
    "rights": controls_of_rights.CONTROLS,
}
SABOTEURS: dict[str, Control] = {name: control for group in GROUPS.values() for name, control in group.items()}
