"""Which scenario shows which fault; a name that is gone fails."""

import ast

import pytest

from tests.database import ROOT

CRASHES, STOPS, PEOPLE = "tests/faults", "tests/apps/runbook", "tests/apps/operators"
TIMES, STEPS = f"{CRASHES}/test_g_times.py", f"{STOPS}/test_timetable.py"
BOOKS, BESIDE = "tests/apps/ledger", "tests/apps/reconciliation"
OPERATORS, WINDOWS = f"{CRASHES}/test_d_operators.py", "tests/apps/approvals/test_windows.py"
# fault → its scenarios, file::name
CATALOGUE: dict[str, tuple[str, ...]] = {
    "A9": (
        f"{CRASHES}/test_g_day.py::test_a9_a12_a_link_that_dies_between_the_exits_and_the_auction_never_sells_twice",
    ),
    "A10": (
        f"{CRASHES}/test_d_stops.py::test_a_process_that_dies_between_the_stop_and_its_cancels_leaves_them_to_the_next",
        f"{STOPS}/test_stopping.py::test_whoever_finds_it_after_a_crash_finishes_it",
    ),
    "A12": (
        f"{CRASHES}/test_a_power.py::test_a12_a_host_that_loses_its_power_among_orders_sends_none_twice_and_knows_what_is_unclear",
    ),
    "B10": (
        f"{BESIDE}/test_comparing.py::test_an_empty_list_is_an_answer_and_a_position_that_only_we_have_blocks_its_instrument",
    ),
    "B11": (
        f"{BESIDE}/test_comparing.py::test_yesterdays_fill_that_no_list_holds_any_more_needs_the_statement",
        f"{BESIDE}/test_stated_fills.py::test_an_execution_that_only_the_statement_has_is_the_ticket_s_fill",
        f"{CRASHES}/test_overnight.py::test_what_filled_and_what_ended_unseen_is_cleared_up_and_the_next_day_is_like_any_other",
    ),
    "B12": (
        f"{BOOKS}/test_booking.py::test_a_fee_finds_its_fill_whichever_comes_first",
        f"{BOOKS}/test_booking.py::test_a_fee_that_is_not_known_yet_stays_unknown_and_a_rebate_is_kept",
        f"{BOOKS}/test_results.py::test_a_day_without_a_commission_is_provisional",
        f"{BOOKS}/test_results.py::test_a_late_fee_and_a_bust_restate_the_day_that_was_over",
    ),
    "B14": (
        f"{CRASHES}/test_b_blocked.py::test_a_loop_that_wakes_after_a_stop_sends_nothing_more",
        f"{CRASHES}/test_d_stops.py::test_a_link_that_was_blocked_sends_nothing_when_it_wakes",
        f"{CRASHES}/test_d_stops.py::test_a_stop_from_a_terminal_with_everything_dead_cancels_from_the_links_own_seat",
    ),
    "C3": (
        f"{CRASHES}/test_c_refusing.py::test_c3_a_claim_that_does_not_get_the_account_leaves_nothing_and_is_made_once_later",
        f"{CRASHES}/test_c_refusing.py::test_c3_of_two_in_each_others_way_one_is_ended_and_the_claim_is_made_once",
    ),
    "C4": (
        f"{CRASHES}/test_c_refusing.py::test_c4_nothing_is_claimed_where_nothing_can_be_written_and_the_link_takes_it_for_an_outage",
        f"{CRASHES}/test_c_refusing.py::test_c4_what_the_broker_says_is_not_taken_for_stored",
        f"{CRASHES}/test_c_refusing.py::test_c4_a_desk_that_cannot_write_gives_the_outside_no_sign_of_life",
    ),
    "C6": (f"{STOPS}/test_breaking.py::test_an_edited_line_of_the_journal_halts_trading_and_is_named",),
    "C7": (
        f"{CRASHES}/test_c_backup.py::test_c7_orders_of_ours_that_the_database_has_forgotten_halt_everything",
    ),
    "C8": (f"{STOPS}/test_stopping.py::test_a_ticket_of_another_protocol_is_not_claimed",),
    "C9": (
        f"{STEPS}::test_c9_a_step_whose_worker_was_killed_is_finished_by_the_next_and_not_begun_again",
        f"{STEPS}::test_c9_two_workers_at_one_step_are_one_piece_of_work",
    ),
    "D1": (
        f"{OPERATORS}::test_fifty_parallel_posts_are_one_approval_and_forty_nine_that_are_told_so",
        f"{CRASHES}/test_d_two_hands.py::test_two_browsers_that_execute_one_plan_make_one_approval_and_one_set_of_orders",
        f"{CRASHES}/test_d_two_hands.py::test_the_gateway_receives_one_set_of_orders_whoever_pressed",
    ),
    "D2": (
        f"{OPERATORS}::test_of_two_operators_who_approve_one_does_and_both_know_who",
        f"{OPERATORS}::test_approve_against_reject_has_one_winner_and_both_are_told",
        f"{CRASHES}/test_d_two_hands.py::test_two_people_who_execute_one_plan_make_one_approval_and_one_set_of_orders",
    ),
    "D3": (
        f"{OPERATORS}::test_content_that_changed_behind_the_page_is_refused",
        f"{OPERATORS}::test_a_line_taken_out_behind_the_page_is_a_change_too",
    ),
    "D4": (f"{OPERATORS}::test_the_same_bytes_from_eight_workers_are_one_plan",),
    "D5": (
        f"{OPERATORS}::test_a_card_left_open_overnight_sends_nothing",
        f"{OPERATORS}::test_an_approval_that_grew_old_in_the_queue_is_not_sent",
    ),
    "D6": (
        f"{OPERATORS}::test_ten_plans_approved_at_once_fill_the_limit_and_the_rest_are_refused_with_the_reason",
        f"{OPERATORS}::test_a_limit_cut_after_the_approval_lets_out_what_fits_in_order",
    ),
    "D7": (
        f"{CRASHES}/test_d_stops.py::test_a_stop_while_twenty_tickets_are_on_their_way_lists_each_of_them",
        f"{CRASHES}/test_d_claims.py::test_a_breaker_that_trips_between_claim_and_write_stops_the_write",
    ),
    "D8": (
        f"{STOPS}/test_breaking.py::test_of_a_kill_and_a_release_within_a_second_the_later_epoch_decides",
    ),
    "D9": (
        f"{CRASHES}/test_d_claims.py::test_a_cancel_in_the_workstation_is_the_brokers_word_and_nothing_is_sent_in_its_place",
        f"{CRASHES}/test_d_claims.py::test_a_trade_by_hand_stops_the_strategy_and_what_was_approved_waits",
        f"{CRASHES}/test_d_claims.py::test_a_hand_in_the_workstation_stops_the_strategy_over_the_wire",
    ),
    "D10": (
        f"{OPERATORS}::test_a_limit_cut_after_the_approval_lets_out_what_fits_in_order",
        f"{WINDOWS}::test_a_new_phase_is_not_retroactive",
    ),
    "E1": (f"{CRASHES}/test_e_windows.py::test_of_a_cancel_and_a_release_in_the_same_millisecond_one_wins",),
    "E2": (
        f"{CRASHES}/test_e_windows.py::test_at_the_boundary_the_answer_is_what_was_sent",
        f"{WINDOWS}::test_too_late_is_said_to_the_tenth_and_one_more_tap_cancels_at_the_broker",
        "tests/browser/test_walk.py::test_the_digits_come_from_the_servers_deadline_whatever_the_machines_clock_says",
    ),
    "E3": (
        f"{CRASHES}/test_e_link.py::test_a_link_that_comes_back_in_time_releases_and_one_that_does_not_leaves_it_to_people",
        f"{WINDOWS}::test_a_release_that_comes_late_is_no_release",
        f"{WINDOWS}::test_a_dead_link_leaves_the_window_to_people",
    ),
    "E4": (
        f"{WINDOWS}::test_without_a_delivered_alert_it_is_a_persons_to_decide",
        f"{WINDOWS}::test_a_slow_alert_is_no_alert_and_the_request_does_not_wait_for_it",
    ),
    "E5": (
        f"{CRASHES}/test_e_clock.py::test_a_step_of_the_databases_clock_halts_and_releases_nothing",
        f"{CRASHES}/test_e_clock.py::test_the_real_link_sends_nothing_after_a_step",
        f"{STOPS}/test_breaking.py::test_a_clock_that_is_off_lets_nothing_new_in",
    ),
    "E6": (f"{WINDOWS}::test_a_window_that_would_pass_the_cut_off_is_never_asked_for",),
    "E7": (
        f"{WINDOWS}::test_whatever_changed_in_the_window_brings_it_back_to_people",
        f"{WINDOWS}::test_no_countdown_outlives_a_stop_even_when_trading_goes_on_within_the_minute",
    ),
    "G1": (
        f"{STEPS}::test_g1_in_the_weeks_between_the_two_changes_of_clocks_the_steps_keep_the_exchange_s_time",
    ),
    "G2": (
        f"{STEPS}::test_g2_a_half_day_moves_the_steps_with_its_close",
        f"{STEPS}::test_g2_an_unscheduled_closure_takes_the_rows_back_and_a_later_word_brings_them",
    ),
    "G3": (
        f"{STOPS}/test_closing_out.py::test_g3_nothing_leaves_for_the_auction_at_its_cut_off_whichever_clock_is_wrong",
        f"{STOPS}/test_closing_out.py::test_g3_a_claim_that_waited_past_the_cut_off_is_not_written",
    ),
    "G4": (f"{STEPS}::test_g4_back_after_three_days_nothing_old_is_run_and_the_missed_days_are_listed",),
    "G5": (
        f"{TIMES}::test_g5_every_way_in_which_the_gateway_tells_a_moment_is_one_moment",
        f"{TIMES}::test_g5_what_is_no_time_is_no_time_and_not_now",
    ),
    "G6": (
        f"{TIMES}::test_g6_a_fill_is_of_the_day_it_was_in_new_york",
        f"{STEPS}::test_g6_a_worker_that_spans_midnight_keeps_each_day_s_rows_apart",
    ),
    "H4": (
        f"{STOPS}/test_daily.py::test_a_price_in_another_unit_is_blocked",
        f"{BOOKS}/test_books.py::test_pence_are_pounds_by_the_contract_and_a_pair_moves_two_currencies",
        "tests/domain/portfolio/test_nav.py::test_a_day_old_rate_is_no_rate",
    ),
    "H5": (
        f"{TIMES}::test_h5_a_farm_that_comes_and_goes_says_nothing_about_an_order",
        f"{CRASHES}/test_h_farms.py::test_h5_farms_that_come_and_go_touch_no_order_and_entries_wait_for_a_fresh_quote",
    ),
    "I2": (
        f"{CRASHES}/test_i_slow_gateway.py::test_i2_a_cancel_passes_what_waits_when_the_gateway_reads_slowly",
        f"{CRASHES}/test_i_slow_gateway.py::test_i2_answers_that_come_two_seconds_late_make_nothing_unknown_and_nothing_twice",
        f"{CRASHES}/test_i_too_fast.py::test_i2_told_that_it_is_too_fast_the_link_halves_its_pace_and_sends_nothing_again",
        f"{CRASHES}/test_i_too_fast.py::test_i2_a_cancel_that_was_too_much_is_sent_again_and_its_order_ends",
    ),
    "I3": (f"{TIMES}::test_i3_a_burst_of_executions_and_fees_in_no_order_is_booked_whole_and_once",),
    "I4": (
        f"{STOPS}/test_breaking.py::test_a_strategy_that_enters_the_same_again_and_again_is_disabled_alone",
    ),
    "I5": (
        f"{CRASHES}/test_i_screens.py::test_i5_two_hundred_screens_of_which_a_fifth_is_deaf_do_not_stand_in_the_orders_way",
        "tests/apps/dashboard/test_falling_behind.py::test_i5_what_the_layer_dropped_is_told_by_the_next_beat_and_by_a_new_hello",
    ),
    "J1": (
        f"{PEOPLE}/test_matrix.py::test_a_role_opens_what_it_may_and_nothing_else",
        f"{PEOPLE}/test_matrix.py::test_an_account_out_of_reach_is_closed_in_every_role_and_method",
        f"{PEOPLE}/test_matrix.py::test_without_a_login_only_the_door_is_open",
        "tests/browser/test_open_sockets.py::test_what_is_taken_away_bites_on_open_sockets_and_strangers_open_none",
    ),
    "J2": (
        "tests/apps/dashboard/test_pages.py::test_a_form_of_another_site_is_refused",
        "tests/apps/dashboard/test_pages.py::test_an_act_is_never_done_by_following_a_link",
        "tests/browser/test_open_sockets.py::test_what_is_taken_away_bites_on_open_sockets_and_strangers_open_none",
        f"{PEOPLE}/test_coming_in.py::test_pages_carry_a_strict_policy",
    ),
    "J3": (
        f"{OPERATORS}::test_a_replayed_form_of_another_request_approves_nothing",
        f"{CRASHES}/test_d_claims.py::test_an_approval_moved_elsewhere_is_an_approval_of_nothing",
        f"{CRASHES}/test_d_claims.py::test_a_gateway_that_turned_live_after_the_word_is_found_at_the_claim",
    ),
    "J4": (
        "tests/apps/approvals/test_moving.py::test_above_the_sum_the_author_is_not_the_approver",
        f"{PEOPLE}/test_second_word.py::test_whoever_asked_cannot_confirm_not_even_in_the_table",
        "tests/apps/risk/test_ask_limits.py::test_tighter_is_in_force_at_once_and_looser_waits_for_another_person",
    ),
    "J5": (
        "tests/browser/test_open_sockets.py::test_what_is_taken_away_bites_on_open_sockets_and_strangers_open_none",
        f"{PEOPLE}/test_standing.py::test_what_is_taken_away_is_gone_with_the_next_question",
        f"{CRASHES}/test_d_two_hands.py::test_a_permission_taken_between_two_presses_bites_at_the_second",
    ),
    "J6": (
        f"{PEOPLE}/test_entrance.py::test_wrong_passwords_from_one_place_keep_nobody_else_out",
        f"{PEOPLE}/test_entrance.py::test_a_code_counts_once_and_an_earlier_one_no_more",
        f"{PEOPLE}/test_entrance.py::test_a_login_makes_a_new_session",
        "tests/apps/dashboard/test_acts.py::test_whoever_signed_in_long_ago_proves_it_again_before_an_approval",
    ),
    "J7": (
        "tests/apps/dashboard/test_hostile_texts.py::test_no_page_hands_a_strangers_markup_to_the_browser",
        "tests/apps/dashboard/test_hostile_texts.py::test_no_cell_of_the_export_is_a_formula",
        "tests/apps/dashboard/test_hostile_texts.py::test_a_line_of_the_log_is_one_line_whatever_it_is_told",
        "tests/apps/reports/test_pages.py::test_numbers_are_plain_and_texts_are_no_formulas",
    ),
    "J8": (
        "tests/apps/risk/test_limits_admin.py::test_records_can_be_read_and_never_written",
        "tests/apps/risk/test_limits_admin.py::test_nobody_edits_what_the_worker_will_run",
        "tests/apps/risk/test_limits_admin.py::test_a_stale_session_proves_itself_first_and_what_was_sent_is_done_then",
        f"{PEOPLE}/test_matrix.py::test_what_keeps_the_rules_is_not_edited_around_them",
    ),
    "J9": (
        f"{PEOPLE}/test_people.py::test_live_refuses_a_password_that_is_tried_first",
        f"{PEOPLE}/test_people.py::test_live_on_the_embedded_database_wants_a_place_for_backups",
    ),
    "J10": (f"{STOPS}/test_database_roles.py::test_a_role_is_refused_what_its_process_must_never_do",),
    "broken: kill looked at once": (
        f"{CRASHES}/test_d_broken_variants.py::test_a_broken_variant_is_caught",
        "tests/domain/simulation/test_simulation.py::test_a_broken_desk_is_caught_by_the_promise_it_breaks",
    ),
    "broken: window timed by the client": (f"{CRASHES}/test_e_windows.py::test_a_broken_window_is_caught",),
    "broken: digest not looked at again": (f"{CRASHES}/test_e_windows.py::test_a_broken_window_is_caught",),
    "broken: permission kept": (
        f"{PEOPLE}/test_matrix.py::test_a_remembered_permission_would_be_caught",
        f"{CRASHES}/test_d_two_hands.py::test_a_permission_taken_between_two_presses_bites_at_the_second",
    ),
}  # fmt: skip


def names_in(path: str) -> set[str]:
    found = ast.parse((ROOT / path).read_text()).body
    return {one.name for one in found if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("fault", CATALOGUE)
def test_every_fault_has_a_scenario_that_is_there(fault: str) -> None:
    for scenario in CATALOGUE[fault]:
        path, _, name = scenario.partition("::")
        assert name in names_in(path), scenario
