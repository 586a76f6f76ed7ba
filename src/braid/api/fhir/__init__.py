"""FHIR R4 by the profiles of UK Core, to read: what the API shows, in the words of health systems."""
