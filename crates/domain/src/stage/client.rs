//! What a participant's client says it is: browser, operating system, SDK.
//!
//! The one rule: only what the client sent, cut to what the fields may hold. What cannot be told stays absent.
//!
//! Facts: *Participant* in the Amazon IVS Real-Time API Reference (128 characters of a limited set); the forms of the
//! `User-Agent` header as today's browsers and OBS Studio send it (observed).

use serde::{Deserialize, Serialize};

/// In characters.
const MAX: usize = 128;

/// What is known of a client.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Client {
    /// `browserName`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser_name: Option<String>,
    /// `browserVersion`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser_version: Option<String>,
    /// `osName`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os_name: Option<String>,
    /// `osVersion`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os_version: Option<String>,
    /// `sdkVersion`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sdk_version: Option<String>,
    /// `ispName`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isp_name: Option<String>,
}

/// Product tokens, the more special first: every Edge says that it is Chrome, and every Chrome that it is Safari.
const BROWSERS: [(&str, &str); 13] = [
    ("Edg/", "Microsoft Edge"),
    ("EdgA/", "Microsoft Edge"),
    ("EdgiOS/", "Microsoft Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Google Chrome"),
    ("HeadlessChrome/", "Google Chrome"),
    ("Chrome/", "Google Chrome"),
    ("Version/", "Safari"),
    ("OBS-Studio/", "OBS Studio"),
    ("Lavf/", "FFmpeg"),
];

/// Platform words, the more special first: every Android says that it is Linux, and every iPhone like Mac OS X.
const SYSTEMS: [(&str, &str); 8] = [
    ("Windows NT ", "Microsoft Windows"),
    ("Windows", "Microsoft Windows"),
    ("Android ", "Android"),
    ("iPhone OS ", "iOS"),
    ("CPU OS ", "iPadOS"),
    ("Mac OS X ", "macOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

impl Client {
    /// What a `User-Agent` header says.
    #[must_use]
    pub fn from_user_agent(header: &str) -> Self {
        let (browser_name, browser_version) = named(header, &BROWSERS);
        let (os_name, os_version) = named(header, &SYSTEMS);
        Self { browser_name, browser_version, os_name, os_version, ..Self::default() }.clean()
    }

    /// This with every field in form.
    #[must_use]
    pub fn clean(self) -> Self {
        let clean = |field: Option<String>| field.map(|text| clean_text(&text)).filter(|text| !text.is_empty());
        Self {
            browser_name: clean(self.browser_name),
            browser_version: clean(self.browser_version),
            os_name: clean(self.os_name),
            os_version: clean(self.os_version),
            sdk_version: clean(self.sdk_version),
            isp_name: clean(self.isp_name),
        }
    }

    /// Takes over what `newer` knows.
    pub fn learn(&mut self, newer: Self) {
        let Self { browser_name, browser_version, os_name, os_version, sdk_version, isp_name } = newer.clean();
        let fields = [
            (&mut self.browser_name, browser_name),
            (&mut self.browser_version, browser_version),
            (&mut self.os_name, os_name),
            (&mut self.os_version, os_version),
            (&mut self.sdk_version, sdk_version),
            (&mut self.isp_name, isp_name),
        ];
        for (known, said) in fields {
            if said.is_some() {
                *known = said;
            }
        }
    }
}

/// The first name whose mark stands in the text, and the version behind the mark.
fn named(text: &str, marks: &[(&str, &str)]) -> (Option<String>, Option<String>) {
    let Some((rest, name)) = marks.iter().find_map(|(mark, name)| Some((text.split_once(mark)?.1, *name))) else {
        return (None, None);
    };
    let is_version = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let version: String = rest.chars().take_while(|c| is_version(*c)).collect();
    (Some(name.to_owned()), Some(version.replace('_', ".")).filter(|version| !version.is_empty()))
}

fn clean_text(text: &str) -> String {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-_.,:; ".contains(c);
    text.chars().filter(|c| is_allowed(*c)).take(MAX).collect::<String>().trim().to_owned()
}
