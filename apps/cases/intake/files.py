"""The uploaded file of an import, which is kept until the import has ended."""

from ..models import CaseImport

State = CaseImport.State


def forget_upload(import_id) -> None:
    """Remove the file of an import that has ended."""
    ended = [State.DONE, State.REFUSED]
    for arrival in CaseImport.objects.filter(pk=import_id, state__in=ended).exclude(upload=""):
        upload, storage = arrival.upload.name, arrival.upload.storage
        CaseImport.objects.filter(pk=import_id).update(upload="")
        storage.delete(upload)
