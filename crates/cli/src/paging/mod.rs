//! Listings: one call after another until there is no more, or enough.
//!
//! What chains the pages stands in the model ("paginators"); how they are cut and put together, and the token to go on
//! with, are those of the Python clients, so that a token from `aws` goes on here and the other way round.

mod token;

use switchboard_model::{OneOrMany, Paginator};

use crate::args::Limits;
use crate::errors::Failure;
use crate::jmespath::Expression;
use crate::python;
use crate::value::{Map, Value};

/// How the pages of an operation are chained.
#[derive(Debug)]
pub(crate) struct Plan {
    input_tokens: Vec<String>,
    output_tokens: Vec<Expression>,
    more_results: Option<Expression>,
    /// What grows from page to page. The first one is what is counted and cut.
    results: Vec<Expression>,
    /// What the first page says for all.
    non_aggregate: Vec<Expression>,
    limit: Option<String>,
}

impl Plan {
    /// Reads the model's account of it.
    pub(crate) fn of(paginator: &Paginator) -> Result<Self, Failure> {
        let parse = |text: &String| Expression::parse(text).map_err(Failure::Other);
        let all = |names: &[String]| names.iter().map(parse).collect::<Result<Vec<_>, _>>();
        Ok(Self {
            input_tokens: names(&paginator.input_token).to_vec(),
            output_tokens: all(names(&paginator.output_token))?,
            more_results: paginator.more_results.as_ref().map(parse).transpose()?,
            results: all(names(&paginator.result_key))?,
            non_aggregate: all(paginator.non_aggregate_keys.as_deref().unwrap_or_default())?,
            limit: paginator.limit_key.clone(),
        })
    }
}

/// The members of the input by which one would page by hand.
pub(crate) fn manual_members(paginator: &Paginator) -> impl Iterator<Item = &String> {
    names(&paginator.input_token).iter().chain(&paginator.limit_key)
}

fn names(names: &OneOrMany) -> &[String] {
    match names {
        OneOrMany::One(name) => std::slice::from_ref(name),
        OneOrMany::Many(names) => names,
    }
}

/// Sets what a dotted path names, making maps on the way.
pub(crate) fn set(map: &mut Map, path: &str, value: Value) {
    let Some((first, rest)) = path.split_once('.') else {
        map.insert(path.to_owned(), value);
        return;
    };
    let inner = map.entry(first.to_owned()).or_insert_with(|| Value::Map(Map::new()));
    if let Value::Map(inner) = inner {
        set(inner, rest, value);
    }
}

/// Makes one call.
type Call<'c> = Box<dyn FnMut(&Map) -> Result<Map, Failure> + 'c>;

/// The pages of a listing, fetched one by one.
pub(crate) struct Pages<'c> {
    plan: Plan,
    max_items: Option<i64>,
    /// The items to leave out at the start, if the listing goes on from a token.
    skip: Option<i64>,
    parameters: Map,
    call: Call<'c>,
    /// The tokens of the page at hand, by input member.
    tokens: Map,
    /// The same, once they came from a page.
    previous: Option<Map>,
    /// The tokens of the next page, once there is a page.
    next_tokens: Option<Map>,
    items: i64,
    is_first: bool,
    is_done: bool,
    non_aggregate: Map,
    resume: Option<String>,
}

impl<'c> Pages<'c> {
    /// Begins a listing; `call` is told the whole input for each page.
    pub(crate) fn new(plan: Plan, limits: Limits, parameters: Map, call: Call<'c>) -> Result<Self, Failure> {
        let absent = plan.input_tokens.iter().map(|name| (name.clone(), Value::Null)).collect();
        let mut pages = Self {
            max_items: limits.max_items,
            skip: None,
            parameters,
            call,
            tokens: absent,
            previous: None,
            next_tokens: None,
            items: 0,
            is_first: true,
            is_done: false,
            non_aggregate: Map::new(),
            resume: None,
            plan,
        };
        if let Some(text) = &limits.starting_token {
            let start = token::read(text, &pages.plan.input_tokens)?;
            pages.skip = Some(start.skip);
            pages.inject(&start.tokens);
            pages.tokens = start.tokens;
        }
        if let (Some(size), Some(limit)) = (limits.page_size, &pages.plan.limit) {
            pages.parameters.insert(limit.clone(), size);
        }
        Ok(pages)
    }

