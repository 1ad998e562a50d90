"""What the first start makes: the administrator, and the demo project they own."""

import os
import secrets

from django.contrib.auth import get_user_model
from django.db import transaction

DEFAULT_EMAIL = "admin@example.org"


def begin(*, demo: bool) -> None:
    """Make and print the first administrator, unless somebody is there already."""
    people = get_user_model().objects
    if people.exists():
        return
    email = os.environ.get("TESTOQA_ADMIN_EMAIL", "").strip() or DEFAULT_EMAIL
    chosen = os.environ.get("TESTOQA_ADMIN_PASSWORD", "")
    password = chosen or secrets.token_urlsafe(12)
    with transaction.atomic():  # a start that is cut off is a first start again
        administrator = people.create_superuser(email, password, name="Administrator")
        if demo:
            from testoqa.demo import make_demo

            make_demo(owner=administrator)
    shown = "as set by TESTOQA_ADMIN_PASSWORD" if chosen else password
    print(f"The first administrator is {email}, password: {shown}", flush=True)
