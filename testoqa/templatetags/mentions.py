"""The bell in the top bar."""

from django import template

from apps.cases.models import Mention

register = template.Library()

MOST = 99


@register.inclusion_tag("_bell.html")
def bell(user):
    """How many comments call this person and are unread, in one query whatever the number."""
    unread = Mention.objects.of(user).unread().order_by().values("pk")[: MOST + 1]
    count = len(unread)
    return {"count": count, "label": f"{MOST}+" if count > MOST else str(count)}
