//! What clients say they are.

use switchboard_domain::stage::Client;

#[test]
fn user_agents_are_told_apart() {
    let cases = [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0.0.0 \
             Safari/537.36",
            (Some("Google Chrome"), Some("116.0.0.0"), Some("Microsoft Windows"), Some("10.0")),
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0.0.0 \
             Safari/537.36 Edg/116.0.1938.69",
            (Some("Microsoft Edge"), Some("116.0.1938.69"), Some("Microsoft Windows"), Some("10.0")),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
             Version/17.4.1 Mobile/15E148 Safari/604.1",
            (Some("Safari"), Some("17.4.1"), Some("iOS"), Some("17.4.1")),
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            (Some("Firefox"), Some("128.0"), Some("Linux"), None),
        ),
        ("OBS-Studio/30.2.3", (Some("OBS Studio"), Some("30.2.3"), None, None)),
        (
            "Mozilla/5.0 (OBS-Studio/32.1.0; Windows x86_64; en-US)",
            (Some("OBS Studio"), Some("32.1.0"), Some("Microsoft Windows"), None),
        ),
        ("Mozilla/5.0 (OBS-Studio/32.1.0; Mac OS X; en-US)", (Some("OBS Studio"), Some("32.1.0"), Some("macOS"), None)),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
             CriOS/124.0.6367.88 Mobile/15E148 Safari/604.1",
            (Some("Google Chrome"), Some("124.0.6367.88"), Some("iOS"), Some("17.4")),
        ),
        ("Lavf/62.3.100", (Some("FFmpeg"), Some("62.3.100"), None, None)),
        ("curl/8", (None, None, None, None)),
        ("", (None, None, None, None)),
    ];
    for (header, expected) in cases {
        let client = Client::from_user_agent(header);
        let found = (
            client.browser_name.as_deref(),
            client.browser_version.as_deref(),
            client.os_name.as_deref(),
            client.os_version.as_deref(),
        );
        assert_eq!(found, expected, "{header}");
    }
}

#[test]
fn only_what_the_fields_may_hold_is_kept() {
    let sdk_version = Some(format!("1.2<script>\u{e9} {}", "x".repeat(300)));
    let client = Client { sdk_version, isp_name: Some("\u{1F600}".to_owned()), ..Client::default() }.clean();
    let kept = client.sdk_version.expect("something");
    assert!(kept.starts_with("1.2script x") && kept.len() == 128, "{kept}");
    assert_eq!(client.isp_name, None);
}
