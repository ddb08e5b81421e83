"""What the simulated gateway's own commands run on: no database, no desk, a quick start."""

from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "the simulated gateway signs nothing"
USE_TZ = True
TIME_ZONE = "UTC"
INSTALLED_APPS = ["apps.simgateway"]
DATABASES: dict[str, dict[str, str]] = {}
