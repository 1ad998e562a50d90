from django.contrib.admin import apps


class AdministrationConfig(apps.AdminConfig):
    """Django's administration, with the site of testoqa/administration.py."""

    default = False  # it is not what “testoqa” itself means among the installed apps
    default_site = "testoqa.administration.AdminSite"
