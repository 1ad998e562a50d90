"""What to try first when a test fails: rules on the words of its error, the first that fits wins."""

import re

LONGEST_QUOTE = 80

RULES = [
    (
        (
            r"(could not|cannot|can't|failed to) resolve (host|hostname)|name or service not known"
            r"|getaddrinfo \w+|nodename nor servname|UnknownHostException|ERR_NAME_NOT_RESOLVED"
        ),
        "The host's name is not known to DNS: check the address in the configuration and the network.",
    ),
    (
        (
            r"certificate verify failed|certificate has expired|self[- ]signed certificate"
            r"|SSLHandshakeException|SSL: \w+|ERR_CERT_\w+|x509: [\w ]{1,40}"
        ),
        "The TLS certificate was not accepted: check its date, its host name and the trusted issuers.",
    ),
    (
        r"connection refused|ECONNREFUSED|ERR_CONNECTION_REFUSED|ConnectionRefusedError",
        "Nothing listens at the address: check that the service is started, and its host and port.",
    ),
    (
        r"connection reset|ECONNRESET|broken pipe|EPIPE|socket hang up|RemoteDisconnected",
        "The other side ended the connection: look into its log at this time for a crash or restart.",
    ),
    (
        r"too many requests|rate limit(?:ed| exceeded)?|HTTP(?: error)? 429|status(?: code)? 429",
        "The service limits requests: wait between them, or raise the limit for tests.",
    ),
    (
        r"deadlock(?: detected| found)?|could not serialize access|lock wait timeout",
        "Two transactions waited for each other: take locks in one order, or try again.",
    ),
    (
        r"no space left on device|ENOSPC|disk full|disk quota exceeded",
        "The disk is full: free space on the machine that ran the test.",
    ),
    (
        r"out of memory|OutOfMemoryError|MemoryError|heap out of memory|OOMKilled|cannot allocate memory",
        "Memory ran out: look for a leak, run fewer tests at once, or give the machine more.",
    ),
    (
        r"stale element|StaleElementReference\w*|element is not attached|element was detached",
        "The page changed after the element was found: find it again after the change.",
    ),
    (
        (
            r"no such element|NoSuchElement\w*|unable to locate element|element not found"
            r"|waiting for (?:selector|locator)|strict mode violation|element (?:is )?not (?:visible|interactable)"
        ),
        "The page did not show the element: check the selector, and wait for what loads it.",
    ),
    (
        (
            r"permission denied|EACCES|access (?:is )?denied|PermissionError|not authorized|unauthorized"
            r"|forbidden|status(?: code)? 40[13]\b"
        ),
        "A right is missing: check the account, token and roles that the test uses.",
    ),
    (
        (
            r"ModuleNotFoundError|ImportError|cannot find module|no module named|ClassNotFoundException"
            r"|NoClassDefFoundError|cannot find package|unresolved import"
        ),
        "Code could not be loaded: install the dependency, or correct the import.",
    ),
    (
        (
            r"NullPointerException|NullReferenceException|null pointer|nil pointer dereference"
            r"|'?NoneType'? object|(?:undefined|null) is not an object"
            r"|cannot read propert(?:y|ies) of (?:undefined|null)"
        ),
        "A value is missing where one is expected: see at the top of the trace which one.",
    ),
    (
        r"timed? ?-?out\w*|ETIMEDOUT|deadline exceeded|exceeded \d+ ?m?s",
        "It took too long: look for what it waited for before raising the limit.",
    ),
    (
        r"no such file or directory|FileNotFound\w*|ENOENT|status(?: code)? 404\b|404 not found",
        "Something is not where it is looked for: check the path or address, and that it was set up.",
    ),
    (
        r"internal server error|bad gateway|service unavailable|status(?: code)? 50[0-9]\b",
        "The service failed: look into its log at this time.",
    ),
    (
        (
            r"AssertionFailed\w*|AssertionError|assertion failed|ComparisonFailure|failed asserting"
            r"|expected:? .{1,80}? (?:but|got|to)\b|\bassert\b"
        ),
        "The result differs from what is expected: compare both, then correct the product or the test.",
    ),
]
COMPILED = [(re.compile(pattern, re.IGNORECASE), advice) for pattern, advice in RULES]


def remediation(*texts: str) -> str | None:
    """The matched words and what to try, or None when no rule fits any of the texts."""
    for text in texts:
        for pattern, advice in COMPILED:
            if found := pattern.search(text):
                return f"“{' '.join(found.group().split())[:LONGEST_QUOTE]}”: {advice}"
    return None
