from django.urls import path

from .views import auto_renew, open_keys

app_name = "subscriptions"

urlpatterns = [
    path("keys/", open_keys.redeem_key, name="redeem-key"),
    path(
        "subscriptions/<uuid:subscription_id>/auto-renew/",
        auto_renew.auto_renew,
        name="auto-renew",
    ),
]
