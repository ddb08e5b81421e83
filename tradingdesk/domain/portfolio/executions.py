"""The broker's execution ids carry their own revision."""

from __future__ import annotations


def root_and_revision(exec_id: str) -> tuple[str, int]:
    """Split the id into what names the execution and the revision that corrects it.

    The last of at least three dotted parts counts revisions. An id of another form is its own root.
    """
    root, _, last = exec_id.rpartition(".")
    if "." in root and last.isascii() and last.isdigit():
        return root, int(last)
    return exec_id, 0