    /// Fetches the next page, if there is one.
    pub(crate) fn next(&mut self) -> Result<Option<Map>, Failure> {
        if let Some(tokens) = self.next_tokens.take() {
            self.advance(tokens)?;
        }
        if self.is_done {
            return Ok(None);
        }
        let mut page = (self.call)(&self.parameters)?;
        let mut skipped = 0;
        if self.is_first {
            self.is_first = false;
            if let Some(skip) = self.skip {
                skipped = skip;
                self.cut_start(&mut page, skip)?;
            }
            for key in &self.plan.non_aggregate {
                let value = search(key, &page)?;
                set(&mut self.non_aggregate, key.text(), value);
            }
        }
        let count = length(&search(self.primary(), &page)?);
        let surplus = self.max_items.map_or(0, |max| self.items + count - max);
        if surplus > 0 {
            self.is_done = true;
            let kept = count - surplus;
            let cut = slice(search(self.primary(), &page)?, None, Some(kept));
            let path = self.primary().text().to_owned();
            set(&mut page, &path, if cut.is_null() { Value::List(Vec::new()) } else { cut });
            let mut tokens = self.tokens.clone();
            tokens.insert(token::TRUNCATED.to_owned(), Value::from(kept + skipped));
            self.set_resume(&tokens)?;
            return Ok(Some(page));
        }
        self.items += count;
        self.next_tokens = Some(self.tokens_of(&page)?);
        Ok(Some(page))
    }

    /// All pages as one answer.
    pub(crate) fn whole(&mut self) -> Result<Map, Failure> {
        let mut whole = Map::new();
        while let Some(page) = self.next()? {
            for key in &self.plan.results {
                let more = search(key, &page)?;
                match at(&mut whole, key.text()) {
                    _ if more.is_null() => {}
                    Some(so_far) if !so_far.is_null() => join(so_far, more)?,
                    _ => set(&mut whole, key.text(), more),
                }
            }
        }
        merge(&mut whole, self.rest());
        Ok(whole)
    }

    /// What stands behind the results: what the first page said for all, and the token to go on with.
    pub(crate) fn rest(&self) -> Map {
        let mut rest = self.non_aggregate.clone();
        if let Some(token) = &self.resume {
            rest.insert("NextToken".to_owned(), Value::from(token.as_str()));
        }
        rest
    }

    /// What the first page said for all.
    pub(crate) fn non_aggregate(&self) -> Map {
        self.non_aggregate.clone()
    }

    pub(crate) fn result_keys(&self) -> &[Expression] {
        &self.plan.results
    }

    /// The token to go on with, when the listing was cut.
    pub(crate) fn resume_token(&self) -> Option<&str> {
        self.resume.as_deref()
    }

    /// The one member that grows, where the rest of the answer can stand behind it.
    pub(crate) fn only_list(&self) -> Option<String> {
        let is_plain = |key: &Expression| key.text().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let [only] = self.plan.results.as_slice() else { return None };
        let apart = self.plan.non_aggregate.iter().all(|key| is_plain(key) && key != only);
        (apart && is_plain(only) && only.text() != "NextToken").then(|| only.text().to_owned())
    }

    fn primary(&self) -> &Expression {
        &self.plan.results[0]
    }

    /// Settles what comes after a page that was given out whole.
    fn advance(&mut self, tokens: Map) -> Result<(), Failure> {
        if tokens.values().all(Value::is_null) {
            self.is_done = true;
            return Ok(());
        }
        if self.max_items == Some(self.items) {
            self.is_done = true;
            return self.set_resume(&tokens);
        }
        if self.previous.as_ref() == Some(&tokens) {
            let tokens = python::repr(&Value::Map(tokens));
            let message = format!("Error during pagination: The same next token was received twice: {tokens}");
            return Err(Failure::Other(message));
        }
        self.inject(&tokens);
        self.tokens = tokens.clone();
        self.previous = Some(tokens);
        Ok(())
    }

    /// The tokens that a page gives for the next one; none at all when the page says it is the last.
    fn tokens_of(&self, page: &Map) -> Result<Map, Failure> {
        if let Some(more) = &self.plan.more_results
            && !search(more, page)?.is_truthy()
        {
            return Ok(Map::new());
        }
        let pairs = self.plan.output_tokens.iter().zip(&self.plan.input_tokens);
        let tokens = pairs.map(|(output, input)| {
            let token = search(output, page)?;
            Ok((input.clone(), if token.is_truthy() { token } else { Value::Null }))
        });
        tokens.collect()
    }

