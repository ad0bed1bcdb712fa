from collections.abc import Callable

from django.http import HttpResponse
from django.urls import URLPattern, path

from .views import (
    auto_renew,
    mine,
    open_keys,
    support,
    trials,
    user,
    users,
    users_import,
)

app_name = "subscriptions"


def at_both(
    route: str, view: Callable[..., HttpResponse], name: str, **given: str
) -> list[URLPattern]:
    """Return a page about users twice: in a customer's tenant, and at home as `own-…`."""
    return [
        path(f"customers/<uuid:customer_id>/users/{route}", view, given, name=name),
        path(f"users/{route}", view, given, name=f"own-{name}"),
    ]


urlpatterns = [
    path("my-licences/", mine.my_licences, name="my-licences"),
    *at_both("", users.users, "users"),
    *at_both("new/", users.new_user, "new-user"),
    *at_both("import/", users_import.users_import, "users-import"),
    *at_both("licences/", users.licences_of_several, "users-licences"),
    *at_both("<uuid:user_id>/", user.user, "user"),
    *at_both("<uuid:user_id>/licences/", user.user_licences, "user-licences"),
    *at_both("<uuid:user_id>/roles/", user.user_roles, "user-roles"),
    *(
        pattern
        for step in user.STEPS
        for pattern in at_both(
            f"<uuid:user_id>/{step}/", user.change_user, f"user-{step}", step=step
        )
    ),
    path(
        "subscriptions/<uuid:subscription_id>/own/support/", support.ask_support, name="ask-support"
    ),
    path("subscriptions/trials/", trials.trials, name="trials"),
    path("subscriptions/keys/", open_keys.redeem_key, name="redeem-key"),
    path(
        "subscriptions/<uuid:subscription_id>/auto-renew/",
        auto_renew.auto_renew,
        name="auto-renew",
    ),
]
