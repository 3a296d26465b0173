//! Criterion benches of writing requests: `cargo bench --bench write`.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench stops on what it does not expect"
)]

#[allow(dead_code, reason = "each bench uses a part")]
mod support;

use criterion::{Criterion, Throughput};
use support::contenders;

fn main() {
    let mut criterion = Criterion::default().sample_size(20).configure_from_args();
    for case in [contenders::writing()] {
        let mut group = criterion.benchmark_group(case.name);
        group.throughput(Throughput::Bytes(case.bytes as u64));
        for contender in &case.contenders {
            group.bench_function(contender.name, |bencher| bencher.iter(&contender.run));
        }
        group.finish();
    }
    criterion.final_summary();
}
