//! Signatures made by botocore for hostile requests are accepted, and anything changed in them is not.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use switchboard_wire::sigv4::{self, Credential, Expected, Refusal, Request, Secret, SigningKeys};

const REGION: &str = "us-east-1";

/// One recorded request, which a test may change before it is verified.
#[derive(Clone)]
struct Recorded {
    name: String,
    service: String,
    method: String,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// The vectors, and the keys they are signed with.
struct Vectors {
    now_s: i64,
    credentials: std::collections::HashMap<String, Credential>,
    keys: SigningKeys,
    cases: Vec<Recorded>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl Vectors {
    fn load() -> Self {
        let all: Value = serde_json::from_str(include_str!("sigv4_vectors.json")).unwrap();
        let credentials = all["credentials"].as_array().unwrap().iter().map(|keys| {
            let secret = Secret::new(text(&keys["secret"]));
            (text(&keys["id"]), Credential { secret, session_token: keys["token"].as_str().map(Secret::new) })
        });
        Self {
            now_s: all["now"].as_i64().unwrap(),
            credentials: credentials.collect(),
            keys: SigningKeys::new(),
            cases: all["cases"].as_array().unwrap().iter().map(Recorded::read).collect(),
        }
    }

    fn case(&self, name: &str) -> Recorded {
        self.cases.iter().find(|case| case.name == name).unwrap().clone()
    }

    fn verify(&self, request: &Recorded) -> Result<String, Refusal> {
        self.verify_at(request, self.now_s)
    }

    fn verify_at(&self, request: &Recorded, now_s: i64) -> Result<String, Refusal> {
        let expected = Expected { region: REGION, service: &request.service };
        sigv4::verify(&request.as_request(), &expected, &self.credentials, &self.keys, now_s)
    }

    fn refusal(&self, request: &Recorded) -> (&'static str, u16, String) {
        let refusal = self.verify(request).expect_err(&request.name);
        (refusal.code(), refusal.status(), refusal.to_string())
    }
}

impl Recorded {
    fn read(case: &Value) -> Self {
        let mut headers = HeaderMap::new();
        for header in case["headers"].as_array().unwrap() {
            let name: HeaderName = text(&header[0]).parse().unwrap();
            headers.append(name, text(&header[1]).parse().unwrap());
        }
        Self {
            name: text(&case["name"]),
            service: text(&case["service"]),
            method: text(&case["method"]),
            path: text(&case["path"]),
            query: text(&case["query"]),
            headers,
            body: text(&case["body"]).into_bytes(),
        }
    }

    fn as_request(&self) -> Request<'_> {
        Request { method: &self.method, path: &self.path, query: &self.query, headers: &self.headers, body: &self.body }
    }

    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    fn signs(&self, name: &HeaderName) -> bool {
        let signed = match self.headers.get("authorization") {
            Some(header) => header.to_str().unwrap().replace(", ", "&"),
            None => self.query.replace("%3B", ";"),
        };
        let list = signed.split('&').find_map(|parameter| parameter.split_once("SignedHeaders=")).unwrap().1;
        list.split(';').any(|listed| listed == name.as_str())
    }

    fn set(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.parse().unwrap());
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// Replaces a part of the `Authorization` header.
    fn authorized(self, from: &str, to: &str) -> Self {
        let changed = self.header("authorization").replacen(from, to, 1);
        self.set("authorization", &changed)
    }
}

#[test]
fn what_botocore_signs_is_accepted() {
    let vectors = Vectors::load();
    assert!(vectors.cases.len() >= 40);
    for case in &vectors.cases {
        let caller = vectors.verify(case).unwrap_or_else(|refusal| panic!("{}: {refusal}", case.name));
        assert!(vectors.credentials.contains_key(&caller), "{}", case.name);
        assert_eq!(sigv4::unverified_access_key_id(&case.as_request()), Some(caller), "{}", case.name);
    }
}

/// The text with one byte changed, for each byte in turn.
fn mutations(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..text.len()).filter(|at| text[*at].is_ascii()).map(|at| {
        let mut changed = text.to_vec();
        changed[at] = if changed[at] == b'x' { b'y' } else { b'x' };
        changed
    })
}

fn mutated_texts(text: &str) -> impl Iterator<Item = String> {
    mutations(text.as_bytes()).map(|bytes| String::from_utf8(bytes).unwrap())
}

