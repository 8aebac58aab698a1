//! Which operation answers at which path.

use switchboard_wire::Router;

fn found(method: &str, path: &str) -> Option<(&'static str, Vec<(&'static str, String)>)> {
    Router::new().find(method, path, || None).map(|found| (found.meta.name, found.labels))
}

#[test]
fn an_encoded_arn_is_one_label() {
    let (name, labels) = found("GET", "/instance/arn%3Aaws%3Aconnect%3Aus-east-1%3A123456789012%3Ainstance%2Fabc/bots")
        .expect("a route");
    assert_eq!(name, "ListBots");
    assert_eq!(labels, [("InstanceId", "arn:aws:connect:us-east-1:123456789012:instance/abc".to_owned())]);
}

#[test]
fn method_and_length_tell_operations_apart() {
    assert_eq!(found("PUT", "/instance/x/bot").map(|f| f.0), Some("AssociateBot"));
    assert_eq!(found("POST", "/instance/x/bot").map(|f| f.0), Some("DisassociateBot"));
    assert_eq!(found("DELETE", "/instance/x/bot").map(|f| f.0), None);
    assert_eq!(found("GET", "/instance").map(|f| f.0), Some("ListInstances"));
    assert_eq!(found("POST", "/participant/disconnect").map(|f| f.0), Some("DisconnectParticipant"));
}

#[test]
fn services_that_share_a_path_are_told_by_the_signature_or_else_by_the_arn() {
    let service = |arn: &str, signed_for: Option<&str>| {
        let found =
            Router::new().find("GET", &format!("/tags/{arn}"), || signed_for.map(str::to_owned)).expect("a route");
        assert_eq!(found.meta.name, "ListTagsForResource");
        found.meta.service
    };
    let (stage, instance) = ("arn%3Aaws%3Aivs%3Ax%3A1%3Astage%2Fy", "arn%3Aaws%3Aconnect%3Ax%3A1%3Ainstance%2Fy");
    assert_eq!(service(stage, None), "ivs-realtime");
    assert_eq!(service(instance, None), "connect");
    assert_eq!(service("nonsense", Some("ivs")), "ivs-realtime");
    assert_eq!(service("nonsense", Some("connect")), "connect");
    assert_eq!(service(stage, Some("connect")), "connect");
    assert_eq!(service(stage, Some("elsewhere")), "ivs-realtime");
}

#[test]
fn nothing_else_answers() {
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/nowhere"),
        ("BREW", "/instance"),
        ("GET", "/instance//bots"),
        ("GET", "/instance/%FF/bots"),
    ] {
        assert_eq!(found(method, path).map(|f| f.0), None, "{method} {path}");
    }
}
