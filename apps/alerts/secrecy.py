"""A channel's address is as good as its password: it lies encrypted, under a key of the desk's own."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from apps.alerts.ports import AlertRefused


def _keys() -> MultiFernet:
    """The present key first; older ones still open what they closed."""
    words = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(word)) for word in words])


def _key(word: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"alerts.channel:" + word.encode()).digest())


def close(url: str) -> str:
    return _keys().encrypt(url.encode()).decode()


def open_up(kept: str) -> str:
    try:
        return _keys().decrypt(kept.encode()).decode()
    except InvalidToken:
        raise AlertRefused("CHANNEL_UNREADABLE", "kept under another key: enter the address again") from None
