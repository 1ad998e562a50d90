"""Where an upload goes: what was sent beside the file, cleaned, and the run that it means."""

import hashlib
import re
from dataclasses import asdict, dataclass, field
from urllib.parse import urlsplit

from apps.projects.environments import find_environment
from apps.projects.refusals import Unprocessable
from apps.runs import lifecycle as runs
from apps.runs.models import Run
from apps.runs.shards import MOST_SHARDS

from .identity import canonical_json

SHARD = re.compile(r"([1-9]\d{0,3})/([1-9]\d{0,3})")
MOST_PAIRS = 50
TEXTS = {"name": 255, "run_key": 255, "branch": 255, "commit": 255, "ci_url": 2000}
ONCE = [*TEXTS, "run", "environment", "shard", "attempt", "repeats", "new"]
PAIRS = ["configuration", "tag"]
OF_THE_FORM = {"file", "csrfmiddlewaretoken"}  # which say nothing about where it goes


@dataclass(frozen=True)
class Destination:
    """The fields of POST …/imports/ beside the file."""

    run: int | None = None
    run_key: str = ""
    name: str = ""
    environment: str = ""
    branch: str = ""
    commit: str = ""
    ci_url: str = ""
    shard_index: int | None = None
    shard_total: int | None = None
    attempt: int | None = None
    repeats: str = ""
    configuration: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(canonical_json(asdict(self)).encode()).digest()


def clean_destination(sent) -> Destination:
    """Read the fields of a multipart form (`getlist`) or a plain dict.

    Raises Unprocessable naming the field that is wrong, that nobody knows, or that comes twice.
    """
    _refuse_strange(sent)
    texts = {name: _text(sent, name, most) for name, most in TEXTS.items()}
    if texts["ci_url"] and not _is_link(texts["ci_url"]):
        raise _wrong("ci_url", "must be a link that begins with http:// or https://.")
    run, attempt = _whole(sent, "run", 2**31), _whole(sent, "attempt", 32_000)
    if run and texts["run_key"]:
        raise _wrong("run_key", "cannot be sent together with run: name one run.")
    index, total = _shard(sent)
    if total and not (run or texts["run_key"]):
        raise _wrong("shard", "needs run_key=… (or run=…), so that the shards find each other.")
    repeats = _text(sent, "repeats", 9)
    if repeats not in ("", "instances", "tries"):
        raise _wrong("repeats", "must be instances or tries.")
    if _text(sent, "new", 9) not in ("", "0", "1"):
        raise _wrong("new", "must be 1, or left out.")
    return Destination(
        run=run,
        attempt=attempt,
        shard_index=index,
        shard_total=total,
        repeats=repeats,
        environment=_text(sent, "environment", 60),
        configuration=_pairs(sent, "configuration"),
        tags=_pairs(sent, "tag"),
        **texts,
    )


def find_run(project, destination) -> Run | None:
    """The run that is meant, if it is there already."""
    if destination.run:
        run = project.runs.filter(number=destination.run).first()
        if run is None:
            raise _wrong("run", f"{project.key} has no run #{destination.run}.")
        return run
    if destination.run_key:
        keyed = project.runs.filter(run_key=destination.run_key)
        return keyed.unfinished().order_by("-id").first()
    return None


def open_run(project, destination, *, by, filename) -> Run:
    """A new run of the fields that were sent, started."""
    run = runs.create_run(
        project,
        by=by,
        name=destination.name or destination.run_key or _stem(filename) or "Imported results",
        environment=find_environment(project, destination.environment, default="ci"),
        run_key=destination.run_key,
        branch=destination.branch,
        commit=destination.commit,
        ci_url=destination.ci_url,
        configuration=destination.configuration,
        tags=destination.tags,
        shards=destination.shard_total,
    )
    return runs.start(run, by=by)


def _stem(filename):
    return re.sub(r"(\.(xml|json|ndjson|gz|zip))+$", "", filename, flags=re.IGNORECASE)[:255]


def _refuse_strange(sent):
    """A field that is passed over in silence would send the results elsewhere than was meant."""
    for name in sent:
        if name not in OF_THE_FORM and name not in ONCE and name not in PAIRS:
            known = ", ".join(sorted([*ONCE, *PAIRS]))
            sentence = f"is no field of an import; beside file there are {known}."
            raise _wrong(name[:80], sentence, code="unknown")
        if name in ONCE and hasattr(sent, "getlist") and len(sent.getlist(name)) > 1:
            raise _wrong(name, "is sent more than once; send it once.", code="repeated")


def _wrong(name, sentence, code="invalid"):
    return Unprocessable(f"{name} {sentence}", field=name, code=code)


def _text(sent, name, most):
    value = str(sent.get(name) or "").strip()
    if "\x00" in value:
        raise _wrong(name, "holds a NUL character.")
    if len(value) > most:
        raise _wrong(name, f"is {len(value)} characters long; the most is {most}.")
    return value


def _whole(sent, name, most):
    value = str(sent.get(name) or "").strip().removeprefix("#")
    if not value:
        return None
    whole = value.isascii() and value.isdigit() and len(value) < 12
    if not (whole and 1 <= int(value) <= most):
        raise _wrong(name, f"must be a whole number from 1 to {most}, not {value[:40]!r}.")
    return int(value)


def _shard(sent):
    value = _text(sent, "shard", 20)
    if not value:
        return None, None
    match = SHARD.fullmatch(value)
    if not match or not int(match[1]) <= int(match[2]) <= MOST_SHARDS:
        raise _wrong("shard", f"must read like 3/8, at most {MOST_SHARDS}, not {value!r}.")
    return int(match[1]), int(match[2])


def _pairs(sent, name):
    """k=v, given several times or one a line."""
    values = sent.getlist(name) if hasattr(sent, "getlist") else sent.get(name) or []
    if isinstance(values, dict):
        return {str(key): str(value) for key, value in values.items()}
    if isinstance(values, str):
        values = [values]
    lines = [line.strip() for value in values for line in str(value).splitlines() if line.strip()]
    if len(lines) > MOST_PAIRS:
        raise _wrong(name, f"is given {len(lines)} times; the most is {MOST_PAIRS}.")
    pairs = {}
    for line in lines:
        key, equals, value = line.partition("=")
        if not equals or not key.strip() or "\x00" in line:
            raise _wrong(name, f"must read like key=value, not {line[:60]!r}.")
        if key.strip() in pairs:
            sentence = f"says {key.strip()[:60]!r} more than once; say it once."
            raise _wrong(name, sentence, code="repeated")
        pairs[key.strip()] = value.strip()
    return pairs


def _is_link(text):
    try:
        return urlsplit(text).scheme in ("http", "https")
    except ValueError:
        return False
