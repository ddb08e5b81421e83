"""What is loaded at a process's start stays for its life."""

import gc


def keep_what_is_loaded() -> None:
    """Spare the collector the look through all the code again and again, amid an order."""
    gc.collect()
    gc.freeze()
