"""
One attempt against every guard of the database: a statement that it alone refuses.

Rows are copied from a world that has some of everything (`full_world`), with what is said
here changed; a copy gets a new id and public id. `behind` names a guard that would refuse
the same statement earlier and steps aside.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Copy:
    """An INSERT of a copied row, with columns changed to SQL expressions of the old ones."""

    table: str
    where: str = "true"
    changed: dict[str, str] = field(default_factory=dict)
    behind: tuple[str, ...] = ()
    times: int = 1


@dataclass(frozen=True)
class Run:
    """Statements as they are."""

    sql: str
    behind: tuple[str, ...] = ()


Attempt = Copy | Run


def copy(
    table: str, where: str = "true", *, behind: tuple[str, ...] = (), times: int = 1, **changed: str
) -> Copy:
    return Copy(table, where, changed, behind, times)


PARTNER = "(SELECT id FROM tenants_partner WHERE mpn_id = '{}')"
FABRIKAM, TAILSPIN, LITWARE = (PARTNER.format(n) for n in ("4711001", "4711002", "4711004"))
ON_A_DRAFT = "price_list_id IN (SELECT id FROM billing_pricelist WHERE scheduled_at IS NULL)"
AS_DRAFT = {"finalised_at": "NULL", "number": "NULL"}
LONG_AGO = "'2009-12-01'"

BILLING: dict[str, Attempt] = {
    "billing_charge_covers_days": copy("billing_charge", charged_from="period_from - 1"),
    "billing_charge_dates_are_sane": copy(
        "billing_charge", period_from=LONG_AGO, charged_from=LONG_AGO
    ),
    "billing_charge_is_finite": copy("billing_charge", amount="'NaN'"),
    "billing_one_charge_per_fact_and_leg": copy(
        "billing_charge", "seat_change_id IS NOT NULL", invoice_id="NULL"
    ),
    "billing_one_charge_per_term_leg_and_period": copy(
        "billing_charge", seat_change_id="NULL", invoice_id="NULL", times=2
    ),
    "billing_invoice_between_two": copy("billing_invoice", buyer_id="seller_id", **AS_DRAFT),
    "billing_invoice_brings_only_credit_forward": copy(
        "billing_invoice", brought_forward="1", total="net_total + 1", **AS_DRAFT
    ),
    "billing_invoice_final_when_numbered": copy(
        "billing_invoice", finalised_at="NULL", number="'2026-77777'"
    ),
    "billing_invoice_line_count_check": copy(
        "billing_invoice", "finalised_at IS NULL", line_count="-1"
    ),
    "billing_invoice_public_id_key": copy(
        "billing_invoice", public_id="public_id", month="month - interval '1 month'", **AS_DRAFT
    ),
    "billing_invoice_month_is_a_first": copy("billing_invoice", month="month + 1", **AS_DRAFT),
    "billing_invoice_number_once_per_seller": Run(
        "UPDATE billing_invoice d SET number = i.number, finalised_at = now(), line_count = 1 "
        "FROM billing_invoice i WHERE d.finalised_at IS NULL AND i.number IS NOT NULL "
        "AND i.seller_id = d.seller_id"
    ),
    "billing_invoice_total_is_its_parts": copy("billing_invoice", total="total + 1", **AS_DRAFT),
    "billing_one_invoice_per_seller_buyer_and_month": copy("billing_invoice", **AS_DRAFT),
    "billing_locked_price_is_finite": copy("billing_lockedprice", unit_price="'NaN'"),
    "billing_one_locked_price_per_term_and_leg": copy("billing_lockedprice"),
    "billing_close_month_is_a_first": copy("billing_monthclose", month="month + 1"),
    "billing_one_close_per_seller_and_month": copy("billing_monthclose"),
    "billing_one_series_per_year": copy("billing_numberseries"),
    "billing_order_quote_id_key": copy("billing_order"),
    "billing_orderline_seat_change_id_key": copy("billing_orderline"),
    "billing_orderrequest_order_id_key": copy("billing_orderrequest", "order_id IS NOT NULL"),
    "billing_request_asks_for_seats": copy("billing_orderrequest", seats="0"),
    "billing_request_is_for_an_offer_or_a_subscription": copy(
        "billing_orderrequest", offer_id="NULL"
    ),
    "billing_request_ordered_with_its_order": copy(
        "billing_orderrequest", order_id="NULL", state="'ordered'"
    ),
    "billing_one_price_per_row_of_a_list": copy("billing_price", ON_A_DRAFT),
    "billing_prices_are_finite": copy("billing_price", ON_A_DRAFT, erp="'NaN'"),
    "billing_one_price_list_per_market_and_month": copy("billing_pricelist"),
    "billing_price_list_announced_once_visible": copy(
        "billing_pricelist", scheduled_at="NULL", published_at="visible_from"
    ),
    "billing_price_list_scheduled_in_time": copy(
        "billing_pricelist", scheduled_at="visible_from + interval '1 s'"
    ),
    "billing_price_list_starts_a_month": copy("billing_pricelist", effective_on="effective_on + 1"),
    "billing_price_list_visible_thirty_days_before": copy(
        "billing_pricelist", visible_from="visible_from + interval '3 days'", scheduled_at="NULL"
    ),
    "billing_recommendation_token_hash_key": copy("billing_recommendation"),
    "billing_recommended_item_has_seats": copy("billing_recommendeditem", seats="0"),
    "billing_recommended_items_are_numbered": copy(
        "billing_recommendeditem", subscription_id="NULL"
    ),
    "billing_recommendeditem_subscription_id_key": copy(
        "billing_recommendeditem", "subscription_id IS NOT NULL", position="99"
    ),
    "billing_conversion_accepted_with_its_order": copy(
        "billing_trialconversion", "answer = ''", answer="'accepted'"
    ),
    "billing_trialconversion_order_id_key": copy(
        "billing_trialconversion",
        "answer = 'accepted'",
        trial_id="(SELECT trial_id FROM billing_trialconversion WHERE answer = '')",
    ),
    "billing_a_trial_is_converted_once": copy(
        "billing_trialconversion",
        "answer = 'accepted'",
        order_id="(SELECT min(id) FROM billing_order)",
    ),
    "billing_one_open_conversion_per_trial_and_partner": copy(
        "billing_trialconversion", "answer = ''"
    ),
}

RELATIONSHIPS: dict[str, Attempt] = {
    "relationships_agreement_dates_are_sane": copy("relationships_agreementevent", on=LONG_AGO),
    "relationships_agreement_event_of_a_known_kind": copy(
        "relationships_agreementevent", kind="'torn'"
    ),
    "relationships_customer_agreement_dates_are_sane": copy(
        "relationships_customeragreement", agreed_on=LONG_AGO
    ),
    "relationships_tag_is_a_word": copy("relationships_customertag", word="' x'"),
    "relationships_tag_once_per_customer": copy("relationships_customertag", word="upper(word)"),
    "relationships_invitation_answered_whole": copy(
        "relationships_invitation", "answer = ''", answer="'accepted'"
    ),
    "relationships_invitation_not_answered_and_withdrawn": copy(
        "relationships_invitation", "answer = 'accepted'", withdrawn_at="now()"
    ),
    "relationships_invitation_of_a_known_kind": copy(
        "relationships_invitation", "kind = 'customer'", kind="'x'"
    ),
    "relationships_invitation_of_a_reseller_offers_a_discount": copy(
        "relationships_invitation", "kind = 'customer'", kind="'reseller'"
    ),
    "relationships_invitation_sent_by_one_of_the_two": copy(
        "relationships_invitation", f"partner_id = {FABRIKAM}", sent_by_id=TAILSPIN
    ),
    "relationships_invitation_token_hash_key": copy("relationships_invitation"),
    "relationships_one_policy": copy("relationships_partnerpolicy"),
    "relationships_policy_within_reason": Run(
        "UPDATE relationships_partnerpolicy SET most_partners = 11"
    ),
    "relationships_suspension_dates_are_sane": copy(
        "relationships_partnersuspension", starts_on=LONG_AGO
    ),
    "relationships_suspension_lifted_whole": copy(
        "relationships_partnersuspension", lifted_at="now()"
    ),
    "relationships_suspension_of_a_known_kind": copy(
        "relationships_partnersuspension", reason="'x'"
    ),
    "relationships_one_suspension_at_a_time": copy("relationships_partnersuspension"),
    "relationships_plannedmove_invitation_id_key": copy("relationships_plannedmove"),
    "relationships_no_csp_beside_syndication": copy(
        "relationships_relationship",
        "attested_on IS NOT NULL AND ended_on IS NULL",
        customer_id="(SELECT id FROM tenants_tenant WHERE domain = 'woodgrove.example')",
    ),
    "relationships_partner_is_not_its_own_reseller": Run(
        "UPDATE relationships_relationship SET reseller_id = partner_id WHERE ended_on IS NULL"
    ),
    "relationships_relationship_dates_are_sane": copy(
        "relationships_relationship", "reseller_id IS NULL", slot="2", started_on=LONG_AGO
    ),
    "relationships_relationship_ends_after_it_starts": copy(
        "relationships_relationship", "reseller_id IS NULL", ended_on="started_on - 1"
    ),
    "relationships_relationship_has_consent_on_record": copy(
        "relationships_relationship",
        "reseller_id IS NULL",
        slot="2",
        invitation_id="NULL",
        attested_on="NULL",
    ),
    "relationships_relationship_invitation_id_key": copy(
        "relationships_relationship",
        "reseller_id IS NULL AND invitation_id IS NOT NULL",
        ended_on="started_on",
    ),
    "relationships_slots_count_from_one": copy(
        "relationships_relationship", "reseller_id IS NULL", slot="0"
    ),
    "relationships_one_active_partner_per_slot": copy(
        "relationships_relationship",
        f"reseller_id IS NULL AND partner_id = {FABRIKAM} AND ended_on IS NULL",
        partner_id=TAILSPIN,
        invitation_id="NULL",
        attested_by_id="(SELECT min(id) FROM tenants_user)",
        attested_on="started_on",
    ),
    "relationships_one_active_per_partner_and_customer": copy(
        "relationships_relationship",
        "customer_id = (SELECT id FROM tenants_tenant WHERE domain = 'northwind.example')",
        slot="2",
        invitation_id="NULL",
        attested_by_id="(SELECT min(id) FROM tenants_user)",
        attested_on="started_on",
    ),
    "relationships_link_dates_are_sane": copy("relationships_resellerlink", started_on=LONG_AGO),
    "relationships_link_discount_is_a_percentage": copy(
        "relationships_resellerlink",
        discount_percent="-1",
        behind=("relationships_link_needs_consent",),
    ),
    "relationships_link_ended_whole": Run(
        "UPDATE relationships_resellerlink SET ended_on = started_on"
    ),
    "relationships_link_ends_after_it_starts": Run(
        "UPDATE relationships_resellerlink SET ended_on = started_on - 1, end_reason = 'x', "
        "ended_for_id = (SELECT min(id) FROM tenants_tenant)"
    ),
    "relationships_link_has_two_sides": copy(
        "relationships_resellerlink",
        reseller_id="provider_id",
        behind=("relationships_link_needs_consent",),
    ),
    "relationships_resellerlink_invitation_id_key": copy(
        "relationships_resellerlink",
        ended_on="started_on",
        end_reason="'x'",
        ended_for_id="(SELECT min(id) FROM tenants_tenant)",
    ),
    "relationships_one_active_link_per_provider_and_reseller": copy(
        "relationships_resellerlink",
        invitation_id="(SELECT max(id) FROM relationships_invitation)",
        behind=("relationships_link_needs_consent",),
    ),
    "relationships_transfer_dates_are_sane": copy(
        "relationships_transfer", takes_effect_on=LONG_AGO
    ),
    "relationships_transfer_decided_whole": copy(
        "relationships_transfer", "state = 'requested'", state="'approved'"
    ),
    "relationships_transfer_declined_with_a_reason": copy(
        "relationships_transfer",
        "state = 'requested'",
        state="'declined'",
        decided_at="now()",
        decided_as="'partner'",
    ),
    "relationships_transfer_done_whole": copy(
        "relationships_transfer", "state = 'done'", started_id="NULL"
    ),
    "relationships_transfer_invitation_id_key": copy("relationships_transfer", "state = 'done'"),
    "relationships_one_open_transfer_per_relationship": copy(
        "relationships_transfer",
        "state = 'requested'",
        invitation_id="(SELECT max(id) FROM relationships_invitation)",
    ),
}
