"""Attempts against the guards of subscriptions and tenants: see `attempts`."""

from .attempts import LONG_AGO, TAILSPIN, Attempt, Run, copy

SUBSCRIPTIONS: dict[str, Attempt] = {
    "subscriptions_cancellation_request_answered_whole": copy(
        "subscriptions_cancellationrequest", "answer = ''", answer="'done'"
    ),
    "subscriptions_one_open_cancellation_request": copy(
        "subscriptions_cancellationrequest", "answer = ''"
    ),
    "subscriptions_one_licence_per_person": copy("subscriptions_licenceassignment"),
    "subscriptions_offer_seat_limits_in_order": copy(
        "subscriptions_offer", seat_minimum="seat_maximum + 1"
    ),
    "subscriptions_sku_taken_once": copy("subscriptions_offer", sku="lower(sku)"),
    "subscriptions_equivalence_of_an_offer_or_a_title": copy(
        "subscriptions_offerequivalence", title="''", offer_id="NULL"
    ),
    "subscriptions_equivalence_of_two_offers": copy(
        "subscriptions_offerequivalence", title="''", offer_id="replacement_id"
    ),
    "subscriptions_equivalence_of_a_title_said_once": copy(
        "subscriptions_offerequivalence", "offer_id IS NULL", title="upper(title)"
    ),
    "subscriptions_equivalence_of_offers_said_once": copy(
        "subscriptions_offerequivalence", "offer_id IS NOT NULL"
    ),
    "subscriptions_offer_rule_limit_is_whole": copy(
        "subscriptions_offerrule", customer_limit="1", limit_kind="''"
    ),
    "subscriptions_offerrule_offer_id_key": copy("subscriptions_offerrule"),
    "subscriptions_key_gives_something": copy("subscriptions_openkey", months="0"),
    "subscriptions_key_not_redeemed_and_withdrawn": copy(
        "subscriptions_openkey", "redeemed_at IS NOT NULL", withdrawn_at="now()"
    ),
    "subscriptions_key_redeemed_whole": copy(
        "subscriptions_openkey", "redeemed_at IS NULL", redeemed_at="now()"
    ),
    "subscriptions_openkey_key_hash_key": copy(
        "subscriptions_openkey", "redeemed_at IS NULL", number="number + 100"
    ),
    "subscriptions_keys_of_a_form_once": copy(
        "subscriptions_openkey", "redeemed_at IS NULL", key_hash="'x'::bytea"
    ),
    "subscriptions_openkey_subscription_id_key": copy(
        "subscriptions_openkey",
        "redeemed_at IS NOT NULL",
        key_hash="'x'::bytea",
        number="number + 100",
    ),
    "subscriptions_scheduled_change_changes_something": copy(
        "subscriptions_scheduledchange", "outcome = ''", seats="NULL", offer_id="NULL"
    ),
    "subscriptions_scheduled_change_closed_whole": copy(
        "subscriptions_scheduledchange", "outcome = ''", closed_at="now()"
    ),
    "subscriptions_scheduled_change_dates_are_sane": copy(
        "subscriptions_scheduledchange", takes_effect_on=LONG_AGO
    ),
    "subscriptions_one_open_change_per_subscription": copy(
        "subscriptions_scheduledchange", "outcome = ''"
    ),
    "subscriptions_fact_dates_are_sane": copy("subscriptions_seatchange", effective_on=LONG_AGO),
    "subscriptions_csp_has_its_partner_and_offer": copy(
        "subscriptions_subscription", "exclusive_channel = 'csp'", offer_id="NULL"
    ),
    "subscriptions_dates_are_sane": copy("subscriptions_subscription", starts_on=LONG_AGO),
    "subscriptions_no_csp_beside_syndication": copy(
        "subscriptions_subscription",
        "channel = 'direct' AND state = 'active' AND NOT is_trial",
        channel="'syndication'",
        offer_id="NULL",
    ),
    "subscriptions_no_trial_in_csp": copy(
        "subscriptions_subscription", "exclusive_channel = 'csp'", is_trial="true"
    ),
    "subscriptions_only_advisor_has_a_partner_of_record": copy(
        "subscriptions_subscription", "channel = 'direct'", partner_of_record_id=TAILSPIN
    ),
    "subscriptions_only_csp_and_direct_add_ons": copy(
        "subscriptions_subscription", "channel = 'advisor'", base_id="id"
    ),
    "subscriptions_seats_cover_the_assigned": copy(
        "subscriptions_subscription", "channel = 'direct'", assigned_seats="seats + 1"
    ),
    "subscriptions_subscription_moved_from_id_key": copy(
        "subscriptions_subscription", "moved_from_id IS NOT NULL"
    ),
    "subscriptions_reference_once_per_channel": copy(
        "subscriptions_subscription", "reference <> ''"
    ),
    "subscriptions_one_trial_per_offer_and_customer": copy(
        "subscriptions_subscription", "is_trial"
    ),
    "subscriptions_notice_dates_are_sane": copy(
        "subscriptions_subscriptionnotice", about_on=LONG_AGO
    ),
    "subscriptions_told_once": copy("subscriptions_subscriptionnotice"),
    "subscriptions_trial_notice_once": copy("subscriptions_trialnotice"),
    "subscriptions_term_dates_are_sane": copy("subscriptions_term", anchor_on=LONG_AGO),
    "subscriptions_term_has_days": copy("subscriptions_term", ends_on="starts_on"),
    "subscriptions_terms_are_numbered": copy(
        "subscriptions_term", starts_on="ends_on", ends_on="ends_on + 30"
    ),
    "subscriptions_terms_do_not_overlap": copy("subscriptions_term", number="99"),
}

