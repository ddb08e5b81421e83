"""The secrets of a containerised desk are made once, for their owner alone, and are what the desk reads."""

from pathlib import Path

from tests.conftest import Run


def test_keys_are_made_once_and_read_through_files(manage: Run, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    assert manage("make_keys", str(folder)).returncode == 0
    first = {path.name: path.read_text() for path in folder.iterdir()}
    assert set(first) == {"secret_key", "database_password", "database_url"}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.iterdir())
    assert manage("make_keys", str(folder)).returncode == 0
    assert {path.name: path.read_text() for path in folder.iterdir()} == first
    (folder / "secret_key").write_text("x" * 50 + "\n")
    shown = manage(
        "shell",
        "-c",
        "from django.conf import settings as s; print(s.DATABASES['default']['HOST'], len(s.SECRET_KEY))",
        SECRET_KEY_FILE=str(folder / "secret_key"),
        DATABASE_URL_FILE=str(folder / "database_url"),
    )
    assert shown.stdout.split()[-2:] == ["db", "50"], shown.stdout + shown.stderr
