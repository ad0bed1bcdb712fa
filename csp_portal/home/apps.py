from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "csp_portal.home"
    label = "home"
