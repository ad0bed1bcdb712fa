from django.urls import path

from .views import (
    all_orders,
    all_subscriptions,
    bulk,
    calendar,
    customer,
    customers,
    home,
    mine,
    own_orders,
    search,
    subscriptions,
    transitions,
)

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
    path("all-subscriptions/", all_subscriptions.all_subscriptions, name="subscriptions"),
    path("bulk/", bulk.index, name="bulk-runs"),
    path("bulk/ask/<str:list_name>/", bulk.ask, name="bulk-ask"),
    path("bulk/<uuid:run_id>/", bulk.run, name="bulk-run"),
    path("bulk/<uuid:run_id>/confirm/", bulk.confirm, name="bulk-confirm"),
    path("bulk/<uuid:run_id>/again/", bulk.again, name="bulk-again"),
    path("bulk/<uuid:run_id>/rows.csv", bulk.rows_csv, name="bulk-rows"),
    path("orders/", all_orders.orders, name="orders"),
    path("my-orders/", own_orders.my_orders, name="my-orders"),
    path("renewals/", all_subscriptions.renewals, name="renewals"),
    path("renewals/calendar.ics", calendar.renewals_calendar, name="renewals-calendar"),
    path("renewals/calendar/", calendar.calendar, name="calendar"),
    path("renewals/calendar/make/", calendar.make_feed, name="make-calendar-feed"),
    path("renewals/calendar/stop/", calendar.stop_feed, name="stop-calendar-feed"),
    path("calendar/<str:token>/renewals.ics", calendar.calendar_feed, name="calendar-feed"),
    path("subscriptions/", mine.my_subscriptions, name="my-subscriptions"),
]