/// Every way to change one byte of what is signed, or of the signature.
fn tampered(case: &Recorded) -> Vec<Recorded> {
    let mut all = Vec::new();
    all.extend(mutated_texts(&case.method).map(|method| Recorded { method, ..case.clone() }));
    // What stands before a parent segment is taken out, so changing it changes nothing.
    if !case.path.split('/').any(|segment| segment == "..") {
        all.extend(mutated_texts(&case.path).skip(1).map(|path| Recorded { path, ..case.clone() }));
    }
    all.extend(mutated_texts(&case.query).map(|query| Recorded { query, ..case.clone() }));
    let unsigned = case.headers.get("x-amz-content-sha256").is_some_and(|value| value == "UNSIGNED-PAYLOAD");
    if !unsigned {
        all.extend(mutations(&case.body[..case.body.len().min(200)]).map(|body| Recorded { body, ..case.clone() }));
        all.push(Recorded { body: [&case.body, b" ".as_slice()].concat(), ..case.clone() });
    }
    for (name, value) in &case.headers {
        if name != "authorization" && !case.signs(name) {
            continue;
        }
        for changed in mutations(value.as_bytes()) {
            let Ok(changed) = HeaderValue::from_bytes(&changed) else { continue };
            let mut headers = case.headers.clone();
            headers.insert(name, changed);
            all.push(Recorded { headers, ..case.clone() });
        }
    }
    all
}

#[test]
fn one_changed_byte_is_refused() {
    let vectors = Vectors::load();
    for case in &vectors.cases {
        for request in tampered(case) {
            let outcome = vectors.verify(&request);
            assert!(
                outcome.is_err(),
                "{}: {} {}?{} {:?}",
                case.name,
                request.method,
                request.path,
                request.query,
                request.headers
            );
        }
    }
}

#[test]
fn a_signature_is_64_lower_case_digits() {
    let vectors = Vectors::load();
    let case = vectors.case("root");
    let (rest, signature) = case.header("authorization").rsplit_once('=').unwrap();
    let upper = format!("{rest}={}", signature.to_uppercase());
    let longer = format!("{rest}={signature}0");
    let shorter = format!("{rest}={}", &signature[..63]);
    for wrong in [upper, longer, shorter, format!("{rest}=")] {
        assert_eq!(vectors.refusal(&case.clone().set("authorization", &wrong)).0, "InvalidSignatureException");
    }
}

#[test]
fn a_mismatch_says_what_should_have_been_signed() {
    let vectors = Vectors::load();
    let case = Recorded { path: "/other".to_owned(), ..vectors.case("root") };
    let (code, status, message) = vectors.refusal(&case);
    assert_eq!((code, status), ("InvalidSignatureException", 403));
    assert_eq!(
        message,
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
         Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this \
         request should have been\n'GET\n/other\n\nhost:127.0.0.1:4747\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\n\
         e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'\n\nThe String-to-Sign should have been\n\
         'AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/connect/aws4_request\n\
         709ac5150886d70ea2b3f7bacf3a253e0e47b7d458b045b54cbbf8c14e5b74b7'\n"
    );
}

#[test]
fn unsigned_requests_and_unknown_keys() {
    let vectors = Vectors::load();
    let case = vectors.case("root");
    let missing = ("MissingAuthenticationTokenException", 403, "Missing Authentication Token".to_owned());
    assert_eq!(vectors.refusal(&case.clone().without("authorization")), missing);
    let unknown = "The security token included in the request is invalid.".to_owned();
    let unknown = ("UnrecognizedClientException", 403, unknown);
    assert_eq!(vectors.refusal(&case.clone().authorized("AKIDEXAMPLE", "AKIDNOBODY")), unknown);

    // A session token that is not the key's own: none, another, or one too many.
    let temporary = vectors.case("session token");
    assert_eq!(vectors.refusal(&temporary.clone().without("x-amz-security-token")), unknown);
    assert_eq!(vectors.refusal(&temporary.set("x-amz-security-token", "another")), unknown);
    let signed_too = case.authorized("x-amz-date", "x-amz-date;x-amz-security-token");
    assert_eq!(vectors.refusal(&signed_too.set("x-amz-security-token", "any")), unknown);
}

#[test]
fn incomplete_authorization_headers() {
    let vectors = Vectors::load();
    let case = vectors.case("root");
    let refuse = |request: Recorded| {
        let (code, status, message) = vectors.refusal(&request);
        assert_eq!((code, status), ("IncompleteSignatureException", 403));
        message
    };
    assert_eq!(
        refuse(case.clone().without("x-amz-date").set("authorization", "Basic dXNlcjpwYXNz=")),
        "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. \
         Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a \
         'X-Amz-Date' or a 'Date' header. (Hashed with SHA-256 and encoded with Base64) \
         Authorization=I1N0vsibpuzBhZSBqbVdFN3W8Clpm14WJlz9BnRwTI4="
    );
    assert!(refuse(case.clone().set("authorization", "Bearer token")).starts_with(
        "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with \
         Base64): '"
    ));
    assert!(refuse(case.clone().authorized("Credential=", "Credential= ")).starts_with("Invalid key=value pair"));
    assert!(
        refuse(case.clone().authorized("Signature", "signature"))
            .starts_with("Authorization header requires 'Signature' parameter. (Hashed")
    );
    assert_eq!(
        refuse(case.clone().authorized("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512")),
        "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512'."
    );
    assert_eq!(
        refuse(case.clone().set("x-amz-date", "2015-08-30T12:36:00Z")),
        "Date must be in ISO-8601 'basic format'. Got '2015-08-30T12:36:00Z'. See http://en.wikipedia.org/wiki/ISO_8601"
    );
    assert_eq!(
        refuse(case.authorized("/aws4_request", "")),
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got \
         'AKIDEXAMPLE/20150830/us-east-1/connect'"
    );
}

