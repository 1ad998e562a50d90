"""A CI job: sends files and batches over the API with a token, and reads what is there."""

import json

from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from apps.executions.models import Import
from apps.runs.models import Run
from tests.executions.junit import junit
from tests.factories import make_token
from tests.runs.counting import assert_counts


class Pipeline:
    def __init__(self, project, role="tester"):
        self.project = project
        self.person = project.memberships.get(role=role).user
        self.token = make_token(self.person)
        self.root = f"/api/v1/projects/{project.key}/"

    @property
    def client(self):
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {self.token}")
        return client

    def get(self, path, **query):
        return self.client.get(self.root + path, query)

    def post(self, path, data=None):
        return self.client.post(self.root + path, data, format="json")

    def patch(self, path, data):
        return self.client.patch(self.root + path, data, format="json")

    def send(self, data, filename="junit.xml", *, key="", query="", **fields):
        """POST …/imports/ as multipart; the answer whatever it is."""
        data = data if isinstance(data, bytes) else junit(*data)
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(
            f"{self.root}imports/{query}",
            {"file": SimpleUploadedFile(filename, data), **fields},
            format="multipart",
            headers=headers,
        )

    def take(self, data, status=201, **fields):
        """Send a file that is taken in; answers the receipt, whose numbers add up."""
        answer = self.send(data, **fields)
        assert answer.status_code == status, answer.content
        return checked(answer.json())

    def batch(self, run, results, *, key="", query="", content_type="application/json"):
        """POST …/results/; `results` is a list, or the body itself."""
        body = results if isinstance(results, (bytes, str)) else json.dumps(results)
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(
            f"{self.root}runs/{run.number}/results/{query}",
            body,
            content_type=content_type,
            headers=headers,
        )

    def record(self, run, *results, status=201, **options):
        """Send a batch that is taken in; a name alone has passed."""
        results = [{"name": item} if isinstance(item, str) else item for item in results]
        answer = self.batch(run, [{"status": "passed", **item} for item in results], **options)
        assert answer.status_code == status, answer.content
        return checked(answer.json())

    def run_of(self, receipt):
        return self.project.runs.get(number=receipt["run"]["number"])

    def executions(self, receipt):
        """{(title, variant): execution} of the run of a receipt."""
        run = self.run_of(receipt)
        return {(row.title, row.variant_label): row for row in run.executions.all()}


def checked(receipt):
    """The receipt, its sums and its run's counters having been held against the rows."""
    if receipt["state"] != "done":
        return receipt
    told = ("stored", "attempts", "repeated")
    assert receipt["received"] == sum(receipt[name] for name in told) + len(receipt["refused"])
    arrival = Import.objects.get(pk=receipt["id"])
    tests = receipt["matched"] + receipt["created_cases"] + receipt["ambiguous"]
    assert tests == arrival.distinct_tests
    run = assert_counts(Run.objects.get(pk=arrival.run_id))
    assert receipt["run"]["counts"]["total"] <= run.total
    return receipt
