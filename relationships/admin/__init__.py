from . import agreements, invitations, transfers

__all__ = ["agreements", "invitations", "transfers"]
