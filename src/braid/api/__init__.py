"""The API: the same people, figures and rules as the pages, as JSON with an OpenAPI document, under /api/v1/."""