TENANTS: dict[str, Attempt] = {
    "tenants_activity_in_order": copy("tenants_activity"),
    "tenants_membership_has_a_role": copy("tenants_membership", roles="'{}'"),
    "tenants_one_membership_per_person_and_tenant": copy("tenants_membership"),
    "tenants_partner_mpn_id_key": copy(
        "tenants_partner",
        tenant_id="(SELECT id FROM tenants_tenant WHERE domain = 'northwind.example')",
    ),
    "tenants_partner_of_a_known_kind": copy("tenants_partner", kind="'x'"),
    "tenants_partner_tenant_id_key": copy("tenants_partner", mpn_id="'999'"),
    "tenants_signup_user_id_key": copy("tenants_signup"),
    "tenants_domain_in_lower_case": copy("tenants_tenant", domain="upper(domain)"),
    "tenants_email_in_lower_case": copy("tenants_user", email="upper(email)"),
    "tenants_user_email_key": copy("tenants_user"),
    "tenants_domain_taken_once": copy("tenants_tenant", "NOT is_vendor"),
    "tenants_every_domain_taken_once": copy("tenants_domain", name="upper(name)"),
    "tenants_exactly_one_vendor": copy("tenants_tenant", "is_vendor", domain="'x.example'"),
    "tenants_one_default_view_per_list": copy("tenants_savedview", name="'other'"),
    "tenants_calendarfeed_membership_id_key": copy("tenants_calendarfeed", token_hash="'x'::bytea"),
    "tenants_calendarfeed_token_hash_key": copy(
        "tenants_calendarfeed", membership_id="(SELECT max(id) FROM tenants_membership)"
    ),
    "tenants_saved_view_named_once": copy(
        "tenants_savedview", is_default="false", name="upper(name)"
    ),
    "tenants_keep_an_admin": Run(
        "UPDATE tenants_membership SET roles = '{admin_agent}' WHERE 'global_admin' = ANY (roles)"
    ),
    "tenants_roles_fit_the_organisation": Run(
        "UPDATE tenants_membership SET roles = '{tenant_admin}' WHERE 'sales_agent' = ANY (roles)"
    ),
    "tenants_activity_append_only": Run("UPDATE tenants_activity SET summary = ''"),
    "tenants_activity_never_truncated": Run("TRUNCATE tenants_activity CASCADE"),
}
