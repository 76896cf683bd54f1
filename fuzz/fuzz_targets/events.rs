//! What AWS tells functions that no request invokes: mails that came back, verdicts on uploads, ticks.
#![no_main]

use std::sync::LazyLock;

use api::Boot;
use fuzz::{Empty, Lines, clock, first_line, runtime, stand_in, tells};
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::Value;
use tokio::runtime::Runtime;

struct Functions {
    empty: Empty,
    runtime: Runtime,
    lines: Lines,
    mail_events: mail_events::App,
    retention: retention::App,
    scan_results: scan_results::App,
}

static FUNCTIONS: LazyLock<Functions> = LazyLock::new(|| {
    let (empty, store) = stand_in();
    let (clock, lines) = (clock(), Lines::keep());
    let ids = Boot::ids(&clock);
    Functions {
        empty,
        runtime: runtime(),
        lines,
        mail_events: mail_events::App { store: store.clone() },
        retention: retention::App { store: store.clone(), clock: clock.clone(), ids: ids.clone() },
        scan_results: scan_results::App { store, clock, ids },
    }
});

fuzz_target!(|input: &[u8]| -> Corpus {
    let Some((function, event)) = first_line(input) else { return Corpus::Reject };
    let Ok(event) = serde_json::from_slice::<Value>(event) else { return Corpus::Reject };
    // The mail service's own name for a mail is logged, if it looks like one.
    if event.pointer("/detail/mail/messageId").and_then(Value::as_str).is_some_and(tells) {
        return Corpus::Reject;
    }
    let functions = &*FUNCTIONS;
    functions.lines.take();
    functions.empty.written();
    let told = event.clone();
    let answered = functions.runtime.block_on(async {
        Some(match function {
            "mail-events" => functions.mail_events.handle(told).await,
            "retention" => functions.retention.handle(told, None).await,
            "scan-results" => functions.scan_results.handle(told).await,
            _ => return None,
        })
    });
    let Some(answered) = answered else { return Corpus::Reject };
    let (logged, written) = (functions.lines.take(), functions.empty.written());
    assert!(!tells(&logged), "a log line says what an event does: {logged}");
    match answered {
        Ok(answer) => match function {
            "mail-events" => stopped(&event["detail"], &answer, written),
            "scan-results" => assert!(answer["outcome"] == "ignored" || answer["outcome"] == "unknown", "{answer}"),
            _ => {}
        },
        // It is logged by what calls the function.
        Err(error) => assert!(!tells(&format!("{error} {error:?}")), "an error says what an event does: {error}"),
    }
    Corpus::Keep
});

/// Mail stops only where it came back for good or somebody complained, and to no more addresses than were told of.
fn stopped(detail: &Value, answer: &Value, written: usize) {
    let Some(count) = answer["suppressed"].as_u64() else { return };
    let of = |kind: &str, list: &str| detail[kind][list].as_array().map_or(0, Vec::len);
    let (bounced, complained) = (of("bounce", "bouncedRecipients"), of("complaint", "complainedRecipients"));
    assert_eq!(count, written as u64);
    assert!(written <= bounced.max(complained));
    assert!(written == 0 || detail["bounce"]["bounceType"] == "Permanent" || complained > 0, "{detail}");
}
