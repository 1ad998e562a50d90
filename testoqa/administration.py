"""The administration as one site: its name, its entrance, and what it refuses."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import unquote_plus

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from testoqa.admin_trail import noted


class AdminSite(admin.AdminSite):
    site_header = site_title = "TestoQA administration"
    index_title = "Everything in this instance"

    def register(
        self, model_or_iterable: Any, admin_class: type[ModelAdmin] | None = None, **options: Any
    ) -> None:
        """Every model's screens tell the trail what they change."""
        super().register(model_or_iterable, noted(admin_class), **options)

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Send people to the site's own page to sign in, which limits how often they may fail."""
        return secure_admin_login(enter)(request)

    def admin_view[View: Callable[..., HttpResponseBase]](
        self, view: View, cacheable: bool = False
    ) -> View:
        """As Django's; a NUL in a filter is refused before the database's driver fails on it."""
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def without_nul(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if "\x00" in unquote_plus(request.META.get("QUERY_STRING", "")):
                raise BadRequest("No filter of the administration holds a NUL.")
            return guarded(request, *args, **kwargs)

        return cast(View, without_nul)


def enter(request: HttpRequest) -> HttpResponse:
    """Where somebody who is signed in and belongs here wanted to go."""
    wanted = LoginView().get_redirect_url(request)
    return HttpResponseRedirect(wanted or reverse("admin:index"))
