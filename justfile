# The project's chores by name. `just` lists them; each also runs by hand as written.

default:
    @just --list

# Build the one binary, as it is shipped: target/dist/switchboard.
build:
    cargo build --profile dist

# Start a server in memory with something to look at.
demo:
    cargo run --release -- demo

# Every test. Words narrow it: `just test python`.
test *args:
    cargo xtask test {{args}}

# Formatting, lints and the project's own checks.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo xtask tidy

# What every change must pass.
ci:
    .ci/run

# Licences, advisories and sources of the dependencies (needs `cargo install cargo-deny`).
deny:
    cargo deny check

# Make models/ again from the pinned botocore.
models:
    cargo xtask models

# Write docs/coverage.md anew, after a change of what is served.
coverage:
    cargo xtask coverage

# Fail if models/ is not what the pinned botocore gives.
models-check:
    cargo xtask models --check

# The API of our own crates, generated types included.
doc:
    cargo doc --workspace --no-deps --open

# Benchmarks beside their floors and peers.
bench *args:
    cargo build --profile dist
    cargo run --profile dist --package switchboard-bench -- {{args}}

sancov := "-Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"

# Let libFuzzer look for bad input for some seconds: `just fuzz offer 60`. Its flags are those of cargo-fuzz without a
# sanitizer, which the project's own compiler takes: there is no unsafe code of ours to watch.
fuzz target seconds="60":
    mkdir -p crates/sfu/fuzz/corpus/{{target}} crates/sfu/fuzz/artifacts/{{target}}
    cargo run --package switchboard-sfu-fuzz --bin {{target}} -- crates/sfu/fuzz/corpus/{{target}}
    CARGO_TARGET_DIR=target/fuzz CARGO_PROFILE_DEV_OPT_LEVEL=1 CARGO_PROFILE_DEV_DEBUG=line-tables-only \
    RUSTFLAGS="--cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module {{sancov}}" \
    cargo run --package switchboard-sfu-fuzz --bin {{target}} --features libfuzzer --target {{arch()}}-unknown-linux-gnu -- \
        -max_total_time={{seconds}} -max_len=4096 -rss_limit_mb=4096 \
        -artifact_prefix=crates/sfu/fuzz/artifacts/{{target}}/ crates/sfu/fuzz/corpus/{{target}}
