"""What to try first when a test fails: rules on the words of its error; the first match wins."""

import string

LONGEST_QUOTE = 80

# Advice, and the words that call for it; what is more particular stands first.
RULES = [
    (
        "DNS does not know the host's name: check the configured address and the network.",
        "could not resolve host|cannot resolve host|failed to resolve|name or service not known"
        "|getaddrinfo|nodename nor servname|unknownhost|err_name_not_resolved",
    ),
    (
        "The TLS certificate was not accepted: check its date, host name and trusted issuers.",
        "certificate verify failed|certificate has expired|self-signed certificate"
        "|self signed certificate|sslhandshake|sslerror|err_cert_|x509: ",
    ),
    (
        "Nothing listens at the address: check that the service is started, its host and port.",
        "connection refused|econnrefused|err_connection_refused|connectionrefused",
    ),
    (
        "The other side ended the connection: look into its log at this time for a restart.",
        "connection reset|econnreset|broken pipe|epipe|socket hang up|remotedisconnected",
    ),
    (
        "The service limits requests: wait between them, or raise the limit for tests.",
        "too many requests|rate limit|http 429|status 429|status code 429",
    ),
    (
        "Two transactions waited for each other: take locks in one order, or try again.",
        "deadlock|could not serialize access|lock wait timeout",
    ),
    (
        "The disk is full: free space on the machine that ran the test.",
        "no space left on device|enospc|disk full|disk quota exceeded",
    ),
    (
        "Memory ran out: look for a leak, run fewer tests at once, or give the machine more.",
        "out of memory|outofmemory|memoryerror|oomkilled|cannot allocate memory",
    ),
    (
        "The page changed after the element was found: find it again after the change.",
        "stale element|staleelement|element is not attached|element was detached",
    ),
    (
        "The page did not show the element: check the selector, and wait for what loads it.",
        "no such element|nosuchelement|unable to locate element|element not found"
        "|waiting for selector|waiting for locator|strict mode violation|element not visible"
        "|element is not visible|element not interactable",
    ),
    (
        "A right is missing: check the account, token and roles that the test uses.",
        "permission denied|permissionerror|eacces|access denied|access is denied|not authorized"
        "|unauthorized|forbidden|http 401|http 403|status 401|status 403|status code 401"
        "|status code 403",
    ),
    (
        "Code could not be loaded: install the dependency, or correct the import.",
        "modulenotfound|importerror|no module named|cannot find module|cannot find package"
        "|classnotfound|noclassdeffound|unresolved import",
    ),
    (
        "A value is missing where one is expected: see at the top of the trace which one.",
        "nullpointer|nullreference|null pointer|nil pointer|'nonetype' object"
        "|undefined is not an object|null is not an object|cannot read propert",
    ),
    (
        "It took too long: look for what it waited for before raising the limit.",
        "timed out|time out|timeout|time-out|etimedout|deadline exceeded",
    ),
    (
        "Something is not where it is looked for: check its path or address, and the set-up.",
        "no such file or directory|filenotfound|enoent|404 not found|http 404|status 404"
        "|status code 404",
    ),
    (
        "The service failed: look into its log at this time.",
        "internal server error|bad gateway|service unavailable|http 50|status 50|status code 50",
    ),
    (
        "The result differs from what is expected: compare both, then correct product or test.",
        "assertionfailed|assertionerror|assertion failed|comparisonfailure|failed asserting"
        "|to be equal|to equal|expected",
    ),
]
# Plain words, searched one after the other: a tenth of the time of one large pattern.
WORDS = [(words.split("|"), advice) for advice, words in RULES]
# Unlike lower() it keeps every letter's place.
SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def remediation(*texts: str) -> str | None:
    """The matched words and what to try, or None when no rule fits any of the texts."""
    for text in texts:
        small = text.translate(SMALL)
        for words, advice in WORDS:
            for word in words:
                if (at := small.find(word)) >= 0 and not _denies(small, at):
                    return f"“{_quote(text, at, at + len(word))}”: {advice}"
    return None


def _denies(text, at):
    """“unexpected” says nothing of what was expected."""
    return text.startswith("unexpected", max(0, at - 2))


def _quote(text, start, end):
    """The words from the text, with the whole of the first and the last."""
    while start and text[start - 1].isalnum() and end - start < LONGEST_QUOTE:
        start -= 1
    while end < len(text) and text[end].isalnum() and end - start < LONGEST_QUOTE:
        end += 1
    return " ".join(text[start:end].split())
