"""What stops a verb. Pages show the sentence; the API answers problem+json with the status."""


class Refused(Exception):
    """A verb that cannot be carried out as things stand: 409 everywhere.

    `extra` holds members for the API's answer, such as the run's url; `errors` says in
    {name: sentence} what does not fit within the field, where there are several things.
    """

    status = 409
    errors: dict[str, str] = {}

    def __init__(self, sentence, *, field="", code="refused", **extra):
        super().__init__(sentence)
        self.field = field
        self.code = code
        self.extra = extra


class TransitionRefused(Refused):
    """The object is in a state that does not allow the change."""


class Unprocessable(Refused):
    """Well formed, but it names something that does not fit: 422 everywhere."""

    status = 422
