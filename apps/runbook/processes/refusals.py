"""What can keep a desk from starting, each with a text that says what to do."""

from django.core.exceptions import ImproperlyConfigured

from apps.runbook.database.account import NoAccount
from apps.runbook.database.binaries import NoBinaries
from apps.runbook.database.cluster import ClusterRefused
from apps.runbook.database.folders import UnsafeFolder
from apps.runbook.processes.desk import CannotStart
from apps.runbook.processes.lock import AlreadyRunning
from apps.runbook.processes.supervisor import StartFailed

REFUSALS = (
    NoAccount,
    NoBinaries,
    ClusterRefused,
    UnsafeFolder,
    CannotStart,
    AlreadyRunning,
    StartFailed,
    ImproperlyConfigured,
)
