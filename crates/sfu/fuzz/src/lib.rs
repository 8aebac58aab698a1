//! The bodies of the fuzz targets are those of `crates/sfu/tests/network/fuzz` and `crates/wire/tests/any_token.rs`, which
//! the ordinary tests run over seeded mutants; here libFuzzer looks for what those did not find.
//!
//! Run with `cargo +nightly fuzz run <target>` in `crates/sfu`. A panic that the forwarding unit contains ends the run
//! too, for libFuzzer sees it first: such a find is one of the WebRTC library's.
#![allow(dead_code, missing_docs, reason = "the simulated network has more to it than the targets need")]

#[path = "../../../wire/tests/any_token.rs"]
pub mod any_token;
#[path = "../../tests/network/client.rs"]
pub mod client;
#[path = "../../tests/network/fuzz/mod.rs"]
pub mod fuzz;
#[path = "../../tests/network/link.rs"]
pub mod link;
#[path = "../../tests/network/media.rs"]
pub mod media;
#[path = "../../tests/network/report.rs"]
pub mod report;
#[path = "../../tests/network/world.rs"]
pub mod world;
