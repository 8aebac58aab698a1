//! From tokens to the tree of a query, by operator precedence (Pratt, "Top Down Operator Precedence").
//!
//! A token binds what stands to its left with a strength; an expression goes on as long as the next token binds
//! stronger than asked for. Tokens that bind weaker than [`PROJECTION_STOP`] end a projection.

use super::lexer::{self, Kind, Sign, Token};
use super::{Comparator, Node};

const PROJECTION_STOP: u8 = 10;

const STAR: u8 = 20;
const DOT: u8 = 40;

/// Deeper nesting is refused: it would exhaust the stack, and no person writes it.
const DEEPEST: usize = 200;

/// Reads a query.
pub(super) fn parse(text: &str) -> Result<Node, String> {
    if text.is_empty() {
        return Err("Invalid JMESPath expression: cannot be empty.".to_owned());
    }
    let mut parser = Parser { text, tokens: lexer::tokens(text)?, at: 0, depth: 0 };
    let root = parser.expression(0)?;
    if *parser.kind() == Kind::End {
        return Ok(root);
    }
    Err(parser.fault(parser.at, &format!("Unexpected token: {}", parser.kind().shown())))
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

/// How strongly a token binds what stands to its left.
fn binding_power(kind: &Kind) -> u8 {
    let Kind::Sign(sign) = kind else { return 0 };
    match sign {
        Sign::Pipe => 1,
        Sign::Or => 2,
        Sign::And => 3,
        Sign::Equal | Sign::NotEqual | Sign::Less | Sign::LessOrEqual | Sign::Greater | Sign::GreaterOrEqual => 5,
        Sign::Flatten => 9,
        Sign::Star => STAR,
        Sign::Filter => 21,
        Sign::Dot => DOT,
        Sign::Not => 45,
        Sign::LeftBrace => 50,
        Sign::LeftBracket => 55,
        Sign::LeftParenthesis => 60,
        Sign::RightBracket
        | Sign::RightParenthesis
        | Sign::RightBrace
        | Sign::Comma
        | Sign::Colon
        | Sign::Current
        | Sign::Expression => 0,
    }
}

fn chain(left: Node, right: Node) -> Node {
    Node::Chain(Box::new(left), Box::new(right))
}

fn projection(left: Node, right: Node) -> Node {
    Node::Projection(Box::new(left), Box::new(right))
}

impl Parser<'_> {
    fn expression(&mut self, strength: u8) -> Result<Node, String> {
        if self.depth == DEEPEST {
            return Err(self.fault(self.at, "too many expressions inside each other"));
        }
        self.depth += 1;
        let mut left = self.first()?;
        while strength < binding_power(self.kind()) {
            left = self.next(left)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    /// What a token means at the start of an expression.
    fn first(&mut self) -> Result<Node, String> {
        let at = self.at;
        let kind = self.kind().clone();
        self.at += usize::from(kind != Kind::End);
        match kind {
            Kind::Literal(value) => Ok(Node::Literal(value)),
            Kind::Identifier(name) => Ok(Node::Field(name)),
            Kind::Quoted(name) if self.is(Sign::LeftParenthesis) => {
                let problem = "Quoted identifier not allowed for function names.";
                Err(self.fault_shown(0, &Kind::Sign(Sign::LeftParenthesis), problem, &name))
            }
            Kind::Quoted(name) => Ok(Node::Field(name)),
            Kind::Sign(sign) => self.first_sign(sign, at),
            Kind::Number(_) => Err(self.fault(at, "invalid token")),
            Kind::End => Err(self.incomplete()),
        }
    }

    fn first_sign(&mut self, sign: Sign, at: usize) -> Result<Node, String> {
        match sign {
            Sign::Star if self.is(Sign::RightBracket) => {
                Ok(Node::ValueProjection(Box::new(Node::Current), Box::new(Node::Current)))
            }
            Sign::Star => {
                let right = self.projection_rest(STAR)?;
                Ok(Node::ValueProjection(Box::new(Node::Current), Box::new(right)))
            }
            Sign::Filter => self.filter(Node::Current),
            Sign::LeftBrace => self.multi_map(),
            Sign::LeftParenthesis => {
                let inside = self.expression(0)?;
                self.expect(Sign::RightParenthesis)?;
                Ok(inside)
            }
            Sign::Flatten => self.flatten(Node::Current),
            Sign::Not => Ok(Node::Not(Box::new(self.expression(binding_power(&Kind::Sign(Sign::Not)))?))),
            Sign::LeftBracket if matches!(self.kind(), Kind::Number(_)) || self.is(Sign::Colon) => {
                self.index(Node::Current)
            }
            Sign::LeftBracket if self.is(Sign::Star) && self.follows(Sign::RightBracket) => {
                self.at += 2;
                Ok(projection(Node::Current, self.projection_rest(STAR)?))
            }
            Sign::LeftBracket => self.multi_list(),
            Sign::Current => Ok(Node::Current),
            Sign::Expression => Ok(Node::Expression(Box::new(self.expression(0)?))),
            _ => Err(self.fault(at, "invalid token")),
        }
    }

    /// What the current token makes of the expression to its left.
    fn next(&mut self, left: Node) -> Result<Node, String> {
        let at = self.at;
        let Kind::Sign(sign) = *self.kind() else { return Err(self.fault(at, "invalid token")) };
        self.at += 1;
        let strength = binding_power(&Kind::Sign(sign));
        match sign {
            Sign::Dot => self.member(left),
            Sign::Pipe => Ok(chain(left, self.expression(strength)?)),
            Sign::Or => Ok(Node::Or(Box::new(left), Box::new(self.expression(strength)?))),
            Sign::And => Ok(Node::And(Box::new(left), Box::new(self.expression(strength)?))),
            Sign::LeftParenthesis => self.call(left, at),
            Sign::Filter => self.filter(left),
            Sign::Flatten => self.flatten(left),
            Sign::LeftBracket if matches!(self.kind(), Kind::Number(_)) || self.is(Sign::Colon) => self.index(left),
            Sign::LeftBracket => {
                self.expect(Sign::Star)?;
                self.expect(Sign::RightBracket)?;
                Ok(projection(left, self.projection_rest(STAR)?))
            }
            _ => match comparator(sign) {
                Some(comparator) => {
                    Ok(Node::Comparison(comparator, Box::new(left), Box::new(self.expression(strength)?)))
                }
                None => {
                    self.at = at;
                    Err(self.fault(at, "invalid token"))
                }
            },
        }
    }

    fn member(&mut self, left: Node) -> Result<Node, String> {
        if !self.is(Sign::Star) {
            return Ok(chain(left, self.after_dot(DOT)?));
        }
        self.at += 1;
        let right = self.projection_rest(DOT)?;
        Ok(Node::ValueProjection(Box::new(left), Box::new(right)))
    }

    fn flatten(&mut self, left: Node) -> Result<Node, String> {
        let right = self.projection_rest(binding_power(&Kind::Sign(Sign::Flatten)))?;
        Ok(projection(Node::Flatten(Box::new(left)), right))
    }

    fn filter(&mut self, left: Node) -> Result<Node, String> {
        let condition = self.expression(0)?;
        self.expect(Sign::RightBracket)?;
        let right = if self.is(Sign::Flatten) {
            Node::Current
        } else {
            self.projection_rest(binding_power(&Kind::Sign(Sign::Filter)))?
        };
        Ok(Node::FilterProjection(Box::new(left), Box::new(right), Box::new(condition)))
    }

    /// Behind `[`, with a number or a colon next.
    fn index(&mut self, left: Node) -> Result<Node, String> {
        let Kind::Number(index) = *self.kind() else { return self.slice(left) };
        if self.follows(Sign::Colon) {
            return self.slice(left);
        }
        self.at += 1;
        self.expect(Sign::RightBracket)?;
        Ok(chain(left, Node::Index(index)))
    }

    fn slice(&mut self, left: Node) -> Result<Node, String> {
        let mut parts = [None; 3];
        let mut part = 0;
        while !self.is(Sign::RightBracket) && part < 3 {
            match *self.kind() {
                Kind::Sign(Sign::Colon) if part < 2 => part += 1,
                Kind::Number(number) => parts[part] = Some(number),
                _ => return Err(self.fault(self.at, "syntax error")),
            }
            self.at += 1;
        }
        self.expect(Sign::RightBracket)?;
        Ok(projection(chain(left, Node::Slice(parts)), self.projection_rest(STAR)?))
    }

    fn call(&mut self, left: Node, at: usize) -> Result<Node, String> {
        let Node::Field(name) = left else {
            let before = at.saturating_sub(1);
            return Err(self.fault(before, &format!("Invalid function name '{}'", self.tokens[before].kind.shown())));
        };
        let mut arguments = Vec::new();
        while !self.is(Sign::RightParenthesis) {
            arguments.push(self.expression(0)?);
            if self.is(Sign::Comma) {
                self.at += 1;
            }
        }
        self.at += 1;
        Ok(Node::Call(name, arguments))
    }

    fn multi_list(&mut self) -> Result<Node, String> {
        let mut items = vec![self.expression(0)?];
        while !self.is(Sign::RightBracket) {
            self.expect(Sign::Comma)?;
            items.push(self.expression(0)?);
        }
        self.at += 1;
        Ok(Node::MultiList(items))
    }

    fn multi_map(&mut self) -> Result<Node, String> {
        let mut entries = Vec::new();
        loop {
            let (Kind::Identifier(key) | Kind::Quoted(key)) = self.kind().clone() else {
                return Err(self.unexpected("['quoted_identifier', 'unquoted_identifier']"));
            };
            self.at += 1;
            self.expect(Sign::Colon)?;
            entries.push((key, self.expression(0)?));
            if self.is(Sign::RightBrace) {
                self.at += 1;
                return Ok(Node::MultiMap(entries));
            }
            self.at += usize::from(self.is(Sign::Comma));
        }
    }

    fn projection_rest(&mut self, strength: u8) -> Result<Node, String> {
        if binding_power(self.kind()) < PROJECTION_STOP {
            return Ok(Node::Current);
        }
        match self.kind() {
            Kind::Sign(Sign::LeftBracket | Sign::Filter) => self.expression(strength),
            Kind::Sign(Sign::Dot) => {
                self.at += 1;
                self.after_dot(strength)
            }
            _ => Err(self.fault(self.at, "syntax error")),
        }
    }

    fn after_dot(&mut self, strength: u8) -> Result<Node, String> {
        match self.kind() {
            Kind::Identifier(_) | Kind::Quoted(_) | Kind::Sign(Sign::Star) => self.expression(strength),
            Kind::Sign(Sign::LeftBracket) => {
                self.at += 1;
                self.multi_list()
            }
            Kind::Sign(Sign::LeftBrace) => {
                self.at += 1;
                self.multi_map()
            }
            other => {
                let wanted = "['quoted_identifier', 'unquoted_identifier', 'lbracket', 'lbrace']";
                Err(self.fault(self.at, &format!("Expecting: {wanted}, got: {}", other.name())))
            }
        }
    }

    fn expect(&mut self, sign: Sign) -> Result<(), String> {
        if !self.is(sign) {
            return Err(self.unexpected(sign.name()));
        }
        self.at += 1;
        Ok(())
    }

    fn kind(&self) -> &Kind {
        &self.tokens[self.at].kind
    }

    fn is(&self, sign: Sign) -> bool {
        *self.kind() == Kind::Sign(sign)
    }

    fn follows(&self, sign: Sign) -> bool {
        self.tokens.get(self.at + 1).is_some_and(|token| token.kind == Kind::Sign(sign))
    }

    fn unexpected(&self, wanted: &str) -> String {
        match self.kind() {
            Kind::End => self.incomplete(),
            other => self.fault(self.at, &format!("Expecting: {wanted}, got: {}", other.name())),
        }
    }

    fn incomplete(&self) -> String {
        let caret = " ".repeat(self.text.chars().count() + 1);
        format!("Invalid jmespath expression: Incomplete expression:\n\"{}\"\n{caret}^", self.text)
    }

    /// Something is wrong with the token at that place.
    fn fault(&self, at: usize, problem: &str) -> String {
        let token = &self.tokens[at];
        self.fault_shown(token.start, &token.kind, problem, &token.kind.shown())
    }

    fn fault_shown(&self, column: usize, kind: &Kind, problem: &str, shown: &str) -> String {
        format!(
            "{problem}: Parse error at column {column}, token \"{shown}\" ({}), for expression:\n\"{}\"\n{}^",
            kind.name().to_uppercase(),
            self.text,
            " ".repeat(column + 1)
        )
    }
}

fn comparator(sign: Sign) -> Option<Comparator> {
    Some(match sign {
        Sign::Equal => Comparator::Equal,
        Sign::NotEqual => Comparator::NotEqual,
        Sign::Less => Comparator::Less,
        Sign::LessOrEqual => Comparator::LessOrEqual,
        Sign::Greater => Comparator::Greater,
        Sign::GreaterOrEqual => Comparator::GreaterOrEqual,
        _ => return None,
    })
}
