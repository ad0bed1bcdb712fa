from django.urls import path

from .views import customer, customers, home, mine, search, subscriptions, transitions

app_name = "home"

urlpatterns = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("customers/", customers.customers, name="customers"),
    path("customers/<uuid:customer_id>/", customer.customer, name="customer"),
    path(
        "customers/<uuid:customer_id>/activity/",
        customer.customer_activity,
        name="customer-activity",
    ),
    path(
        "customers/<uuid:customer_id>/subscriptions/",
        subscriptions.customer_subscriptions,
        name="customer-subscriptions",
    ),
    path("transitions/", transitions.transitions, name="transitions"),
    path(
        "transitions/<uuid:subscription_id>/",
        transitions.transition,
        name="transition",
    ),
    path("subscriptions/", mine.my_subscriptions, name="my-subscriptions"),
]
