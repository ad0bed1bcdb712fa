from django.urls import path

from .views import auto_renew

app_name = "subscriptions"

urlpatterns = [
    path(
        "subscriptions/<uuid:subscription_id>/auto-renew/",
        auto_renew.auto_renew,
        name="auto-renew",
    ),
]
