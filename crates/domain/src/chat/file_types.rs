//! Which files may be sent in a chat.
//!
//! The rule: a file is judged by what it is said to be, its MIME type and its name's ending, never by its bytes.
//! Source: the supported file types of *Feature specifications* in the Administrator Guide.

/// Endings that are allowed, and the MIME types that files of that ending are sent as.
const TYPES: &[(&str, &[&str])] = &[
    ("csv", &["text/csv"]),
    ("doc", &["application/msword"]),
    ("docx", &["application/vnd.openxmlformats-officedocument.wordprocessingml.document"]),
    ("heic", &["image/heic"]),
    ("jfif", &["image/jpeg"]),
    ("jpeg", &["image/jpeg"]),
    ("jpg", &["image/jpeg", "image/jpg"]),
    ("mov", &["video/quicktime"]),
    ("mp4", &["video/mp4"]),
    ("pdf", &["application/pdf"]),
    ("png", &["image/png"]),
    ("ppt", &["application/vnd.ms-powerpoint"]),
    ("pptx", &["application/vnd.openxmlformats-officedocument.presentationml.presentation"]),
    ("rtf", &["application/rtf", "text/rtf"]),
    ("txt", &["text/plain"]),
    ("wav", &["audio/wav", "audio/x-wav", "audio/vnd.wave"]),
    ("xls", &["application/vnd.ms-excel"]),
    ("xlsx", &["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"]),
];

/// Whether files of this MIME type are allowed. Parameters such as `charset` do not matter, nor does case.
#[must_use]
pub fn is_allowed_type(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    TYPES.iter().any(|(_, types)| types.iter().any(|known| known.eq_ignore_ascii_case(essence)))
}

/// Whether files of this name are allowed. A name without an ending is judged by its MIME type alone.
///
/// AWS does not say whether ending and type must agree: they need not, as browsers name some types by what the
/// machine has installed (a `.csv` becomes `application/vnd.ms-excel`).
#[must_use]
pub fn is_allowed_name(name: &str) -> bool {
    match name.rsplit_once('.') {
        Some((_, ending)) => TYPES.iter().any(|(known, _)| known.eq_ignore_ascii_case(ending)),
        None => true,
    }
}
