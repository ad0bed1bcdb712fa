from django.urls import path

from .views import access_requests, activity, saved_views, workspaces

app_name = "tenants"

urlpatterns = [
    path("workspace/", workspaces.switch_workspace, name="switch-workspace"),
    path("activity/", activity.activity, name="activity"),
    path("ask-admins/", access_requests.ask_admins, name="ask-admins"),
    path("views/<slug:list_name>/", saved_views.views, name="views"),
    path("views/<slug:list_name>/save/", saved_views.save_view, name="save-view"),
    path("views/<slug:list_name>/<int:view_id>/", saved_views.change_view, name="change-view"),
]
