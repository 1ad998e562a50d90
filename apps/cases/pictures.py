"""Pictures pasted into texts: files that nobody else sees until a text that names them is saved."""

from django.core.exceptions import ValidationError

from apps.artifacts.detection import HEAD, raster_image
from apps.artifacts.lifecycle import hang_artifact, store_artifact
from apps.projects.markdown import named_files


def store_picture(project, file, *, by):
    """Keep a picture for a text that `by` is writing. Raises ValidationError for anything else."""
    if not is_picture(file):
        raise ValidationError("Only PNG, JPEG, GIF and WebP pictures can be pasted; attach others.")
    return store_artifact(project, file, by=by, is_saved=False)


def is_picture(file):
    file.seek(0)
    return raster_image(file.read(HEAD)) is not None


def hang_named(case, *texts, by):
    """Hang on the case those files of the project that its texts name, and `by` may see."""
    ids = named_files(*texts)
    if not ids:
        return
    held = set(case.files.filter(artifact__in=ids).values_list("artifact_id", flat=True))
    rows = case.project.artifacts.filter(pk__in=ids - held).order_by("pk")
    for artifact in rows.visible_to(by):
        hang_artifact(artifact, case, by=by)
