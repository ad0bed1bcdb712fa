from django.urls import path

from .views import (
    changes,
    conversions,
    invoices,
    next_terms,
    order_history,
    order_request_list,
    order_requests,
    orders,
    own_changes,
    price_lists,
    quotes,
    recommendation_list,
    recommended,
    recommending,
    request_steps,
    resellers,
    shop,
)

app_name = "billing"

urlpatterns = [
    path("customers/<uuid:customer_id>/order/", orders.order, name="order"),
    path(
        "customers/<uuid:customer_id>/orders/",
        order_history.customer_orders,
        name="customer-orders",
    ),
    path(
        "customers/<uuid:customer_id>/invoices/",
        invoices.customer_invoices,
        name="customer-invoices",
    ),
    path(
        "customers/<uuid:customer_id>/reseller/",
        resellers.change_reseller,
        name="change-reseller",
    ),
    path(
        "customers/<uuid:customer_id>/request/",
        order_requests.new_order_request,
        name="new-order-request",
    ),
    path("order-requests/", order_request_list.order_requests, name="order-requests"),
    path("order-requests/<uuid:request_id>/", order_requests.order_request, name="order-request"),
    *(
        path(f"order-requests/<uuid:request_id>/{step}/", view, name=f"order-request-{step}")
        for step, view in (
            ("approve", request_steps.approve),
            ("change", request_steps.change),
            ("decline", request_steps.decline),
            ("agree", request_steps.agree),
            ("withdraw", request_steps.withdraw),
            ("message", request_steps.write),
        )
    ),
    path("quotes/<uuid:quote_id>/", quotes.quote, name="quote"),
    path("quotes/<uuid:quote_id>/confirm/", quotes.confirm_quote, name="confirm-quote"),
    path("subscriptions/<uuid:subscription_id>/seats/", changes.change_seats, name="change-seats"),
    path("subscriptions/<uuid:subscription_id>/suspend/", changes.suspend, name="suspend"),
    path("subscriptions/<uuid:subscription_id>/reactivate/", changes.reactivate, name="reactivate"),
    path("subscriptions/<uuid:subscription_id>/cancel/", changes.cancel, name="cancel"),
    path(
        "subscriptions/<uuid:subscription_id>/next-term/",
        next_terms.scheduled_change,
        name="scheduled-change",
    ),
    path(
        "subscriptions/<uuid:subscription_id>/next-term/undo/",
        next_terms.undo_scheduled_change,
        name="undo-scheduled-change",
    ),
    path("shop/", shop.shop, name="shop"),
    path(
        "subscriptions/<uuid:subscription_id>/own/seats/", own_changes.own_seats, name="own-seats"
    ),
    path(
        "subscriptions/<uuid:subscription_id>/own/next-term/",
        next_terms.own_next_term,
        name="own-next-term",
    ),
    path(
        "subscriptions/<uuid:subscription_id>/own/next-term/undo/",
        next_terms.undo_own_next_term,
        name="undo-own-next-term",
    ),
    path(
        "subscriptions/<uuid:subscription_id>/own/cancel/",
        own_changes.own_cancel,
        name="own-cancel",
    ),
    path(
        "subscriptions/<uuid:subscription_id>/own/auto-renew/",
        own_changes.own_auto_renew,
        name="own-auto-renew",
    ),
    path(
        "customers/<uuid:customer_id>/trials/<uuid:subscription_id>/convert/",
        conversions.convert_trial,
        name="convert-trial",
    ),
    path("conversions/<uuid:conversion_id>/", conversions.conversion, name="conversion"),
    path(
        "conversions/<uuid:conversion_id>/accept/",
        conversions.accept_conversion,
        name="accept-conversion",
    ),
    path("conversions/<uuid:conversion_id>/no/", conversions.answer_no, name="decline-conversion"),
    path("recommendations/", recommendation_list.recommendations, name="recommendations"),
    path("recommendations/new/", recommending.recommend, name="recommend"),
    path(
        "recommendations/<uuid:recommendation_id>/",
        recommending.recommendation,
        name="recommendation",
    ),
    path(
        "recommendations/<uuid:recommendation_id>/send/",
        recommending.send,
        name="recommendation-send",
    ),
    path(
        "recommendations/<uuid:recommendation_id>/link/",
        recommending.renew_link,
        name="recommendation-renew-link",
    ),
    path(
        "recommendations/<uuid:recommendation_id>/withdraw/",
        recommending.withdraw,
        name="recommendation-withdraw",
    ),
    path("r/<str:token>/", recommended.open_recommendation, name="open-recommendation"),
    path("recommendation/", recommended.answer_recommendation, name="answer-recommendation"),
    path("recommendation/quote/", recommended.quote_recommended, name="quote-recommended"),
    path("recommendation/price/", recommended.recommended_basket, name="recommended-basket"),
    path("recommendation/buy/", recommended.confirm_recommended, name="confirm-recommended"),
    path("price-lists/", price_lists.price_lists, name="price-lists"),
    path("price-lists/<int:price_list_id>/", price_lists.price_list, name="price-list"),
    path(
        "price-lists/<int:price_list_id>/diff/", price_lists.price_list_diff, name="price-list-diff"
    ),
    path(
        "price-lists/<int:price_list_id>/download/<str:file_format>/",
        price_lists.price_list_download,
        name="price-list-download",
    ),
    path("invoices/", invoices.invoices, name="invoices"),
    path("invoices/next/", invoices.next_invoice, name="next-invoice"),
    path("invoices/<uuid:invoice_id>/", invoices.invoice, name="invoice"),
    path("invoices/<uuid:invoice_id>/pdf/", invoices.invoice_pdf, name="invoice-pdf"),
    path("invoices/<uuid:invoice_id>/csv/", invoices.invoice_csv, name="invoice-csv"),
]
