"""Open licence keys: what they look like and how a person may type them. Plain Python."""

import hashlib
import secrets

# Without I, L, O and U, which people misread; 25 of 32 symbols are 125 bits.
SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, GROUP = 25, 5
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_key() -> str:
    """Return a key as it is shown once, to be printed on a licence: five groups of five."""
    symbols = "".join(secrets.choice(SYMBOLS) for _ in range(LENGTH))
    return "-".join(symbols[n : n + GROUP] for n in range(0, LENGTH, GROUP))


def hash_key(typed: str) -> bytes:
    """
    Return what is stored of a key, its SHA-256, however it was typed.

    >>> hash_key("abcde-0o1il") == hash_key("ABCDE 00111")
    True
    """
    plain = "".join(each for each in typed.upper() if each.isalnum()).translate(_MISREAD)
    return hashlib.sha256(plain.encode()).digest()
