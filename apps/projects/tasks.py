from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from .deletion import erase, unfinished

RETRIES = 5


@app.task(
    name="projects.erase_project",
    lock="projects.erase_project",
    retry=RetryStrategy(max_attempts=RETRIES, wait=5),
)
def erase_project(project_id: int):
    """Remove what a deleted project holds; after an interruption it goes on where it was."""
    erase(project_id)


@app.periodic(cron="27 * * * *", periodic_id="projects.go_on_erasing")
@app.task(name="projects.go_on_erasing", queueing_lock="projects.go_on_erasing")
def go_on_erasing(timestamp: int):
    """Begin again what was given up, and once more what has a job: that finds nothing to do."""
    for project_id in unfinished():
        erase_project.defer(project_id=project_id)
