"""Columns of cases that PostgreSQL computes, and what their lists are ordered by."""

from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models.functions import MD5, Cast, Left, Lower


def key_hash():
    """Automation keys have any length; they are compared by this, then by themselves."""
    return models.GeneratedField(
        expression=Cast(MD5("automation_key"), models.UUIDField()),
        output_field=models.UUIDField(),
        db_persist=True,
    )


def searched():
    """Words of a case for PostgreSQL's search: the title first, the steps and texts after it.

    Of each text only so much as a vector, which holds a megabyte, takes for certain.
    """
    words = SearchVector(Left("title", 20_000), config="simple", weight="A")
    for name in ("automation_key", "steps_text", "preconditions", "description"):
        words += SearchVector(Left(name, 40_000), config="simple", weight="B")
    return models.GeneratedField(
        expression=words, output_field=SearchVectorField(), db_persist=True
    )


def title_in_order():
    """So much of a title as an index takes of any, for the order of lists."""
    return Lower(Left("title", 100))
