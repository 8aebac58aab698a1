//! JMESPath, the language of `--query`, of paginators and of waiters (jmespath.org, "JMESPath Specification").
//!
//! Written here and not taken from a crate because the crate that exists sorts the keys of every map, while `aws`
//! prints `{Name: …, Id: …}` in the order it was asked for. What the specification leaves open follows the Python
//! library that `aws` uses, down to its messages: texts have an order, an unknown function is found when it is called.
//! The public compliance cases are in `testdata/jmespath/`.

mod evaluate;
mod functions;
mod lexer;
mod parser;

use crate::value::Value;

/// A query that has been read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expression {
    text: String,
    root: Node,
}

impl Expression {
    /// Reads a query.
    ///
    /// # Errors
    /// Says what is wrong with it, and points at where.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let root = parser::parse(text)?;
        Ok(Self { text: text.to_owned(), root })
    }

    /// The query as it was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What the query makes of a value.
    ///
    /// # Errors
    /// When a function gets what it does not take.
    pub(crate) fn search(&self, value: &Value) -> Result<Value, String> {
        evaluate::search(&self.root, value).map(std::borrow::Cow::into_owned)
    }
}

/// One step of a query.
#[derive(Debug, Clone, PartialEq)]
enum Node {
    /// The value itself: `@`, and what stands where nothing was written.
    Current,
    Field(String),
    Literal(Value),
    Index(i64),
    Slice([Option<i64>; 3]),
    /// One after the other: `a.b`, `a[0]`, `a | b`.
    Chain(Box<Node>, Box<Node>),
    /// A list, each element of which goes on to the second part.
    Projection(Box<Node>, Box<Node>),
    /// The same for the values of a map.
    ValueProjection(Box<Node>, Box<Node>),
    /// The same for the elements that meet the condition, which comes last.
    FilterProjection(Box<Node>, Box<Node>, Box<Node>),
    Flatten(Box<Node>),
    Comparison(Comparator, Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Not(Box<Node>),
    /// `&…`: handed to a function as it is.
    Expression(Box<Node>),
    Call(String, Vec<Node>),
    MultiList(Vec<Node>),
    MultiMap(Vec<(String, Node)>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[cfg(test)]
mod tests {
    use super::Expression;
    use crate::python;
    use crate::value::Value;
    use serde_json::json;

    /// The cases that every implementation of the language is measured by.
    const COMPLIANCE: [(&str, &str); 16] = [
        ("basic", include_str!("../../testdata/jmespath/basic.json")),
        ("benchmarks", include_str!("../../testdata/jmespath/benchmarks.json")),
        ("boolean", include_str!("../../testdata/jmespath/boolean.json")),
        ("current", include_str!("../../testdata/jmespath/current.json")),
        ("escape", include_str!("../../testdata/jmespath/escape.json")),
        ("filters", include_str!("../../testdata/jmespath/filters.json")),
        ("functions", include_str!("../../testdata/jmespath/functions.json")),
        ("identifiers", include_str!("../../testdata/jmespath/identifiers.json")),
        ("indices", include_str!("../../testdata/jmespath/indices.json")),
        ("literal", include_str!("../../testdata/jmespath/literal.json")),
        ("multiselect", include_str!("../../testdata/jmespath/multiselect.json")),
        ("pipe", include_str!("../../testdata/jmespath/pipe.json")),
        ("slice", include_str!("../../testdata/jmespath/slice.json")),
        ("syntax", include_str!("../../testdata/jmespath/syntax.json")),
        ("unicode", include_str!("../../testdata/jmespath/unicode.json")),
        ("wildcard", include_str!("../../testdata/jmespath/wildcard.json")),
    ];

    fn items(value: &Value) -> &[Value] {
        match value {
            Value::List(items) => items,
            other => panic!("a list was expected: {other:?}"),
        }
    }

    #[test]
    fn the_public_compliance_cases_pass() {
        let mut count = 0;
        for (file, text) in COMPLIANCE {
            for suite in items(&python::json(text).expect("the file is good")) {
                for case in items(&suite["cases"]) {
                    check(file, &suite["given"], case);
                    count += 1;
                }
            }
        }
        assert_eq!(count, 908, "every case of the public ones is run");
    }

    fn check(file: &str, given: &Value, case: &Value) {
        let query = case["expression"].as_text().expect("a query");
        let found = Expression::parse(query).and_then(|query| query.search(given));
        match (found, case.get("result"), case.get("error")) {
            (Ok(found), Some(expected), _) => assert!(found.equals(expected), "{file}: {query}: {found:?}"),
            (Err(problem), Some(_), _) => panic!("{file}: {query}: {problem}"),
            (Ok(found), None, Some(_)) => panic!("{file}: {query}: should fail, gave {found:?}"),
            (Err(_), None, Some(_)) => {}
            // What is timed has no result that is right.
            (found, None, None) => {
                assert!(
                    file == "benchmarks" && case.get("bench").is_some() && found.is_ok(),
                    "{file}: {query}: {found:?}"
                );
            }
        }
    }

    fn search(query: &str, value: serde_json::Value) -> Result<String, String> {
        let found = Expression::parse(query)?.search(&value.into())?;
        Ok(python::inline_json(&found))
    }

    #[test]
    fn keys_stay_in_the_order_asked_for() {
        let found = search("{z: a, a: z}", json!({"a": 1, "z": 2}));
        assert_eq!(found.as_deref(), Ok(r#"{"z": 1, "a": 2}"#));
        assert_eq!(search("keys(@)", json!({"z": 1, "a": 2})).as_deref(), Ok(r#"["z", "a"]"#));
    }

    /// As version 1.0 of the Python library does it, beyond the specification.
    #[test]
    fn what_the_specification_leaves_open() {
        let value =
            json!({"n": 2, "f": 2.5, "t": "b", "e": [], "big": 1e300, "l": [{"k": "b"}, {"k": "a"}, {"k": null}]});
        for (query, expected) in [
            ("t < 'c'", "true"),
            ("n < t", "!'<' not supported between instances of 'int' and 'str'"),
            ("e < n", "null"),
            ("n == `2.0`", "true"),
            ("`1` == `true`", "false"),
            ("contains([`1`], `true`)", "true"),
            ("contains(t, n)", "!'in <string>' requires string as left operand, not int"),
            ("avg(e)", "null"),
            ("max_by(e, &age)", "null"),
            ("to_number('1e21')", "1e+21"),
            ("to_number('1_0')", "10"),
            ("to_string({a: 'é'})", r#""{\"a\":\"\\u00e9\"}""#),
            ("sum(e)", "0"),
            ("ceil(f)", "3"),
            ("[!n, !`0`, !`0.0`, !e, !nope, !'']", "[false, false, false, true, true, true]"),
            ("`foo`", r#""foo""#),
            ("e[::0]", "!slice step cannot be zero"),
            ("nope(@)", "!Unknown function: nope()"),
            ("abs()", "!Expected 1 argument for function abs(), received 0"),
            ("not_null()", "!Expected at least 1 argument for function not_null(), received 0"),
            (
                "abs(t)",
                "!In function abs(), invalid type for value: b, expected one of: ['number'], received: \"string\"",
            ),
            (
                "sort_by(l, &k)",
                "!In function sort_by(), invalid type for value: None, expected one of: ['string'], received: \"null\"",
            ),
            (
                "sort(['a', `1`])",
                "!In function sort(), invalid type for value: 1, expected one of: ['array-string', 'array-number'], received: \"int\"",
            ),
            ("sort_by(l[:2], &k)[].k", r#"["a", "b"]"#),
        ] {
            let found = search(query, value.clone()).unwrap_or_else(|problem| format!("!{problem}"));
            assert_eq!(found, expected, "{query}");
        }
    }

    #[test]
    fn mistakes_are_pointed_at() {
        for (query, expected) in [
            ("", "Invalid JMESPath expression: cannot be empty."),
            ("a[", "Invalid jmespath expression: Incomplete expression:\n\"a[\"\n   ^"),
            (
                "a]",
                "Unexpected token: ]: Parse error at column 1, token \"]\" (RBRACKET), for expression:\n\"a]\"\n  ^",
            ),
            ("a.#", "Bad jmespath expression: Unknown token #:\na.#\n  ^"),
            ("'a", "Bad jmespath expression: Unclosed ' delimiter:\n'a\n^"),
            (
                "a[b]",
                "Expecting: star, got: unquoted_identifier: Parse error at column 2, token \"b\" \
                 (UNQUOTED_IDENTIFIER), for expression:\n\"a[b]\"\n   ^",
            ),
        ] {
            assert_eq!(Expression::parse(query).map(|_| ()), Err(expected.to_owned()));
        }
    }
}
