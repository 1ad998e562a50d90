from django.conf import settings
from django.db import models


def responsible():
    """Who looks after a row; a member when chosen, and kept when they leave."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
    )
