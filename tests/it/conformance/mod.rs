//! What every backend promises through the portable traits, as one list of cases.
//!
//! A case is a plain function that gets a [`Backend`]: connectors for the accounts of a simulated
//! organisation, and the remote control of that simulator. Each case runs in a fresh simulator, over
//! EWS for each server version, and over Graph. It fails on a panic, on an error, and on anything in a request or an answer
//! that the schema does not allow. Where the backend says that it has not the feature a case needs,
//! the case must end in `Unsupported` without any request.
//!
//! `CONFORMANCE=name cargo test --test it conformance` runs just the case of that name, or those of several names
//! with commas between them.

mod access;
mod any_event;
mod any_message;
mod attachments;
mod availability;
mod backend;
mod basics;
mod bodies;
mod calendars;
mod content;
mod cross_check;
mod directory;
mod drafts;
mod folders;
mod following;
mod guard;
mod ical;
mod meetings;
mod message_sync;
mod message_writing;
mod messages;
mod occurrences;
mod on_graph;
mod online_meetings;
mod people;
mod reading;
mod recurrence;
mod replies;
mod robustness;
mod sending;
mod series;
mod settings;
mod slots;
mod table;
mod times;
mod windows;
mod writing;

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use exchange_connector::ews::ServerVersion;
use exchange_connector::{Error, ErrorKind, Feature, Result, Support};

use crate::openapi::{Judge, Reach};
use backend::{Backend, Front};

type Check = for<'a> fn(&'a Backend) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// One behaviour.
#[derive(Clone, Copy)]
struct Case {
    /// Its number in the list of behaviours; 0 for those without.
    number: u8,
    name: &'static str,
    /// The feature without which it must be refused.
    needs: Option<Feature>,
    check: Check,
}

macro_rules! cases {
    ($list:ident: $($number:literal $module:ident::$name:ident $(needs $feature:ident)?;)+) => {
        const $list: &[Case] = &[$(Case {
            number: $number,
            name: stringify!($name),
            needs: cases!(@ $($feature)?),
            check: |backend| Box::pin($module::$name(backend)),
        }),+];
    };
    (@ $feature:ident) => { Some(Feature::$feature) };
    (@) => { None };
}

