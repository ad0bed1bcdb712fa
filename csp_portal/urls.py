from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from csp_portal import health, mailbox

# Without this the admin's own form would skip the second factor and the rate limits. It
# must come before `admin.site.urls` is read.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as allauth documents

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("", include("tenants.urls")),
    path("", include("relationships.urls")),
    path("", include("subscriptions.urls")),
    path("", include("billing.urls")),
    path("", include("csp_portal.home.urls")),
]
if settings.DEMO or settings.TESTING:
    urlpatterns += [
        path("demo/mailbox/", mailbox.mailbox, name="mailbox"),
        path("demo/mailbox/<str:name>/", mailbox.message, name="mailbox-message"),
    ]
