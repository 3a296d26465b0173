# Everything CI does has a name here. `.ci/run` runs the same steps without `just`.

default: fmt clippy features doc test schema interop acceptors package bench

fmt:
    .ci/run fmt

clippy:
    .ci/run clippy

features:
    .ci/run features

doc:
    .ci/run doc

test:
    .ci/run test

schema:
    .ci/run schema

interop:
    .ci/run interop

acceptors:
    .ci/run acceptors

package:
    .ci/run package

bench:
    .ci/run bench

# Makes src/ews/names.rs from wsdl/.
bless:
    UPDATE=1 cargo test --test it names