// What each backend promises.
cases! { ALL:
    0 calendars::are_listed_and_found;
    0 calendars::are_made_renamed_and_deleted;
    0 calendars::what_may_not_be_done_to_calendars;
    0 directory::names_are_resolved;
    0 directory::groups_are_expanded;
    0 directory::lists_of_rooms needs RoomLists;
    0 directory::rooms_of_one_list_and_of_all needs RoomLists;
    0 slots::common_times_of_people_and_rooms;
    0 slots::working_hours_over_a_change_of_clocks;
    0 slots::nobody_is_silently_free;
    0 slots::a_group_is_free_when_all_are;
    0 settings::a_mailbox_is_set_to_something;
    0 settings::an_account_without_an_address_finds_its_own;
    0 settings::out_of_office_returns;
    0 settings::an_absence_that_cannot_be;
    0 settings::out_of_office_of_others;
    0 settings::who_is_away_answers_once;
    0 settings::tips_of_each_kind needs MailTips;
    0 settings::tips_about_many needs MailTips;
    0 settings::rules_come_change_and_go needs InboxRules;
    0 settings::rules_of_outlook_are_not_lost_unasked needs InboxRules;
    0 settings::rules_that_cannot_be needs InboxRules;
    0 meetings::messages_in_the_inbox;
    0 meetings::many_messages_come_in_pages;
    5 calendars::of_others;
    1 basics::ids_of_another_backend_are_refused;
    2 basics::ids_and_versions_outlive_the_process;
    3 basics::probe_tells_what_is_wrong;
    4 basics::a_mailbox_costs_no_request;
    5 basics::targets_reach_the_right_mailbox;
    5 access::acting_by_each_name;
    6 times::the_clock_on_the_wall_stays_over_a_change;
    7 times::start_and_end_in_different_zones needs ZonePerEnd;
    8 times::ambiguous_and_missing_times;
    9 times::whole_days;
    9 times::a_series_of_whole_days;
    10 times::whole_days_made_elsewhere;
    11 times::a_zone_of_ones_own;
    11 times::a_zone_of_ones_own_is_written needs CustomZones;
    12 times::a_zone_without_a_name_is_refused;
    13 reading::expanded_is_what_happens_in_the_window;
    14 reading::edges_of_the_window;
    15 reading::masters_and_singles;
    15 reading::filters;
    16 reading::summary_and_full;
    17 reading::pages_on_demand;
    17 windows::any_partition_makes_the_whole;
    17 windows::a_limited_server_loses_nothing;
    17 windows::small_pages_lose_nothing;
    17 windows::a_busy_year_takes_few_requests;
    17 reading::pages_while_things_come_and_go;
    18 reading::events_by_id_in_order;
    19 series::the_same_from_each_part;
    19 series::what_is_no_series;
    20 reading::a_deleted_occurrence_is_gone;
    20 series::deleted_occurrences_are_named;
    21 reading::a_moved_occurrence_knows_where_it_was;
    22 reading::a_series_has_one_uid;
    23 series::are_found_by_uid;
    23 series::foreign_uids_are_found needs SetUid;
    24 reading::an_occurrence_knows_its_series;
    24 series::occurrences_of_one_series;
    24 series::occurrences_in_a_long_window;
    24 series::occurrences_of_what_is_no_series;
    24 ical::occurrences_without_asking;
    0 ical::a_series_travels_as_text;
    25 online_meetings::join_address_by_place;
    25 online_meetings::join_address_with_what_belongs_to_it;
    25 online_meetings::no_join_address_where_nobody_meets;
    26 reading::each_value_returns;
    26 reading::texts_return_as_they_were;
    26 reading::working_elsewhere_returns needs WorkingElsewhere;
    26 people::own_response_is_read;
    27 people::attendees_are_read;
    28 people::private_events_of_others;
    30 recurrence::daily;
    31 recurrence::weekly;
    32 recurrence::monthly_on_a_day;
    33 recurrence::monthly_on_a_weekday;
    34 recurrence::yearly_on_a_day;
    35 recurrence::yearly_on_a_weekday;
    36 recurrence::every_other_year;
    37 recurrence::ends;
    38 recurrence::what_cannot_be_stored_is_refused;
    38 recurrence::any_of_several_days needs WeekdaySets;
    39 recurrence::a_single_becomes_a_series_and_back;
    40 occurrences::the_time_of_a_series_changes_all_of_it;
    41 writing::without_attendees_nothing_is_sent;
    42 meetings::one_invitation_for_each_attendee;
    42 writing::several_events_each_with_its_outcome;
    42 writing::a_chosen_uid_is_kept needs SetUid;
    42 writing::properties_of_ones_own_return;
    43 attachments::invitations_carry_what_is_attached;
    43 attachments::files_without_anybody_to_invite;
    43 attachments::a_picture_in_the_body;
    43 attachments::wrong_files_are_refused;
    44 attachments::a_failure_between_the_steps_invites_nobody;
    45 writing::one_key_makes_one_event;
    45 attachments::one_key_makes_one_event_with_its_files;
    46 meetings::a_silent_meeting needs SilentMeetingChange;
    47 writing::a_patch_changes_one_field;
    47 writing::hours_become_days_and_back;
    47 writing::ends_in_different_zones_can_be_set needs ZonePerEnd;
    47 writing::what_is_wrong_is_refused_before_any_request;
    48 writing::fields_can_be_cleared;
    49 writing::a_stale_version_conflicts;
    49 occurrences::an_occurrence_has_a_version;
    50 writing::two_changes_at_a_time_are_both_made;
    51 meetings::private_changes_tell_nobody;
    52 meetings::an_added_attendee_is_told_alone;
    53 meetings::a_removed_attendee_gets_a_cancellation;
    53 meetings::roles_come_and_go;
    54 meetings::cancel_as_organizer;
    55 meetings::delete_as_organizer_and_attendee;
    55 writing::deleted_events_can_be_taken_back_or_not;
    55 writing::delete_for_good needs PermanentDelete;
    56 meetings::each_answer_on_event_and_invitation;
    56 meetings::what_cannot_be_answered;
    57 meetings::another_time_is_proposed needs ProposeNewTime;
    57 meetings::proposals_that_mean_nothing;
    58 meetings::a_forwarded_meeting_reaches_others;
    59 occurrences::one_occurrence_of_a_series;
    59 occurrences::one_occurrence_is_cancelled;
    59 occurrences::this_and_following_change;
    59 occurrences::this_and_following_move;
    59 occurrences::attendees_hear_of_a_split;
    59 occurrences::this_and_following_deleted;
    59 occurrences::what_cannot_be_split;
    59 occurrences::a_split_that_fails_changes_nothing;
    60 occurrences::an_occurrence_may_not_cross_its_neighbour;
    61 availability::many_people_over_many_days;
    61 availability::a_server_that_takes_less;
    61 availability::short_windows_and_repeated_addresses;
    62 availability::an_unknown_address_fails_alone;
    62 availability::groups_count_as_their_members;
    63 availability::slots_are_the_busiest_of_what_overlaps;
    63 availability::elsewhere_is_not_tentative needs WorkingElsewhere;
    64 availability::rights_are_reported;
    65 availability::cancelled_and_free_make_nobody_busy;
    95 guard::refused_writes_make_no_request;
    95 guard::deferred_writes_pass_once_approved;
    95 guard::what_passes_is_written_down;
    95 guard::a_guard_may_see_the_event;
    95 guard::reading_asks_nobody;
    95 guard::nothing_below_a_guard_can_be_reached;
    0 any_event::any_event_returns;
    0 any_event::any_change_is_made;
    0 any_event::any_exception_returns;
    73 any_message::any_draft_returns;
    73 any_message::any_change_to_a_draft_is_made;
    66 sending::what_is_sent_arrives;
    66 sending::files_arrive;
    66 sending::a_picture_within_the_body needs InlineAttachments;
    66 sending::two_forms_of_one_text;
    66 sending::receipts_are_asked_for;
    66 sending::in_the_name_of_others;
    66 sending::from_a_shared_mailbox;
    66 sending::later;
    66 sending::nothing_is_read;
    67 sending::nobody_to_send_to;
    68 sending::copies_or_none;
    68 sending::a_copy_in_a_folder needs ChooseSentFolder;
    69 sending::the_message_id_is_known;
    70 drafts::what_is_wrong_is_refused_before_any_request;
    71 content::mime_comes_out_as_it_went_in;
    71 content::mime_is_sent_as_it_is;
    71 content::mime_with_blind_copies;
    71 content::mime_is_sent_once;
    71 content::mime_that_is_wrong;
    72 replies::answers_and_forwards;
    72 replies::passed_on_without_a_to;
    72 replies::others_are_added;
    72 replies::drafts_of_answers;
    73 drafts::from_nothing_to_sent;
    73 drafts::one_key_one_draft;
    73 drafts::a_failed_attachment_leaves_nothing;
    73 drafts::properties_of_ones_own_return;
    73 sending::a_draft_is_sent;
    74 message_writing::sent_mail_stays_as_it_is;
    77 message_writing::marked_in_batches;
    77 message_writing::many_messages_take_few_requests;
    78 message_writing::moved_and_copied;
    79 message_writing::deleted_three_ways;
    79 message_writing::what_was_deleted_can_be_taken_back needs RecoverableItems;
    81 content::attachments_of_every_size;
    81 content::attachments_come_and_go;
    82 content::attached_items_are_told_apart;
    82 content::attachments_within_the_body needs InlineAttachments;
    83 following::the_first_round_is_complete;
    84 following::each_change_shows_up;
    85 following::a_token_is_good_after_every_page;
    85 following::tokens_of_something_else;
    86 following::a_state_that_expired;
    87 following::views_equal_fresh_listings;
    75 messages::each_condition;
    75 messages::any_condition_is_exact;
    75 messages::wrong_conditions_make_no_request;
    75 messages::drafts_are_told_from_mail;
    75 messages::messages_of_a_conversation needs Conversations;
    75 messages::nothing_is_lost_while_mail_arrives;
    75 messages::more_at_once_than_fit_a_page;
    75 messages::pages_come_on_demand;
    76 messages::words_are_searched_for needs ContentSearch;
    0 messages::by_id_in_order;
    0 messages::all_there_is_to_know;
    0 messages::a_text_without_what_it_quotes needs Conversations;
    0 messages::flags_are_read;
    0 messages::messages_about_meetings;
    0 messages::what_is_no_message_is_passed_over;
    5 messages::mail_of_others;
    80 folders::the_tree_of_a_mailbox;
    80 folders::hidden_folders;
    80 folders::folders_that_every_mailbox_has;
    79 folders::what_can_be_recovered needs RecoverableItems;
    80 folders::made_renamed_moved_and_deleted;
    80 folders::what_may_not_be_done_to_folders;
    80 folders::folders_are_emptied;
    80 folders::a_folder_that_is_not_read_back;
    5 folders::folders_of_others;
    83 message_sync::the_first_round_has_all_messages;
    84 message_sync::each_change_of_a_message_shows_up;
    84 message_sync::any_edits_of_a_folder;
    84 message_sync::folders_are_followed;
    85 message_sync::message_tokens_are_good_after_every_page;
    85 message_sync::message_tokens_of_something_else;
    86 message_sync::message_states_expire;
    0 message_sync::a_busy_server_is_no_progress;
    91 robustness::a_lost_answer_is_not_asked_for_again;
    91 robustness::what_is_written_but_not_read_back;
    91 sending::a_lost_answer_is_not_asked_for_again;
    91 sending::one_key_one_mail;
    91 sending::calls_at_once_make_one_mail;
    91 sending::what_the_server_refuses_leaves_nothing;
    91 replies::one_key_one_answer;
    93 message_writing::a_busy_server_is_asked_again_for_what_it_refused;
    92 robustness::answers_that_are_none;
    94 robustness::unknown_things_are_read_over;
}

