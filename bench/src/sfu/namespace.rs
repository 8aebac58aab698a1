//! A network of the benchmark's own, so that nothing of the machine's is touched and nothing else talks in it.
//!
//! The one rule: everything under measurement is inside, servers and load alike. Janus uses no loopback address, so there
//! is an interface pair with addresses, one for servers and one for clients; the packets go the kernel's short way
//! between them, for both are this machine's.

use std::{
    net::{IpAddr, Ipv4Addr},
    os::unix::process::ExitStatusExt as _,
    process::Command,
};

use crate::Outcome;

/// Where servers listen.
pub(super) const SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 77, 0, 1));
/// Where clients are.
pub(super) const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 77, 0, 2));
/// The interface that has those addresses.
pub(super) const INTERFACE: &str = "bench0";
/// Set for the program that runs inside.
const INSIDE: &str = "SWITCHBOARD_BENCH_INSIDE";

/// Whether this program runs inside.
pub(super) fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

/// Runs this program again, inside; it fails as that one fails.
pub(super) fn run_inside() -> Outcome {
    if !rustix::process::geteuid().is_root() {
        return Err("sfu needs root, for a network namespace of its own: sudo target/dist/switchboard-bench sfu".into());
    }
    let mut command = Command::new("unshare");
    command.arg("--net").arg(std::env::current_exe()?).args(std::env::args_os().skip(1)).env(INSIDE, "1");
    let status = command.status().map_err(|error| format!("unshare (util-linux): {error}"))?;
    match (status.code(), status.signal()) {
        (Some(0), _) => Ok(()),
        (Some(code), _) => Err(format!("it ended with status {code}").into()),
        (None, signal) => Err(format!("it was ended by signal {}", signal.unwrap_or_default()).into()),
    }
}

/// Makes the interfaces. They vanish with the namespace.
pub(super) fn set_up() -> Outcome {
    let (server, client) = (format!("{SERVER}/24"), format!("{CLIENT}/24"));
    for words in [
        vec!["link", "set", "lo", "up"],
        vec!["link", "add", INTERFACE, "type", "veth", "peer", "name", "bench1"],
        vec!["address", "add", &server, "dev", INTERFACE],
        vec!["address", "add", &client, "dev", INTERFACE],
        vec!["link", "set", INTERFACE, "up"],
        vec!["link", "set", "bench1", "up"],
    ] {
        let status = Command::new("ip").args(&words).status().map_err(|error| format!("ip (iproute2): {error}"))?;
        if !status.success() {
            return Err(format!("ip {} failed", words.join(" ")).into());
        }
    }
    Ok(())
}
