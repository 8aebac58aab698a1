//! `--dry-run`: the signed request as a command line for curl, instead of sending it.
//!
//! The command holds a signature, which is good for a few minutes; whoever sees it may send the request once more.

use http::Request;

/// The command, ending in a newline. `stream` is the path of a body that is a file.
pub(crate) fn curl(request: &Request<Vec<u8>>, stream: Option<&str>) -> String {
    let mut lines = vec![format!("curl --globoff --path-as-is --request {}", request.method())];
    lines[0].push_str(&format!(" {}", quoted(&request.uri().to_string())));
    for (name, value) in request.headers() {
        let value = String::from_utf8_lossy(value.as_bytes());
        lines.push(format!("--header {}", quoted(&format!("{name}: {value}"))));
    }
    match (stream, std::str::from_utf8(request.body())) {
        (Some(path), _) => lines.push(format!("--data-binary {}", quoted(&format!("@{path}")))),
        (None, Ok("")) => {}
        (None, Ok(body)) => lines.push(format!("--data-raw {}", quoted(body))),
        (None, Err(_)) => {
            lines[0] = format!("printf {} | {}", printable(request.body()), lines[0]);
            lines.push("--data-binary @-".to_owned());
        }
    }
    format!("{}\n", lines.join(" \\\n  "))
}

/// A word from which `printf` makes these bytes.
fn printable(bytes: &[u8]) -> String {
    let letters = bytes.iter().map(|byte| match byte {
        b'%' => "%%".to_owned(),
        b' '..=b'~' if !matches!(byte, b'\'' | b'\\') => char::from(*byte).to_string(),
        byte => format!("\\{byte:03o}"),
    });
    format!("'{}'", letters.collect::<String>())
}

/// A word that a POSIX shell reads as this text.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_becomes_a_command() {
        let request = Request::builder()
            .method("POST")
            .uri("http://localhost:1/a?b=c")
            .header("content-type", "application/json")
            .body(br#"{"a": "it's"}"#.to_vec())
            .expect("a request");
        let expected = "curl --globoff --path-as-is --request POST 'http://localhost:1/a?b=c' \\\n  \
                        --header 'content-type: application/json' \\\n  \
                        --data-raw '{\"a\": \"it'\\''s\"}'\n";
        assert_eq!(curl(&request, None), expected);
        assert!(curl(&request, Some("x y")).ends_with("--data-binary '@x y'\n"));
        let request = Request::post("http://localhost:1/").body(b"%'\\\xff\n".to_vec()).expect("a request");
        let expected = "printf '%%\\047\\134\\377\\012' | curl --globoff --path-as-is --request POST 'http://localhost:1/' \\\n  \
                        --data-binary @-\n";
        assert_eq!(curl(&request, None), expected);
        let request = Request::get("http://localhost:1/").body(Vec::new()).expect("a request");
        assert_eq!(curl(&request, None), "curl --globoff --path-as-is --request GET 'http://localhost:1/'\n");
    }
}
