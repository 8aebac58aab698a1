//! One item of a chat as one line: when, who, and what.
//!
//! What a person wrote is never trusted with the terminal: line ends and other control characters are written out.

use std::time::SystemTime;

use serde_json::Value;
use time::OffsetDateTime;

const EVENT: &str = "application/vnd.amazonaws.connect.event.";

/// The line of an item; `None` for a part of a message that is still being written.
pub(super) fn of(item: &Value) -> Option<String> {
    let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
    if item.pointer("/MessageMetadata/MessageCompleted") == Some(&Value::Bool(false)) {
        return None;
    }
    let what = match text("Type") {
        "MESSAGE" => text("Content").to_owned(),
        "ATTACHMENT" => files(item),
        "MESSAGEMETADATA" => receipt(item),
        _ => event(text("ContentType"), text("Content")),
    };
    let (role, name) = (text("ParticipantRole"), text("DisplayName"));
    let name = if name.is_empty() { String::new() } else { format!("{name}: ") };
    Some(visible(&format!("{} {role:<10} {name}{what}", text("AbsoluteTime"))))
}

/// Whether the chat is over with this item.
pub(super) fn is_end(item: &Value) -> bool {
    item["ContentType"] == "application/vnd.amazonaws.connect.event.chat.ended"
}

/// A time as chats have it.
pub(super) fn time(time: SystemTime) -> String {
    let utc = OffsetDateTime::from(time);
    let ((year, month, day), (hour, minute, second, millis)) = (utc.to_calendar_date(), utc.to_hms_milli());
    format!("{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z", u8::from(month))
}

fn event(kind: &str, content: &str) -> String {
    let name = kind.strip_prefix(EVENT).unwrap_or(kind);
    let name = name.strip_prefix("participant.").unwrap_or(name).replace('.', " ");
    if content.is_empty() { format!("[{name}]") } else { format!("[{name}] {content}") }
}

fn files(item: &Value) -> String {
    let files = item.get("Attachments").and_then(Value::as_array).into_iter().flatten();
    let files = files.map(|file| {
        let text = |name: &str| file.get(name).and_then(Value::as_str).unwrap_or_default();
        format!("[file {}] {} ({})", text("AttachmentName"), text("AttachmentId"), text("Status"))
    });
    files.collect::<Vec<_>>().join(" ")
}

/// Who has got or read which message.
fn receipt(item: &Value) -> String {
    let text = |path: &str| item.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let was_read = item.pointer("/MessageMetadata/Receipts/0/ReadTimestamp").is_some();
    let what = if was_read { "read" } else { "delivered" };
    let (message, whom) =
        (text("/MessageMetadata/MessageId"), text("/MessageMetadata/Receipts/0/RecipientParticipantId"));
    format!("[{what}] message {message} by participant {whom}")
}

/// The text with everything that a terminal would obey written out.
pub(super) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        // Marks that turn the direction of writing can make a line look like another.
        let turns = matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if letter.is_control() || turns || matches!(letter, '\u{2028}' | '\u{2029}') {
            out.extend(letter.escape_default());
        } else {
            out.push(letter);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TIME: &str = "2026-01-02T03:04:05.678Z";

    #[test]
    fn a_message_says_who_and_what() {
        let item = json!({"AbsoluteTime": TIME, "Type": "MESSAGE", "ParticipantRole": "CUSTOMER", "DisplayName": "Jane",
            "ContentType": "text/plain", "Content": "two\nlines \u{1b}[2J \u{202e}x é"});
        let expected = format!("{TIME} CUSTOMER   Jane: two\\nlines \\u{{1b}}[2J \\u{{202e}}x é");
        assert_eq!(of(&item), Some(expected));
    }

    #[test]
    fn what_is_no_message_stands_in_brackets() {
        let event = |kind: &str| {
            let kind = format!("{EVENT}{kind}");
            of(&json!({"AbsoluteTime": TIME, "Type": "EVENT", "ContentType": kind, "ParticipantRole": "AGENT",
                "DisplayName": "Ann"}))
        };
        assert_eq!(event("participant.joined"), Some(format!("{TIME} AGENT      Ann: [joined]")));
        assert_eq!(event("transfer.succeeded"), Some(format!("{TIME} AGENT      Ann: [transfer succeeded]")));
        let file = json!({"AbsoluteTime": TIME, "Type": "ATTACHMENT", "Attachments": [
            {"AttachmentName": "a.png", "AttachmentId": "id", "Status": "APPROVED"}]});
        assert_eq!(of(&file), Some(format!("{TIME}            [file a.png] id (APPROVED)")));
        let receipt = json!({"AbsoluteTime": TIME, "Type": "MESSAGEMETADATA", "MessageMetadata": {"MessageId": "m",
            "Receipts": [{"ReadTimestamp": TIME, "RecipientParticipantId": "p"}]}});
        assert_eq!(of(&receipt), Some(format!("{TIME}            [read] message m by participant p")));
    }

    #[test]
    fn a_message_in_pieces_is_told_when_it_is_whole() {
        let piece = |whole: bool| {
            of(&json!({"AbsoluteTime": TIME, "Type": "MESSAGE", "Content": "x",
            "MessageMetadata": {"MessageId": "m", "MessageCompleted": whole}}))
        };
        assert!(piece(false).is_none() && piece(true).is_some());
    }

    #[test]
    fn the_end_is_known() {
        assert!(is_end(&json!({"Type": "EVENT", "ContentType": format!("{EVENT}chat.ended")})));
        assert!(!is_end(&json!({"Type": "MESSAGE", "ContentType": "text/plain"})));
    }
}
