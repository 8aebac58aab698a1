//! `switchboard`: the one binary. The first word says which half is meant: the server's own commands, or a service as
//! the `aws` command names it.

use std::{env, ffi::OsString, process::ExitCode};

/// A request makes and frees some fifty small values; this allocator does so in half the time of the C library's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let mut arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let command = arguments.first().and_then(|first| first.to_str()).unwrap_or("-h").to_owned();
    let rest = |arguments: &mut Vec<OsString>| arguments.drain(..).skip(1).collect();
    let asks_for_help = arguments.get(1).is_some_and(|word| word == "help");
    match command.as_str() {
        "serve" | "demo" | "env" if asks_for_help => {
            // The pages are the other half's, which knows them as `help serve`.
            arguments.swap(0, 1);
            switchboard_cli::run(arguments)
        }
        "serve" => switchboard_server::serve(rest(&mut arguments)),
        "demo" => switchboard_server::demo(rest(&mut arguments)),
        "env" => switchboard_server::env(rest(&mut arguments)),
        "-h" if arguments.len() <= 1 => {
            println!("{}", HELP.trim());
            ExitCode::SUCCESS
        }
        // Everything else is the other half's: a service, an option before it, a command of its own, or a word nobody
        // knows.
        _ => switchboard_cli::run(arguments),
    }
}

const HELP: &str = "
switchboard: Amazon Connect chat, the Participant Service and IVS Real-Time, served by your own machine.

The server:
  switchboard demo                 serve from memory with a small contact centre, and print what to try
  switchboard serve [OPTIONS]      serve; --help is the manual of every setting
  switchboard env [--data DIR]     print the environment for AWS clients, to be eval'ed

The command line, as the aws command:
  switchboard SERVICE OPERATION [OPTIONS]
  services: connect, connectparticipant, ivs-realtime, lexv2-runtime, lexv2-models, lex-runtime
  switchboard tail CONTACT|STAGE   follow a chat or a stage live
  switchboard configure            ask for keys, region and output format, and keep them
  switchboard complete SHELL       print the script that makes bash, zsh or fish complete all this
  switchboard help                 the manual; also behind a service or an operation

Not affiliated with Amazon. Amazon Connect, Amazon IVS and Amazon Lex are names of Amazon.com, Inc. or its affiliates.
";
