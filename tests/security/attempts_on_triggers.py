"""Attempts against the triggers of the apps above tenants: see `attempts`."""

from .attempts import LITWARE, TAILSPIN, Attempt, Run, copy

HOLDER = "(SELECT tenant_id FROM subscriptions_subscription s WHERE s.id = subscription_id)"
ONE_OF_FABRIKAM = "reseller_id IS NULL AND ended_on IS NULL AND slot = 1"

BILLING: dict[str, Attempt] = {
    "billing_charges_keep": Run("UPDATE billing_charge SET amount = 0"),
    "billing_charges_never_deleted": Run("DELETE FROM billing_charge"),
    "billing_charges_never_truncated": Run("TRUNCATE billing_charge CASCADE"),
    "billing_no_line_after_finalising_insert": copy(
        "billing_charge",
        "invoice_id IS NOT NULL",
        seat_change_id="NULL",
        period_from="period_from + 7",
        charged_from="period_from + 7",
    ),
    "billing_no_line_after_finalising_update": Run(
        "UPDATE billing_charge SET invoice_id = "
        "(SELECT min(id) FROM billing_invoice WHERE finalised_at IS NOT NULL) "
        "WHERE invoice_id IS NULL"
    ),
    "billing_check_finalised": Run(
        "UPDATE billing_invoice SET number = '2026-77777', finalised_at = now(), line_count = 1 "
        "WHERE finalised_at IS NULL"
    ),
    "billing_invoices_never_truncated": Run("TRUNCATE billing_invoice CASCADE"),
    "billing_keep_invoice_insert": copy(
        "billing_invoice",
        "finalised_at IS NOT NULL",
        month="month - interval '1 month'",
        number="'2026-77777'",
    ),
    "billing_keep_invoice_update": Run("UPDATE billing_invoice SET net_total = 0, total = 0"),
    "billing_locked_prices_append_only": Run("UPDATE billing_lockedprice SET unit_price = 0"),
    "billing_locked_prices_never_truncated": Run("TRUNCATE billing_lockedprice CASCADE"),
    "billing_series_never_deleted": Run("DELETE FROM billing_numberseries"),
    "billing_series_only_grow": Run("UPDATE billing_numberseries SET last = last - 1"),
    "billing_orders_append_only": Run("UPDATE billing_order SET placed_at = now()"),
    "billing_order_lines_append_only": Run("DELETE FROM billing_orderline"),
    "billing_keep_requests": Run(
        "UPDATE billing_orderrequest SET seats = 7 WHERE state = 'ordered'"
    ),
    "billing_keep_request_messages": Run("UPDATE billing_orderrequestmessage SET text = ''"),
    "billing_keep_prices_delete": Run("DELETE FROM billing_price WHERE plan = 'annual'"),
    "billing_keep_prices_insert": copy("billing_price", segment="'charity'"),
    "billing_keep_prices_update": Run("UPDATE billing_price SET unit_price = 0"),
    "billing_prices_never_truncated": Run("TRUNCATE billing_price CASCADE"),
    "billing_keep_price_list": Run(
        "UPDATE billing_pricelist SET visible_from = visible_from - interval '1 day'"
    ),
    "billing_quotes_append_only": Run("UPDATE billing_quote SET seats = 1"),
    "billing_recommendations_keep_partner": Run(
        "UPDATE billing_recommendation SET partner_id = partner_id + 1"
    ),
    "billing_recommendations_never_deleted": Run("DELETE FROM billing_recommendation"),
    "billing_recommended_items_keep": Run(
        "UPDATE billing_recommendeditem SET subscription_id = NULL"
    ),
    "billing_recommended_items_never_deleted": Run("DELETE FROM billing_recommendeditem"),
    "billing_answered_conversions_stay": Run(
        "UPDATE billing_trialconversion SET note = 'x' WHERE answer <> ''"
    ),
    "billing_conversions_never_deleted": Run("DELETE FROM billing_trialconversion"),
}

