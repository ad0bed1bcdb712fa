from . import agreements, invitations

__all__ = ["agreements", "invitations"]
