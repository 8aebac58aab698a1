//! The bodies of the fuzz targets are those of `crates/sfu/tests/network/fuzz` and `crates/wire/tests/any_token.rs`, which
//! the ordinary tests run over seeded mutants; here libFuzzer looks for what those did not find.
//!
//! `just fuzz offer 60` runs the target `offer` for a minute, with the project's own compiler. Without the feature
//! `libfuzzer` a target tries the files that are named to it: those that libFuzzer has left in `artifacts`, for one. A
//! panic that the forwarding unit contains ends a run of libFuzzer too, which sees it first: such a find is one of the
//! WebRTC library's.
#![allow(dead_code, missing_docs, reason = "the simulated network has more to it than the targets need")]
#![allow(clippy::new_without_default, clippy::should_implement_trait, reason = "at home none of it is public")]

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

#[cfg(feature = "libfuzzer")]
pub use libfuzzer_sys;

/// The program of a target: what it does with an input, and good input to start from.
#[macro_export]
macro_rules! target {
    (|$input:ident| $body:expr, $corpus:expr) => {
        #[cfg(feature = "libfuzzer")]
        $crate::libfuzzer_sys::fuzz_target!(|$input: &[u8]| $body);

        #[cfg(not(feature = "libfuzzer"))]
        fn main() -> std::io::Result<()> {
            $crate::run(|$input| $body, || $corpus)
        }
    };
}

/// Tries the files that are named on the command line; for a folder, puts what there is to start from there.
///
/// # Errors
/// A file cannot be read or written.
pub fn run(body: impl Fn(&[u8]), corpus: impl Fn() -> Vec<Vec<u8>>) -> std::io::Result<()> {
    for path in std::env::args_os().skip(1).map(std::path::PathBuf::from) {
        if path.is_dir() {
            for (nth, good) in corpus().iter().enumerate() {
                std::fs::write(path.join(format!("good-{nth}")), good)?;
            }
        } else {
            body(&std::fs::read(&path)?);
        }
    }
    Ok(())
}
