"""JUnit files as tests write them down."""

from xml.sax.saxutils import quoteattr


def junit(*cases, suite="shop"):
    """A file of `testcase` elements, each a string, or a name, or (name, status, more)."""
    body = "".join(element(case) for case in cases)
    return f'<testsuite name="{suite}">{body}</testsuite>'.encode()


def element(case):
    """("pays", "failed", {"time": "1.5"}); a name alone has passed; XML is taken as it is."""
    if isinstance(case, str):
        return case if case.startswith("<") else element((case, "passed"))
    name, status, *rest = case
    attributes = {"classname": "shop.Cart", "name": name, "time": "0.1"} | (rest[0] if rest else {})
    message = attributes.pop("message", "broken")
    inner = {
        "passed": "",
        "failed": f"<failure message={quoteattr(message)}>trace</failure>",
        "error": f"<error message={quoteattr(message)}>trace</error>",
        "skipped": "<skipped/>",
    }[status]
    said = " ".join(f"{key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<testcase {said}>{inner}</testcase>"