// What is about EWS itself: its ways to say who acts, its errors, its servers' oddities.
cases! { ON_EWS:
    29 people::addresses_of_the_directory;
    29 people::a_failed_look_up_costs_no_event;
    5 access::a_denial_names_the_command;
    3 access::a_version_that_is_too_new;
    3 access::errors_say_who_answered;
    0 messages::authors_by_their_addresses;
    0 messages::a_damaged_message_ends_no_list;
    0 message_sync::a_damaged_message_does_not_stop_a_round;
    82 content::links_are_not_opened;
    17 reading::an_event_that_vanishes_is_left_out;
    5 access::acting_by_security_identifier;
    0 message_sync::an_answer_without_a_state_is_none;
    0 message_sync::a_read_flag_comes_alone;
    0 messages::an_event_is_no_message;
    72 replies::an_answer_takes_two_requests;
    66 sending::a_file_costs_steps_on_old_servers;
}

// What is about Graph itself.
cases! { ON_GRAPH:
    0 cross_check::any_writes_are_read_the_same;
    90 on_graph::a_token_expires_in_mid_listing;
    5 on_graph::a_denial_names_the_permission;
    5 on_graph::the_least_permission_is_enough;
    89 on_graph::more_at_once_than_the_server_takes;
    72 replies::an_answer_in_plain_words_takes_one_request;
}

