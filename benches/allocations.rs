//! Counts what each contender asks of the allocator, per item. A program of its own, because
//! counting would slow down those that allocate much in `side_by_side`.
#![allow(
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "a bench stops on what it does not expect"
)]

#[allow(dead_code, reason = "each bench uses a part")]
mod support;

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use support::contenders;

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    println!(
        "# allocations <case> <contender> <allocations and reallocations per item> <bytes asked for per item>"
    );
    println!("# write_getitem: per request instead of per item");
    for case in &contenders::checked() {
        let per = if case.name.starts_with("write") {
            1.0
        } else {
            case.items as f64
        };
        for contender in &case.contenders {
            let region = Region::new(COUNTING);
            std::hint::black_box((contender.run)());
            let used = region.change();
            println!(
                "allocations {} {} {:.2} {:.0}",
                case.name,
                contender.name,
                (used.allocations + used.reallocations) as f64 / per,
                used.bytes_allocated as f64 / per
            );
        }
    }
}
