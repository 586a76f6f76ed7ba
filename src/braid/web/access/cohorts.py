"""Whom a problem statement concerns, as rooms ask that need no more of anybody than that."""

from braid.web.models import Cohort, Protection


def is_concerned(person_id: str, statement: str) -> bool:
    """Whether a statement concerns somebody, as far as whoever asks may see it."""
    return Cohort.objects.filter(person=person_id, statement=statement).exists()


def list_concerned(statement: str, most: int) -> list[str]:
    """Return the ids of so many people at most whom a statement concerns, by id; of nobody who is protected."""
    found = Cohort.objects.filter(statement=statement).exclude(person_id__in=Protection.objects.values("person_id"))
    return list(found.order_by("person_id").values_list("person_id", flat=True).distinct()[:most])