/// How long a case may take on the slowest machine before it counts as one that never ends.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(600);

/// Runs the lists of a front, and reports everything that failed at once.
async fn run(front: Front) {
    let only = std::env::var("CONFORMANCE").ok();
    let own = match front {
        Front::Ews(_) => ON_EWS,
        Front::Graph => ON_GRAPH,
    };
    let mut failures = Vec::new();
    let mut ran = 0;
    for case in ALL.iter().chain(own) {
        let is_asked = |names: &str| names.split(',').any(|name| name == case.name);
        if only.as_deref().is_some_and(|names| !is_asked(names)) {
            continue;
        }
        ran += 1;
        // A case that waits for ever is a failure, and keeps no other from running.
        let outcome = tokio::time::timeout(PATIENCE, outcome(*case, front)).await;
        let outcome = outcome.unwrap_or_else(|_| Err(format!("no end within {PATIENCE:?}")));
        if let Err(failure) = outcome {
            failures.push(format!("{} {}: {failure}", case.number, case.name));
        }
    }
    assert!(ran > 0, "no case is called {only:?}");
    if front == Front::Graph && only.is_none() {
        judge_reaches_far();
    }
    assert!(
        failures.is_empty(),
        "{} of {ran} cases failed on {front:?}:\n\n{}\n",
        failures.len(),
        failures.join("\n\n")
    );
}

/// Says how much of what went over Graph was judged. What is not in the document is known.
fn judge_reaches_far() {
    let Some(judge) = Judge::find() else { return };
    let Reach { bodies, beyond } = judge.reach();
    println!(
        "judged by the document of Graph: {bodies} requests and answers; beyond it: {beyond:#?}"
    );
    assert!(
        bodies > 4000,
        "only {bodies} requests and answers were judged"
    );
    let unknown: Vec<_> = beyond
        .keys()
        .filter(|operation| !BEYOND.contains(&operation.as_str()))
        .collect();
    assert!(
        unknown.is_empty(),
        "not in the document of Graph: {unknown:?}"
    );
}

/// What of Graph the document leaves out.
const BEYOND: &[&str] = &[
    "GET /me/mailFolders/inbox/messageRules",
    "POST /me/mailFolders/inbox/messageRules",
    "GET /me/mailFolders/inbox/messageRules/{id}",
    "PATCH /me/mailFolders/inbox/messageRules/{id}",
    "DELETE /me/mailFolders/inbox/messageRules/{id}",
    "POST /me/getMailTips",
];

