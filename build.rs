//! How the program is linked: with its addresses packed.
//!
//! A command of the command line lives for a few milliseconds. The program can be loaded anywhere, so the loader first
//! writes some fifty thousand addresses, most of them the server's. Packed (`DT_RELR`, binutils 2.38 and glibc 2.36 or
//! newer; older linkers say that they ignore it) their list is a few kilobytes and not more than a megabyte. What that
//! is worth is in `bench/README.md`, part `cli`.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |what: &str| env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