#[test]
fn host_and_amz_headers_must_be_signed() {
    let vectors = Vectors::load();
    let case = vectors.case("root");
    let refuse = |request: Recorded| {
        let (code, _, message) = vectors.refusal(&request);
        assert_eq!(code, "InvalidSignatureException");
        message
    };
    assert_eq!(
        refuse(case.clone().authorized("host;", "")),
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
    );
    assert_eq!(
        refuse(case.clone().set("x-amz-meta", "1")),
        "'x-amz-meta' must be a 'SignedHeader' in the AWS Authorization."
    );
    assert!(vectors.verify(&case.clone().set("x-amz-cf-id", "1")).is_ok());
    assert!(vectors.verify(&case.set("accept", "*/*")).is_ok());
}

#[test]
fn credentials_are_scoped() {
    let vectors = Vectors::load();
    let case = vectors.case("root");
    let refuse = |from: &str, to: &str| vectors.refusal(&case.clone().authorized(from, to));
    let invalid = |message: &str| ("InvalidSignatureException", 403, message.to_owned());
    assert_eq!(
        refuse("us-east-1", "eu-west-1"),
        invalid("Credential should be scoped to a valid region, not 'eu-west-1'. ")
    );
    assert_eq!(refuse("/connect/", "/lex/"), invalid("Credential should be scoped to correct service: 'connect'. "));
    assert_eq!(
        refuse("us-east-1/connect/aws4_request", "eu-west-1/lex/aws4"),
        invalid(
            "Credential should be scoped to a valid region, not 'eu-west-1'. Credential should be scoped to correct \
             service: 'connect'. Credential should be scoped with a valid terminator: 'aws4_request', not 'aws4'. "
        )
    );
    assert_eq!(
        refuse("/20150830/", "/20150829/"),
        invalid(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150829' != \
             '20150830', from '20150830T123600Z'."
        )
    );
}

#[test]
fn a_header_lives_five_minutes_either_way() {
    let vectors = Vectors::load();
    let case = vectors.case("root");
    for near_s in [-300, 300] {
        assert!(vectors.verify_at(&case, vectors.now_s + near_s).is_ok());
    }
    let message = |late_s| {
        let refusal = vectors.verify_at(&case, vectors.now_s + late_s).unwrap_err();
        assert_eq!((refusal.code(), refusal.status()), ("InvalidSignatureException", 403));
        refusal.to_string()
    };
    assert_eq!(
        message(301),
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)"
    );
    assert_eq!(
        message(-301),
        "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T123059Z + 5 min.)"
    );
}

#[test]
fn a_presigned_url_lives_as_long_as_it_says() {
    let vectors = Vectors::load();
    let case = vectors.case("presigned");
    assert!(vectors.verify_at(&case, vectors.now_s + 3_600).is_ok());
    assert!(vectors.verify_at(&vectors.case("presigned for a week"), vectors.now_s + 604_800).is_ok());
    let late = vectors.verify_at(&case, vectors.now_s + 3_601).unwrap_err();
    assert_eq!((late.code(), late.status()), ("RequestExpired", 400));
    assert_eq!(
        late.to_string(),
        "Request has expired. X-Amz-Expires: 3600. Expires: 20150830T133600Z. ServerTime: 20150830T133601Z."
    );
    let early = vectors.verify_at(&case, vectors.now_s - 301).unwrap_err();
    assert!(early.to_string().starts_with("Signature not yet current"));
}

#[test]
fn broken_presigned_urls() {
    let vectors = Vectors::load();
    let case = vectors.case("presigned");
    let changed = |from: &str, to: &str| {
        assert!(case.query.contains(from));
        vectors.refusal(&Recorded { query: case.query.replacen(from, to, 1), ..case.clone() })
    };
    let incomplete = |message: &str| ("IncompleteSignatureException", 403, message.to_owned());
    assert_eq!(
        changed("X-Amz-Date", "X-Amz-Day"),
        incomplete("AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.")
    );
    assert_eq!(changed("-SHA256", "-SHA1"), incomplete("Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1'."));
    assert_eq!(changed("=3600", "=soon"), incomplete("X-Amz-Expires should be a number"));
    assert_eq!(changed("=3600", "=-1"), incomplete("X-Amz-Expires must be non-negative"));
    assert_eq!(
        changed("=3600", "=604801").2,
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than \
         604800 seconds"
    );
    assert_eq!(changed("=3600", "=3601").0, "InvalidSignatureException");

    let both = case.clone().set("authorization", vectors.case("root").header("authorization"));
    assert!(vectors.refusal(&both).2.starts_with("Only one auth mechanism allowed"));
}
