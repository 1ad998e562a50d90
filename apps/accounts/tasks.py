"""Messages that the page which asks for them does not wait for."""

from urllib.parse import urljoin

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from .models import User

PATIENCE = RetryStrategy(max_attempts=5, exponential_wait=6)


@app.task(name="accounts.send_reset_link", retry=PATIENCE)
def send_reset_link(email: str, site: str) -> None:
    """Send the link by which the person of this address chooses a new password, if there is one.

    Whether there is one shows neither in what the page answers nor in how long that takes.
    """
    user = User.objects.filter(email=email, is_active=True, is_service=False).first()
    if user is None:
        return
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    link = urljoin(site, reverse("account_reset_password_from_key", kwargs=key))
    context = {"user": user, "link": link, "hours": settings.PASSWORD_RESET_TIMEOUT // 3600}
    message = EmailMultiAlternatives(
        f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}Choose a new password",
        render_to_string("account/email/reset_link.txt", context),
        to=[user.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    html = render_to_string("account/email/reset_link.html", context)
    message.attach_alternative(html, "text/html")
    message.send()