async fn outcome(case: Case, front: Front) -> Result<(), String> {
    let backend = Arc::new(Backend::start(front).await);
    let task = tokio::spawn({
        let backend = Arc::clone(&backend);
        async move { (case.check)(&backend).await }
    });
    let result = match task.await {
        Ok(result) => result,
        Err(failed) => {
            return Err(failed
                .try_into_panic()
                .map_or_else(|e| e.to_string(), words));
        }
    };
    let capabilities = backend.connector("alice").capabilities();
    let is_absent = case
        .needs
        .is_some_and(|feature| capabilities.support(feature) == Support::No);
    let (expected, requests) = match (&result, is_absent) {
        (Ok(()), false) => (true, 0),
        (Err(error), true) => (error.kind() == ErrorKind::Unsupported, backend.requests()),
        _ => (false, 0),
    };
    if !expected {
        let wanted = if is_absent { "Unsupported" } else { "success" };
        return Err(format!("{wanted} was expected, but it ended in {result:?}"));
    }
    if requests > 0 {
        return Err(format!("refused, but only after {requests} requests"));
    }
    match backend.violations().as_slice() {
        [] => Ok(()),
        violations => Err(format!("against the schema:\n{}", violations.join("\n"))),
    }
}

/// What a panic said.
fn words(panic: Box<dyn Any + Send>) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "a panic without words".to_owned())
}

#[tokio::test]
async fn exchange_2007_sp1() {
    run(Front::Ews(ServerVersion::Exchange2007Sp1)).await;
}

#[tokio::test]
async fn exchange_2010_sp2() {
    run(Front::Ews(ServerVersion::Exchange2010Sp2)).await;
}

#[tokio::test]
async fn exchange_2013_sp1() {
    run(Front::Ews(ServerVersion::Exchange2013Sp1)).await;
}

#[tokio::test]
async fn exchange_2016() {
    run(Front::Ews(ServerVersion::Exchange2016)).await;
}

#[tokio::test]
async fn graph() {
    run(Front::Graph).await;
}

/// What the runner has to notice, in made-up cases.
#[tokio::test]
async fn the_runner_notices() {
    async fn nothing(_: &Backend) -> Result<()> {
        Ok(())
    }
    async fn refusal(_: &Backend) -> Result<()> {
        Err(Error::unsupported("test", "not here"))
    }
    async fn refusal_by_the_server(b: &Backend) -> Result<()> {
        b.mailbox("alice").list_calendars().collect().await?;
        refusal(b).await
    }
    async fn panic(_: &Backend) -> Result<()> {
        panic!("with words");
    }
    async fn violation(b: &Backend) -> Result<()> {
        let request = "<m:GetFolder><m:Nonsense/></m:GetFolder>";
        b.send_raw("GetFolder", request).await.map(drop)
    }
    async fn violation_on_graph(b: &Backend) -> Result<()> {
        // Graph reads names in any case; the document knows one.
        let status = b.post_message(r#"{"importance":"HIGH"}"#).await;
        assert_eq!(status, "HTTP/1.1 201 Created");
        Ok(())
    }
    async fn right_on_graph(b: &Backend) -> Result<()> {
        b.post_message(r#"{"importance":"high"}"#).await;
        Ok(())
    }
    let noticed_on = async |front, check: Check, needs| {
        let case = Case {
            number: 0,
            name: "made up",
            needs,
            check,
        };
        outcome(case, front).await
    };
    let noticed = async |check: Check, needs| {
        noticed_on(Front::Ews(ServerVersion::Exchange2007Sp1), check, needs).await
    };
    // That version has not this feature.
    let absent = Some(Feature::ZonePerEnd);
    assert_eq!(noticed(|b| Box::pin(nothing(b)), None).await, Ok(()));
    assert_eq!(noticed(|b| Box::pin(refusal(b)), absent).await, Ok(()));
    for (check, needs, words) in [
        (
            (|b| Box::pin(nothing(b))) as Check,
            absent,
            "Unsupported was expected",
        ),
        (|b| Box::pin(refusal(b)), None, "success was expected"),
        (|b| Box::pin(refusal_by_the_server(b)), absent, "after"),
        (|b| Box::pin(panic(b)), None, "with words"),
        (|b| Box::pin(violation(b)), None, "against the schema"),
    ] {
        let failure = noticed(check, needs).await.unwrap_err();
        assert!(failure.contains(words), "{words} in {failure}");
    }
    if Judge::find().is_some() {
        let right = noticed_on(Front::Graph, |b| Box::pin(right_on_graph(b)), None).await;
        assert_eq!(right, Ok(()));
        let wrong = noticed_on(Front::Graph, |b| Box::pin(violation_on_graph(b)), None).await;
        let wrong = wrong.unwrap_err();
        assert!(wrong.contains("POST /me/messages request"), "{wrong}");
    }
}