RELATIONSHIPS: dict[str, Attempt] = {
    "relationships_agreements_append_only": Run("UPDATE relationships_agreementevent SET note=''"),
    "relationships_agreements_never_truncated": Run("TRUNCATE relationships_agreementevent"),
    "relationships_attestations_append_only": Run("DELETE FROM relationships_customeragreement"),
    "relationships_attestations_never_truncated": Run("TRUNCATE relationships_customeragreement"),
    "relationships_few_tags": Run(
        "INSERT INTO relationships_customertag (partner_id, customer_id, word) "
        "SELECT partner_id, customer_id, 'word ' || n "
        "FROM relationships_customertag, generate_series(1, 20) n"
    ),
    "relationships_keep_consent": Run("DELETE FROM relationships_invitation"),
    "relationships_policy_not_below_use": Run(
        "UPDATE relationships_partnerpolicy SET most_partners = 1"
    ),
    "relationships_keep_suspension": Run(
        "UPDATE relationships_partnersuspension SET reason = 'abuse'"
    ),
    "relationships_keep_parties": Run(
        "UPDATE relationships_relationship SET started_on = started_on - 1"
    ),
    "relationships_partners_within_policy": copy(
        "relationships_relationship", ONE_OF_FABRIKAM, slot="3"
    ),
    "relationships_reseller_is_linked": copy(
        "relationships_relationship", ONE_OF_FABRIKAM, reseller_id=LITWARE
    ),
    "subscriptions_ending_leaves_nothing": Run(
        "UPDATE relationships_relationship SET ended_on = '2026-12-31' WHERE ended_on IS NULL"
    ),
    "relationships_keep_links": Run("UPDATE relationships_resellerlink SET discount_percent = 1"),
    "relationships_link_needs_consent": copy(
        "relationships_resellerlink", discount_percent="1", provider_id=TAILSPIN
    ),
    "relationships_keep_transfers": Run(
        "UPDATE relationships_transfer SET takes_effect_on = takes_effect_on + 1"
    ),
}

SUBSCRIPTIONS: dict[str, Attempt] = {
    "subscriptions_answered_requests_stay": Run(
        "UPDATE subscriptions_cancellationrequest SET remark = 'x' WHERE answer <> ''"
    ),
    "subscriptions_requests_never_deleted": Run("DELETE FROM subscriptions_cancellationrequest"),
    "subscriptions_tries_append_only": Run("UPDATE subscriptions_keyattempt SET outcome = 'used'"),
    "subscriptions_licence_fits": copy(
        "subscriptions_licenceassignment",
        membership_id="(SELECT m.id FROM tenants_membership m JOIN tenants_user u "
        "ON u.id = m.user_id WHERE u.email = 'tom@contoso.example')",
    ),
    "subscriptions_licences_not_updated": Run(
        "UPDATE subscriptions_licenceassignment SET assigned_at = now()"
    ),
    "subscriptions_keys_never_deleted": Run("DELETE FROM subscriptions_openkey"),
    "subscriptions_used_keys_stay": Run(
        "UPDATE subscriptions_openkey SET redeemed_at = now() WHERE redeemed_at IS NOT NULL"
    ),
    "subscriptions_changes_never_deleted": Run("DELETE FROM subscriptions_scheduledchange"),
    "subscriptions_closed_changes_stay": Run(
        "UPDATE subscriptions_scheduledchange SET remark = 'x' WHERE outcome <> ''"
    ),
    "subscriptions_scheduled_by_its_owner": copy(
        "subscriptions_scheduledchange", "outcome = 'replaced'", acting_for_id=HOLDER
    ),
    "subscriptions_taken_back_by_its_owner": Run(
        "UPDATE subscriptions_scheduledchange SET outcome = 'undone', closed_at = now(), "
        "closed_for_id = (SELECT tenant_id FROM subscriptions_subscription "
        "WHERE id = subscription_id) WHERE outcome = ''"
    ),
    "subscriptions_add_on_beside_its_base": copy(
        "subscriptions_subscription",
        "exclusive_channel = 'csp'",
        base_id="(SELECT min(id) FROM subscriptions_subscription WHERE channel = 'direct')",
    ),
    "subscriptions_fact_by_its_owner": copy(
        "subscriptions_seatchange",
        "term_id IN (SELECT t.id FROM subscriptions_term t JOIN subscriptions_subscription s "
        "ON s.id = t.subscription_id WHERE s.channel = 'csp') AND kind = 'ordered'",
        acting_for_id="(SELECT s.tenant_id FROM subscriptions_term t "
        "JOIN subscriptions_subscription s ON s.id = t.subscription_id WHERE t.id = term_id)",
    ),
    "subscriptions_facts_append_only": Run(
        "UPDATE subscriptions_seatchange SET billable_delta = 0"
    ),
    "subscriptions_facts_never_truncated": Run("TRUNCATE subscriptions_seatchange CASCADE"),
    "subscriptions_assigned_cover_licences": Run(
        "UPDATE subscriptions_subscription SET assigned_seats = 0 "
        "WHERE channel = 'csp' AND assigned_seats > 0"
    ),
    "subscriptions_csp_needs_relationship": copy(
        "subscriptions_subscription", "exclusive_channel = 'csp'", partner_id=LITWARE
    ),
    "subscriptions_guard": Run(
        "UPDATE subscriptions_subscription SET seats = 999 WHERE channel = 'direct'"
    ),
    "subscriptions_keep_terms": Run("UPDATE subscriptions_term SET ends_on = ends_on + 1"),
    "subscriptions_terms_never_deleted": Run("DELETE FROM subscriptions_term"),
}
