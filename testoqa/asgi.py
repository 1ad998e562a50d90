"""Pages and API by Django, sockets by Channels, behind one door for sizes."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "testoqa.settings")
pages = get_asgi_application()

application = pages
