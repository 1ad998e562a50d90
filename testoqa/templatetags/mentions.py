"""The bell in the top bar."""

from django import template

from apps.cases.bell import bell_of, unread_count

register = template.Library()


@register.inclusion_tag("_bell.html")
def bell(user):
    """How many comments call the person of the session and are unread."""
    return bell_of(unread_count(user))
