"""Messages about an account: in text and HTML, and sent once what they tell of is certain."""

import logging
from functools import partial

from django.db import transaction

logger = logging.getLogger(__name__)


def send_after_commit(message):
    """What is done is not undone because a mail server does not answer: that is logged."""
    transaction.on_commit(partial(_send, message))


def _send(message):
    try:
        message.send()
    except (OSError, ValueError) as error:
        logger.warning("The message “%s” is not sent: %s", message.subject, type(error).__name__)
