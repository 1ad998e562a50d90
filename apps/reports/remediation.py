"""What to try first when a test fails: rules on the words of its error; the first match wins."""

import re

LONGEST_QUOTE = 80

# Advice, and the words that call for it; what is more particular stands first.
RULES = [
    (
        "DNS does not know the host's name: check the configured address and the network.",
        [
            r"(could not|cannot|can't|failed to) resolve (host|hostname)",
            r"name or service not known",
            r"getaddrinfo \w+",
            r"nodename nor servname",
            r"UnknownHostException",
            r"ERR_NAME_NOT_RESOLVED",
        ],
    ),
    (
        "The TLS certificate was not accepted: check its date, host name and trusted issuers.",
        [
            r"certificate verify failed",
            r"certificate has expired",
            r"self[- ]signed certificate",
            r"SSLHandshakeException",
            r"SSL: \w+",
            r"ERR_CERT_\w+",
            r"x509: [\w ]{1,40}",
        ],
    ),
    (
        "Nothing listens at the address: check that the service is started, its host and port.",
        [
            r"connection refused",
            r"ECONNREFUSED",
            r"ERR_CONNECTION_REFUSED",
            r"ConnectionRefused\w*",
        ],
    ),
    (
        "The other side ended the connection: look into its log at this time for a restart.",
        [
            r"connection reset",
            r"ECONNRESET",
            r"broken pipe",
            r"EPIPE",
            r"socket hang up",
            r"RemoteDisconnected",
        ],
    ),
    (
        "The service limits requests: wait between them, or raise the limit for tests.",
        [
            r"too many requests",
            r"rate limit(?:ed| exceeded)?",
            r"(?:HTTP|status|code)(?: error)? 429",
        ],
    ),
    (
        "Two transactions waited for each other: take locks in one order, or try again.",
        [r"deadlock(?: detected| found)?", r"could not serialize access", r"lock wait timeout"],
    ),
    (
        "The disk is full: free space on the machine that ran the test.",
        [r"no space left on device", r"ENOSPC", r"disk full", r"disk quota exceeded"],
    ),
    (
        "Memory ran out: look for a leak, run fewer tests at once, or give the machine more.",
        [
            r"out of memory",
            r"OutOfMemoryError",
            r"MemoryError",
            r"OOMKilled",
            r"cannot allocate memory",
        ],
    ),
    (
        "The page changed after the element was found: find it again after the change.",
        [
            r"stale element",
            r"StaleElementReference\w*",
            r"element is not attached",
            r"element was detached",
        ],
    ),
    (
        "The page did not show the element: check the selector, and wait for what loads it.",
        [
            r"no such element",
            r"NoSuchElement\w*",
            r"unable to locate element",
            r"element not found",
            r"waiting for (?:selector|locator)",
            r"strict mode violation",
            r"element (?:is )?not (?:visible|interactable)",
        ],
    ),
    (
        "A right is missing: check the account, token and roles that the test uses.",
        [
            r"permission denied",
            r"EACCES",
            r"access (?:is )?denied",
            r"PermissionError",
            r"not authorized",
            r"unauthorized",
            r"forbidden",
            r"(?:HTTP|status|code) 40[13]\b",
        ],
    ),
    (
        "Code could not be loaded: install the dependency, or correct the import.",
        [
            r"ModuleNotFoundError",
            r"ImportError",
            r"cannot find (?:module|package)",
            r"no module named",
            r"ClassNotFoundException",
            r"NoClassDefFoundError",
            r"unresolved import",
        ],
    ),
    (
        "A value is missing where one is expected: see at the top of the trace which one.",
        [
            r"NullPointerException",
            r"NullReferenceException",
            r"null pointer",
            r"nil pointer dereference",
            r"'?NoneType'? object",
            r"(?:undefined|null) is not an object",
            r"cannot read propert(?:y|ies) of (?:undefined|null)",
        ],
    ),
    (
        "It took too long: look for what it waited for before raising the limit.",
        [r"time(?:d)?[ -]?out\w*", r"ETIMEDOUT", r"deadline exceeded", r"exceeded \d+ ?m?s"],
    ),
    (
        "Something is not where it is looked for: check its path or address, and the set-up.",
        [
            r"no such file or directory",
            r"FileNotFound\w*",
            r"ENOENT",
            r"(?:HTTP|status|code) 404\b",
            r"404 not found",
        ],
    ),
    (
        "The service failed: look into its log at this time.",
        [
            r"internal server error",
            r"bad gateway",
            r"service unavailable",
            r"(?:HTTP|status|code) 50\d\b",
        ],
    ),
    (
        "The result differs from what is expected: compare both, then correct product or test.",
        [
            r"AssertionFailed\w*",
            r"AssertionError",
            r"assertion failed",
            r"ComparisonFailure",
            r"failed asserting",
            r"expected:? .{1,80}? (?:but|got|to)\b",
            r"\bassert\b",
        ],
    ),
]
COMPILED = [(re.compile("|".join(words), re.IGNORECASE), advice) for advice, words in RULES]


def remediation(*texts: str) -> str | None:
    """The matched words and what to try, or None when no rule fits any of the texts."""
    for text in texts:
        for pattern, advice in COMPILED:
            if found := pattern.search(text):
                return f"“{' '.join(found.group().split())[:LONGEST_QUOTE]}”: {advice}"
    return None