    fn inject(&mut self, tokens: &Map) {
        for (name, token) in tokens {
            if token.is_null() || token.as_text() == Some("None") {
                self.parameters.shift_remove(name);
            } else {
                self.parameters.insert(name.clone(), token.clone());
            }
        }
    }

    /// Leaves out what an earlier listing printed of this page; other results than the first were printed whole.
    fn cut_start(&mut self, page: &mut Map, skip: i64) -> Result<(), Failure> {
        let data = slice(search(self.primary(), page)?, Some(skip), None);
        set(page, self.primary().text(), data);
        for key in &self.plan.results[1..] {
            let emptied = match search(key, page)? {
                Value::List(_) => Value::List(Vec::new()),
                Value::Text(_) => "".into(),
                number @ (Value::Int(_) | Value::Float(_) | Value::Bool(_)) => number,
                _ => Value::Null,
            };
            set(page, key.text(), emptied);
        }
        Ok(())
    }

    fn set_resume(&mut self, tokens: &Map) -> Result<(), Failure> {
        let wanted = self.plan.input_tokens.iter().all(|name| tokens.contains_key(name));
        let extra = usize::from(tokens.contains_key(token::TRUNCATED));
        if !wanted || tokens.len() != self.plan.input_tokens.len() + extra {
            let tokens = python::repr(&Value::Map(tokens.clone()));
            return Err(Failure::Other(format!("Bad starting token: {tokens}")));
        }
        self.resume = Some(token::write(tokens));
        Ok(())
    }
}

/// What a path of the model leads to.
pub(crate) fn search(key: &Expression, map: &Map) -> Result<Value, Failure> {
    match map.get(key.text()) {
        // Nearly every key is a plain name.
        Some(value) => Ok(value.clone()),
        None => key.search(&Value::Map(map.clone())).map_err(Failure::Other),
    }
}

/// What a dotted path leads to.
fn at<'m>(map: &'m mut Map, path: &str) -> Option<&'m mut Value> {
    match path.split_once('.') {
        None => map.get_mut(path),
        Some((first, rest)) => match map.get_mut(first)? {
            Value::Map(inner) => at(inner, rest),
            _ => None,
        },
    }
}

/// Lists and texts grow, numbers add up.
fn join(so_far: &mut Value, more: Value) -> Result<(), Failure> {
    match (&mut *so_far, more) {
        (Value::List(items), Value::List(more)) => items.extend(more),
        (Value::Text(text), Value::Text(more)) => text.push_str(&more),
        (Value::Int(a), Value::Int(b)) => {
            let sum = a.to_i64().zip(b.to_i64()).and_then(|(a, b)| a.checked_add(b));
            *so_far = sum.map_or(Value::Float(a.to_f64() + b.to_f64()), Value::from);
        }
        (Value::Float(a), Value::Float(b)) => *a += b,
        (_, Value::Map(_)) => {}
        (so_far, more) => {
            let (so_far, more) = (python::class(so_far), python::class(&more));
            return Err(Failure::Other(format!("A page holds {more} where those before it held {so_far}")));
        }
    }
    Ok(())
}

/// Takes over entries; maps become one.
fn merge(map: &mut Map, more: Map) {
    for (key, value) in more {
        match (map.get_mut(&key), value) {
            (Some(Value::Map(inner)), Value::Map(more)) => merge(inner, more),
            (_, value) => {
                map.insert(key, value);
            }
        }
    }
}

