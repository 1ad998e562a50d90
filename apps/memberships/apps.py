from importlib import import_module

from django.apps import AppConfig


class MembershipsConfig(AppConfig):
    name = "apps.memberships"

    def ready(self):
        # drf-spectacular knows its extensions by their having been imported
        import_module("apps.memberships.api.schema")
