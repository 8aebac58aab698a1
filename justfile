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
