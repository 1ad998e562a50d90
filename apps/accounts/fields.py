from django.db import models


class LowercaseEmailField(models.EmailField):
    """An e-mail address kept and compared in lower case, so that it is unique whatever its case."""

    def to_python(self, value):
        value = super().to_python(value)
        return value.strip().lower() if isinstance(value, str) else value

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return value.strip().lower() if isinstance(value, str) else value
