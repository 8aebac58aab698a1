use std::{env, fs, num::NonZeroUsize};

use super::*;

/// A settings file that is gone with the test.
struct File(PathBuf);

impl File {
    fn new(text: &str) -> Self {
        let path = env::temp_dir().join(crate::ids::request_id());
        fs::write(&path, text).unwrap();
        Self(path)
    }

    fn flag(&self) -> String {
        format!("--config={}", self.0.display())
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// The command without what this machine's environment says.
fn command() -> Command {
    Config::command().mut_args(|arg| arg.env(clap::builder::Resettable::Reset))
}

fn load(arguments: &[&str]) -> Result<Config, clap::Error> {
    Config::load_with(command(), arguments.iter().map(OsString::from))
}

fn refusal(arguments: &[&str]) -> String {
    load(arguments).unwrap_err().to_string()
}

#[test]
fn the_command_is_sound() {
    Config::command().debug_assert();
    let help = refusal(&["--help"]);
    assert!(help.contains("--public-url <URL>") && help.contains("SIGHUP"), "{help}");
}

#[test]
fn defaults() {
    let config = load(&[]).unwrap();
    assert_eq!(config.listen, "127.0.0.1:4747".parse().unwrap());
    assert_eq!(config.media, [config.listen]);
    assert!(config.media_tcp && config.media_address.is_empty() && config.media_shards.is_none());
    assert_eq!((config.region.as_str(), config.account.as_str()), ("us-east-1", "123456789012"));
    assert_eq!((config.limits, config.log_format), (Quotas::Default, LogFormat::Text));
    assert!(config.data.is_none() && config.public_url.is_none() && config.access_keys.is_empty());
    assert!(!config.insecure_any_credentials && !config.movable_clock);
    assert!(config.max_sockets < config.max_connections);
}

#[test]
fn every_setting_has_a_variable_of_its_name() {
    for arg in Config::command().get_arguments() {
        let flag = arg.get_long().unwrap();
        // A variable that holds several says so, if it has ever held more than one.
        let held_one = ["media", "media-address"].contains(&flag);
        let plural = if matches!(arg.get_action(), ArgAction::Append) && !held_one { "S" } else { "" };
        let variable = format!("SWITCHBOARD_{}{plural}", flag.to_uppercase().replace('-', "_"));
        assert_eq!(arg.get_env(), Some(variable.as_ref()), "{flag}");
        assert!(arg.get_help().is_some(), "{flag}");
    }
}

#[test]
fn flags() {
    let config = load(&[
        "--listen=[::1]:0",
        "--media=localhost:5000,[::1]:5000",
        "--media=192.0.2.1:80",
        "--media-address=203.0.113.1",
        "--media-address=2001:db8::1",
        "--media-tcp=false",
        "--media-shards=3",
        "--data=/srv/switchboard",
        "--region=eu-west-2",
        "--public-url=https://chat.example.com/",
        "--access-key=A:1,B:2",
        "--access-key=C:3",
        "--insecure-any-credentials",
        "--movable-clock=true",
        "--limits=aws",
        "--log-format=json",
        "--log=warn,switchboard_server=trace",
        "--cors-origin=HTTPS://Shop.example.com,*",
        "--drain-seconds=3",
    ])
    .unwrap();
    assert_eq!(config.listen, "[::1]:0".parse().unwrap());
    let media: Vec<String> = config.media.iter().map(ToString::to_string).collect();
    assert_eq!(media, ["127.0.0.1:5000", "[::1]:5000", "192.0.2.1:80"]);
    let outer: Vec<String> = config.media_address.iter().map(ToString::to_string).collect();
    assert_eq!(outer, ["203.0.113.1", "2001:db8::1"]);
    assert_eq!((config.media_tcp, config.media_shards), (false, NonZeroUsize::new(3)));
    assert_eq!(config.public_url.unwrap(), "https://chat.example.com");
    assert_eq!(config.access_keys.iter().map(|key| key.id.as_str()).collect::<Vec<_>>(), ["A", "B", "C"]);
    assert!(config.insecure_any_credentials && config.movable_clock);
    assert_eq!(config.cors_origins, ["https://shop.example.com", "*"]);
    assert_eq!(config.drain_seconds, 3);
}

#[test]
fn ice_servers_become_links() {
    let config =
        load(&["--ice-server=stun:a.example.com:3478", "--ice-server=turn:b.example.com?transport=tcp,me,a,b"]);
    let config = config.unwrap();
    let links: Vec<&str> = config.ice_servers.iter().map(IceServer::link).collect();
    let turn = r#"<turn:b.example.com?transport=tcp>; rel="ice-server"; username="me"; credential="a,b"; credential-type="password""#;
    assert_eq!(links, [r#"<stun:a.example.com:3478>; rel="ice-server""#, turn]);
    for wrong in ["http://a", "turn:a", "stun:a,b,c", "stun:a\"", "stun"] {
        assert!(refusal(&[&format!("--ice-server={wrong}")]).contains("expected stun:"), "{wrong}");
    }
}

#[test]
fn sinks_are_found_by_topic() {
    let one = "arn:aws:sns:us-east-1:123456789012:one";
    let config =
        load(&[&format!("--stream-sink={one}=http://127.0.0.1:1/a?b=c"), "--default-stream-sink=http://[::1]:2"]);
    let config = config.unwrap();
    assert_eq!(config.sink_for(one).unwrap().to_string(), "http://127.0.0.1:1/a?b=c");
    assert_eq!(config.sink_for("arn:aws:sns:us-east-1:123456789012:two").unwrap().to_string(), "http://[::1]:2");
    assert_eq!(load(&[]).unwrap().sink_for(one), None);
}

#[test]
fn wrong_values_are_named() {
    for (argument, why) in [
        ("--listen=4747", "expected an address and a port"),
        ("--region=US East", "expected a region"),
        ("--account=123", "expected 12 digits"),
        ("--public-url=chat.example.com", "expected a URL"),
        ("--public-url=ftp://example.com", "expected a URL"),
        ("--public-url=https://example.com/chat", "without a path"),
        ("--access-key=secret", "not ID:SECRET"),
        ("--cors-origin=example.com", "expected an origin"),
        ("--cors-origin=https://example.com/page", "expected an origin"),
        ("--stream-sink=http://127.0.0.1", "TOPIC_ARN=URL"),
        ("--stream-sink=topic=http://127.0.0.1", "expected the ARN"),
        ("--limits=none", "possible values: default, aws"),
        ("--log=a=b=c", "error parsing level filter"),
        ("--max-sockets=many", "invalid digit"),
        ("--no-such-flag", "unexpected argument"),
    ] {
        let refusal = refusal(&[argument]);
        assert!(refusal.contains(why), "{argument}: {refusal}");
    }
}

#[test]
fn anybody_is_let_in_on_loopback_only() {
    let refused = refusal(&["--insecure-any-credentials", "--listen=0.0.0.0:4747"]);
    assert!(refused.contains("lets everybody in, so it is refused at 0.0.0.0:4747"), "{refused}");
    let config = load(&["--insecure-any-credentials"]).unwrap();
    assert!(config.check_exposure("127.0.0.2:1".parse().unwrap()).is_ok());
    assert!(config.check_exposure("192.0.2.1:1".parse().unwrap()).is_err());
    assert!(load(&[]).unwrap().check_exposure("192.0.2.1:1".parse().unwrap()).is_ok());
}

#[test]
fn a_file_gives_every_kind_of_value() {
    let file = File::new(
        r#"
        listen = "127.0.0.1:0"
        max-sockets = 7
        movable-clock = true
        access-key = ["A:1", "B:2"]
        cors-origin = "https://one.example"

        [stream-sink]
        "arn:aws:sns:us-east-1:123456789012:one" = "http://127.0.0.1:1/"
        "#,
    );
    let config = load(&[&file.flag()]).unwrap();
    assert_eq!(config.listen.port(), 0);
    assert_eq!(config.max_sockets, 7);
    assert!(config.movable_clock);
    assert_eq!(config.access_keys.len(), 2);
    assert_eq!(config.cors_origins, ["https://one.example"]);
    assert!(config.sink_for("arn:aws:sns:us-east-1:123456789012:one").is_some());
}

#[test]
fn a_flag_wins_over_a_variable_and_a_variable_over_the_file() {
    let file = File::new("data = \"/from/file\"\nregion = \"from-file\"\nmovable-clock = true\naccess-key = [\"F:1\"]");
    // A variable that every environment has stands in for ours.
    let with_variable = || command().mut_arg("data", |arg| arg.env("PATH"));
    let load = |arguments: &[&str]| {
        let arguments = std::iter::once(file.flag()).chain(arguments.iter().map(ToString::to_string));
        Config::load_with(with_variable(), arguments.map(OsString::from)).unwrap()
    };
    let config = load(&["--movable-clock=false", "--access-key=G:2"]);
    assert_eq!(config.data.as_deref(), env::var_os("PATH").as_deref().map(AsRef::as_ref));
    assert_eq!(config.region, "from-file");
    assert!(!config.movable_clock);
    assert_eq!(config.access_keys.iter().map(|key| key.id.as_str()).collect::<Vec<_>>(), ["G"]);
    assert_eq!(load(&["--data=/from/flag"]).data, Some("/from/flag".into()));
}

#[test]
fn a_wrong_file_is_named_with_what_is_wrong() {
    for (text, why) in [
        ("listn = \"127.0.0.1:0\"", "listn: there is no such setting"),
        ("config = \"other.toml\"", "config: there is no such setting"),
        ("help = true", "help: there is no such setting"),
        ("region = [\"a\", \"b\"]", "region: expected a text"),
        ("max-sockets = 1.5", "max-sockets: expected"),
        ("access-key = [[\"A:1\"]]", "access-key: expected a text, or a list"),
        ("region = ", "TOML parse error"),
        ("max-sockets = -1", "--max-sockets"),
    ] {
        let file = File::new(text);
        let refusal = refusal(&[&file.flag()]);
        assert!(refusal.contains(why), "{text}: {refusal}");
    }
    let refusal = refusal(&["--config=/no/such/file"]);
    assert!(refusal.contains("/no/such/file: No such file"), "{refusal}");
}
