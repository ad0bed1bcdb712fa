"""Secrets that travel in links. Only their hash is kept, so the portal shows each one once."""

import hashlib
import secrets

BYTES = 32


def new_token() -> str:
    """Return 256 random bits as they stand in a link: 43 letters."""
    return secrets.token_urlsafe(BYTES)


def hash_token(token: str) -> bytes:
    """Return what is stored of a token: its SHA-256."""
    return hashlib.sha256(token.encode()).digest()
