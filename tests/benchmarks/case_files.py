"""Files of cases of any size, as a team would bring them."""

import csv

HEADER = [
    "ID", "Title", "Section Hierarchy", "Type", "Priority", "Estimate", "References",
    "Preconditions", "Steps", "Expected Result", "Labels",
]  # fmt: skip
PRIORITIES = ["High", "Medium", "Low", "Critical"]
STEPS = 5


def write(path, count, *, word="Pays"):
    """A CSV of so many cases with five steps each, in up to 5,000 suites."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(count):
            writer.writerow(_row(number, word))
    return path


def _row(number, word):
    return [
        f"C{number}",
        f"{word} for order {number} with a card",
        f"Shop > Area {number % 200} > Part {number % 25}",
        "Functional",
        PRIORITIES[number % 4],
        "5m",
        f"RF-{number % 999}",
        "A cart with two things in it and a customer who is signed in",
        "\n".join(f"{step}. Do the thing {step} of {number}" for step in range(1, STEPS + 1)),
        "\n".join(f"{step}. The thing {step} is done" for step in range(1, STEPS + 1)),
        f"smoke, area-{number % 7}",
    ]
