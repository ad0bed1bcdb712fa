from django.urls import path

from .views import access_requests, activity, people, saved_views, workspaces

app_name = "tenants"

urlpatterns = [
    path("workspace/", workspaces.switch_workspace, name="switch-workspace"),
    path("activity/", activity.activity, name="activity"),
    path("people/", people.people, name="people"),
    path("people/new/", people.new_person, name="new-person"),
    path("people/<uuid:person_id>/", people.person, name="person"),
    path("people/<uuid:person_id>/disable/", people.disable, name="person-disable"),
    path("people/<uuid:person_id>/restore/", people.restore, name="person-restore"),
    path("people/<uuid:person_id>/password/", people.password, name="person-password"),
    path("ask-admins/", access_requests.ask_admins, name="ask-admins"),
    path("views/<slug:list_name>/", saved_views.views, name="views"),
    path("views/<slug:list_name>/save/", saved_views.save_view, name="save-view"),
    path("views/<slug:list_name>/<int:view_id>/", saved_views.change_view, name="change-view"),
]
