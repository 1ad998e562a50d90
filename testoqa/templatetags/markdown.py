"""{{ case.description|markdown:project }}: what people wrote, with the files of their project."""

from django import template

from apps.projects import markdown as texts

register = template.Library()


@register.filter
def markdown(text, project=None):
    """The text as HTML that is safe to show; set it within an element of the class `prose`."""
    return texts.render(text, project) if text else ""