fn length(value: &Value) -> i64 {
    let length = match value {
        Value::List(items) => items.len(),
        Value::Text(text) => text.chars().count(),
        Value::Map(map) => map.len(),
        _ => 0,
    };
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// `[start:stop]` of a list or a text, counted from the end where negative; nothing of anything else.
fn slice(value: Value, start: Option<i64>, stop: Option<i64>) -> Value {
    let length = length(&value);
    let bound = |at: i64| if at < 0 { (at + length).max(0) } else { at.min(length) };
    let place = |at: i64| usize::try_from(at).unwrap_or_default();
    let (start, stop) = (place(bound(start.unwrap_or(0))), place(bound(stop.unwrap_or(length))));
    let count = stop.saturating_sub(start);
    match value {
        Value::List(items) => Value::List(items.into_iter().skip(start).take(count).collect()),
        Value::Text(text) => Value::Text(text.chars().skip(start).take(count).collect()),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: serde_json::Value) -> Map {
        match Value::from(value) {
            Value::Map(map) => map,
            other => panic!("{other:?}"),
        }
    }

    fn plan() -> Plan {
        let paginator = json!({
            "input_token": "NextToken", "output_token": "NextToken", "limit_key": "MaxResults",
            "result_key": "Items", "non_aggregate_keys": ["Total"],
        });
        Plan::of(&serde_json::from_value(paginator).expect("it is one")).expect("its paths are good")
    }

    /// Three pages: a b, c d, e.
    fn page(parameters: &Map) -> Result<Map, Failure> {
        Ok(map(match parameters.get("NextToken").and_then(Value::as_text) {
            None => json!({"Items": ["a", "b"], "NextToken": "A", "Total": 5}),
            Some("A") => json!({"Items": ["c", "d"], "NextToken": "B", "Total": 6}),
            Some("B") => json!({"Items": ["e"], "NextToken": ""}),
            Some("loop") => json!({"Items": ["x"], "NextToken": "loop"}),
            Some(other) => return Err(Failure::Other(format!("no page {other}"))),
        }))
    }

    fn listed(limits: Limits) -> Result<String, Failure> {
        let mut pages = Pages::new(plan(), limits, Map::new(), Box::new(page))?;
        Ok(python::inline_json(&pages.whole()?.into()))
    }

    fn limits(max_items: Option<i64>, token: Option<&str>) -> Limits {
        Limits { max_items, starting_token: token.map(str::to_owned), page_size: None }
    }

    #[test]
    fn pages_are_put_together() {
        let expected = r#"{"Items": ["a", "b", "c", "d", "e"], "Total": 5}"#;
        assert_eq!(listed(limits(None, None)).as_deref(), Ok(expected));
    }

    /// The tokens are those of botocore.
    #[test]
    fn a_listing_is_cut_and_goes_on() {
        let first = "eyJOZXh0VG9rZW4iOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAxfQ==";
        let expected = format!(r#"{{"Items": ["a"], "Total": 5, "NextToken": "{first}"}}"#);
        assert_eq!(listed(limits(Some(1), None)), Ok(expected));
        let at_page_end = "eyJOZXh0VG9rZW4iOiAiQSJ9";
        let expected = format!(r#"{{"Items": ["a", "b"], "Total": 5, "NextToken": "{at_page_end}"}}"#);
        assert_eq!(listed(limits(Some(2), None)), Ok(expected));
        let expected = r#"{"Items": ["b", "c", "d", "e"], "Total": 5}"#;
        assert_eq!(listed(limits(None, Some(first))).as_deref(), Ok(expected));
        let expected = r#"{"Items": ["c", "d", "e"], "Total": 6}"#;
        for token in [at_page_end, "A", "A___0"] {
            assert_eq!(listed(limits(None, Some(token))).as_deref(), Ok(expected), "{token}");
        }
        let found = listed(limits(Some(1), Some(first)));
        assert_eq!(found, Ok(format!(r#"{{"Items": ["b"], "Total": 5, "NextToken": "{at_page_end}"}}"#)));
    }

    #[test]
    fn what_is_undefined_is_as_in_python() {
        assert!(listed(limits(Some(0), None)).is_ok_and(|found| found.contains(r#""Items": []"#)));
        assert!(listed(limits(Some(-1), None)).is_ok_and(|found| found.contains(r#""Items": ["a"]"#)));
    }

    #[test]
    fn a_listing_that_goes_round_ends() {
        let expected = "Error during pagination: The same next token was received twice: {'NextToken': 'loop'}";
        assert_eq!(listed(limits(None, Some("loop"))), Err(Failure::Other(expected.to_owned())));
        let expected = "Bad starting token: a___b___c";
        assert_eq!(listed(limits(None, Some("a___b___c"))), Err(Failure::Other(expected.to_owned())));
    }

    #[test]
    fn the_size_of_pages_is_passed_on() {
        let mut sent = Vec::new();
        let call = |parameters: &Map| {
            sent.push(python::inline_json(&parameters.clone().into()));
            page(parameters)
        };
        let limits = Limits { page_size: Some(Value::from(2)), ..limits(None, Some("A")) };
        Pages::new(plan(), limits, Map::new(), Box::new(call)).expect("it begins").whole().expect("it ends");
        assert_eq!(sent, [r#"{"NextToken": "A", "MaxResults": 2}"#, r#"{"NextToken": "B", "MaxResults": 2}"#]);
    }
}
