"""What the pages of cases show alike."""

from django import template

from apps.cases import content, custom_fields

register = template.Library()


@register.simple_tag
def own_values(project, values):
    """Values of the project's own fields: {% own_values project case.custom as own %}."""
    return custom_fields.shown_values(project, values)


@register.filter
def estimate(seconds):
    """Seconds as people type them: “1h 30m”."""
    return content.duration(seconds)


@register.filter
def value_text(value):
    """A value of a custom field, for people."""
    return content.value_text(value)
