//! Times our reader and writer beside others, in one process and in turns, and prints ratios.
//! `cargo bench --bench side_by_side`; `-- --quick` for a short run, `-- --documents DIRECTORY` to
//! write the documents to files instead. See `benches/README.md`.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench stops on what it does not expect"
)]

#[allow(dead_code, reason = "each bench uses a part")]
mod support;

use support::contenders::{self, Case};
use support::{documents, ours, stopwatch};

const ROUNDS: usize = 30;
const QUICK_ROUNDS: usize = 5;

const HEADER: &str = "\
# time <case> <contender> <milliseconds> <megabytes per second> <times the first contender of the case>
# ratio <case> <ours/other> <number>: our time divided by the other's, below 1 means that we are faster;
#   `ours/bare` is bound by 2.0, `ours/ews` by 0.588, which is 1.7 times as fast
# bare: quick-xml 0.42.0 event loop that keeps nothing; ews: crate `ews` 0.1.2; serde: quick-xml 0.42.0
#   serde into owned structs of the same properties; roxmltree: tree of the whole document
# every reader gets the same text, and its result is dropped inside the measured time";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = arguments
        .iter()
        .position(|argument| argument == "--documents")
    {
        write_documents(
            arguments
                .get(at + 1)
                .expect("--documents wants a directory"),
        );
        return;
    }
    let given = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let rounds = if !given("--bench") {
        1 // `cargo test --benches`: only see that everybody reads and writes
    } else if given("--quick") || std::env::var_os("BENCH_QUICK").is_some() {
        QUICK_ROUNDS
    } else {
        ROUNDS
    };

    println!("{HEADER}");
    println!(
        "# {}, least of {rounds} interleaved rounds",
        stopwatch::CLOCK
    );
    if ours::OURS.is_none() {
        println!(
            "# `ours` is not plugged in (benches/support/ours.rs): its lines and all ratios are missing"
        );
    }
    for case in &contenders::checked() {
        report(case, &stopwatch::least_seconds(case, rounds));
    }
}

fn report(case: &Case, seconds: &[f64]) {
    println!(
        "# {}: {} items, {} bytes",
        case.name, case.items, case.bytes
    );
    if !case.remark.is_empty() {
        println!("#   {}", case.remark);
    }
    for (contender, time) in case.contenders.iter().zip(seconds) {
        println!(
            "time {} {} {:.4} {:.1} {:.2}",
            case.name,
            contender.name,
            time * 1e3,
            case.bytes as f64 / time / 1e6,
            time / seconds[0]
        );
    }
    let Some(ours) = case
        .contenders
        .iter()
        .position(|contender| contender.name == "ours")
    else {
        return;
    };
    for (other, time) in case
        .contenders
        .iter()
        .zip(seconds)
        .filter(|(other, _)| other.name != "ours")
    {
        println!(
            "ratio {} ours/{} {:.3}",
            case.name,
            other.name,
            seconds[ours] / time
        );
    }
}

/// For a look at the documents, and for validating them against Microsoft's schema.
fn write_documents(directory: &str) {
    for (name, xml) in [
        ("finditem_calendar", documents::find_item_calendar()),
        ("getitem_messages", documents::get_item_messages()),
        ("syncfolderitems", documents::sync_folder_items()),
    ] {
        let path = std::path::Path::new(directory)
            .join(name)
            .with_extension("xml");
        std::fs::write(&path, xml).expect("the directory can be written to");
        println!("{}", path.display());
    }
}
