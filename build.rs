//! How the program is linked: to a fixed address.
//!
//! A command of the command line lives for a few milliseconds. In a program that can be loaded anywhere the loader first
//! writes some fifty thousand addresses, most of them the server's, into a megabyte of memory of its own: that was a
//! third of the time of a command and two fifths of its memory (`bench/README.md`, part `cli`). Linked to a fixed
//! address it has nothing to write. The price is that the program's own code and tables stand where they stand; the
//! libraries, the heap and the stacks are still placed at random. Go links its programs the same way.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |what: &str| env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
