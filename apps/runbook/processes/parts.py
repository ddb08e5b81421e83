"""The pages' scripts and styles, collected under names that tell their content, each with a compressed twin.

A browser may then keep a part for good, and gets few bytes of one it has not seen. It is done again when a
file has changed since, so an update needs no step of its own.
"""

import fcntl
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from servestatic.storage import CompressedManifestStaticFilesStorage

STAMP = "collected"


class PartsStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Our scripts name the scripts they import: those names are renamed too. A vendor's are left alone."""

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        "desk/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )


def collect_when_due() -> bool:
    """Collect when a part is new or has changed; nothing to do costs one look at each file.

    Older parts stay: a page that was opened before an update still asks for them.
    """
    root = Path(settings.STATIC_ROOT)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (root / STAMP).open("a+") as stamp:
        fcntl.flock(stamp, fcntl.LOCK_EX)
        stamp.seek(0)
        seen = fingerprint()
        if stamp.read() == seen:
            return False
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.truncate(0)
        stamp.write(seen)
    return True


def fingerprint() -> str:
    """Of every part's path, size and time of change."""
    seen = sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            told = Path(storage.path(name)).stat()
            seen.update(f"{name}\0{told.st_size}\0{told.st_mtime_ns}\n".encode())
    return seen.hexdigest()
