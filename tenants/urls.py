from django.urls import path

from .views import access_requests, activity, workspaces

app_name = "tenants"

urlpatterns = [
    path("workspace/", workspaces.switch_workspace, name="switch-workspace"),
    path("activity/", activity.activity, name="activity"),
    path("ask-admins/", access_requests.ask_admins, name="ask-admins"),
]
