//! Which operation a request is for, told by its method and raw path.
//!
//! The path is split while still percent-encoded and each segment decoded afterwards, so an ARN with its slashes
//! encoded stays one label. Where several services answer at one path (`/tags/{resourceArn}`), a client of AWS tells them
//! apart by the host; here the service that the request is signed for decides, else the one in the label's ARN.

use percent_encoding::percent_decode_str;

use crate::{Meta, SERVICES};

/// The route table.
#[derive(Debug)]
pub struct Router {
    /// Routes by method, in the order of [`METHODS`], and by count of segments.
    routes: [Vec<Vec<Route>>; METHODS.len()],
}

#[derive(Debug)]
struct Route {
    meta: &'static Meta,
    segments: Vec<Segment>,
}

#[derive(Debug)]
enum Segment {
    Literal(&'static str),
    Label(&'static str),
}

/// An operation and the labels of its path.
#[derive(Debug)]
pub struct Found {
    /// The operation.
    pub meta: &'static Meta,
    /// Labels by name, percent-decoded once.
    pub labels: Vec<(&'static str, String)>,
}

impl Default for Router {
    fn default() -> Self {
        Self::new()
    }
}

impl Router {
    /// The table of every operation served.
    #[must_use]
    pub fn new() -> Self {
        let mut routes = METHODS.map(|method| {
            let mut by_count: Vec<Vec<Route>> = Vec::new();
            for meta in SERVICES.iter().copied().flatten().filter(|meta| meta.method == method) {
                let segments: Vec<_> = split(meta.uri).map(Segment::of).collect();
                let count = segments.len();
                by_count.resize_with(by_count.len().max(count + 1), Vec::new);
                by_count[count].push(Route { meta, segments });
            }
            by_count
        });
        // More literal segments first: a literal wins over a label.
        for candidates in routes.iter_mut().flatten() {
            candidates.sort_by_key(|route| route.segments.iter().filter(|s| matches!(s, Segment::Label(_))).count());
        }
        Self { routes }
    }

    /// The operation at that method and raw path. `signed_for` is asked only where services share a path: it says which
    /// service the request's credential names.
    #[must_use]
    pub fn find(&self, method: &str, raw_path: &str, signed_for: impl FnOnce() -> Option<String>) -> Option<Found> {
        let segments: Vec<&str> = split(raw_path).collect();
        let method = METHODS.iter().position(|known| *known == method)?;
        let candidates = self.routes[method].get(segments.len())?;
        let mut matching = candidates.iter().filter_map(|route| Some((route.meta, route.labels(&segments)?)));
        let (first, labels) = matching.next()?;
        let rivals: Vec<&Meta> = matching.map(|(meta, _)| meta).filter(|rival| rival.uri == first.uri).collect();
        if rivals.is_empty() {
            return Some(Found { meta: first, labels });
        }
        let answers = |service: &str| {
            let mut all = std::iter::once(first).chain(rivals.iter().copied());
            all.find(|meta| meta.signing_name == service)
        };
        let in_arn = || labels.iter().find_map(|(_, label)| label.strip_prefix("arn:aws:")?.split(':').next());
        let meta =
            signed_for().and_then(|service| answers(&service)).or_else(|| in_arn().and_then(answers)).unwrap_or(first);
        Some(Found { meta, labels })
    }
}

const METHODS: [&str; 5] = ["GET", "PUT", "POST", "PATCH", "DELETE"];

fn split(path: &str) -> impl Iterator<Item = &str> {
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    path.strip_prefix('/').unwrap_or(path).split('/')
}

impl Segment {
    fn of(text: &'static str) -> Self {
        match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            Some(label) => Self::Label(label.trim_end_matches('+')),
            None => Self::Literal(text),
        }
    }
}

impl Route {
    fn labels(&self, segments: &[&str]) -> Option<Vec<(&'static str, String)>> {
        let mut labels = Vec::new();
        for (wanted, found) in self.segments.iter().zip(segments) {
            match wanted {
                Segment::Literal(literal) if literal == found => {}
                Segment::Literal(_) => return None,
                // An empty label would be another, shorter path.
                Segment::Label(_) if found.is_empty() => return None,
                Segment::Label(name) => {
                    labels.push((*name, percent_decode_str(found).decode_utf8().ok()?.into_owned()))
                }
            }
        }
        Some(labels)
    }
}
