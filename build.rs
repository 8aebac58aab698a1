//! How the program is linked: so that it starts quickly. A command of the command line lives for a few milliseconds.
//!
//! The program can be loaded anywhere, so the loader first writes some forty thousand addresses, most of them the
//! server's. Packed (`DT_RELR`, binutils 2.38 and glibc 2.36 or newer; older linkers say that they ignore it) their list
//! is a few kilobytes and not more than a megabyte. And each library that the loader must find, map and bind costs a
//! tenth of a millisecond, so the unwinder of the C compiler becomes part of the program.
//!
//! What that is worth is in `bench/README.md`, part `cli`.

use std::{env, fs, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |what: &str| env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
        link_the_unwinder();
    }
}

/// The standard library asks for the shared `libgcc_s`, whatever `-static-libgcc` says. A linker script of that name, in a
/// folder that is searched first, leads to the archive with the same functions.
fn link_the_unwinder() {
    let folder = env::var("OUT_DIR").expect("cargo says where to write");
    fs::write(Path::new(&folder).join("libgcc_s.so"), "INPUT(-lgcc_eh)\n").expect("the folder takes files");
    println!("cargo::rustc-link-search=native={folder}");
}
