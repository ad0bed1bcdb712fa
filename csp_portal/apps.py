from django.apps import AppConfig

from csp_portal import checks  # noqa: F401 -- registers them


class CspPortalConfig(AppConfig):
    name = "csp_portal"
