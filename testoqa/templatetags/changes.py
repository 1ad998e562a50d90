"""Differences of two contents as a page shows them."""

from django import template

from apps.cases import marks

register = template.Library()


@register.filter
def marked(changes):
    """{% for change in changes|marked %}: with the words that changed marked."""
    return marks.marked(changes)
