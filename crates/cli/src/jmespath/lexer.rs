//! From the text of a query to its tokens.

use crate::python;
use crate::value::Value;

/// A token, with the character it begins at.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Identifier(String),
    Quoted(String),
    Literal(Value),
    Number(i64),
    /// Anything that is always written the same.
    Sign(Sign),
    End,
}

/// The signs of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Dot,
    Star,
    LeftBracket,
    RightBracket,
    Flatten,
    Filter,
    Comma,
    Colon,
    Current,
    LeftParenthesis,
    RightParenthesis,
    LeftBrace,
    RightBrace,
    Or,
    Pipe,
    And,
    Expression,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    NotEqual,
    Not,
    Equal,
}

/// Longer signs come before those they begin with.
const SIGNS: [(&str, Sign, &str); 24] = [
    ("[]", Sign::Flatten, "flatten"),
    ("[?", Sign::Filter, "filter"),
    ("[", Sign::LeftBracket, "lbracket"),
    ("]", Sign::RightBracket, "rbracket"),
    (".", Sign::Dot, "dot"),
    ("*", Sign::Star, "star"),
    (",", Sign::Comma, "comma"),
    (":", Sign::Colon, "colon"),
    ("@", Sign::Current, "current"),
    ("(", Sign::LeftParenthesis, "lparen"),
    (")", Sign::RightParenthesis, "rparen"),
    ("{", Sign::LeftBrace, "lbrace"),
    ("}", Sign::RightBrace, "rbrace"),
    ("||", Sign::Or, "or"),
    ("|", Sign::Pipe, "pipe"),
    ("&&", Sign::And, "and"),
    ("&", Sign::Expression, "expref"),
    ("<=", Sign::LessOrEqual, "lte"),
    ("<", Sign::Less, "lt"),
    (">=", Sign::GreaterOrEqual, "gte"),
    (">", Sign::Greater, "gt"),
    ("!=", Sign::NotEqual, "ne"),
    ("!", Sign::Not, "not"),
    ("==", Sign::Equal, "eq"),
];

impl Kind {
    /// The name of the kind in messages.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Identifier(_) => "unquoted_identifier",
            Self::Quoted(_) => "quoted_identifier",
            Self::Literal(_) => "literal",
            Self::Number(_) => "number",
            Self::Sign(sign) => sign.entry().2,
            Self::End => "eof",
        }
    }

    /// The token as messages show it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Identifier(name) | Self::Quoted(name) => name.clone(),
            Self::Literal(value) => python::display(value),
            Self::Number(number) => number.to_string(),
            Self::Sign(sign) => sign.entry().0.to_owned(),
            Self::End => String::new(),
        }
    }
}

impl Sign {
    fn entry(self) -> (&'static str, Self, &'static str) {
        // Every sign is in the table; the first entry stands in for a gap that a test would find.
        SIGNS.into_iter().find(|(_, sign, _)| *sign == self).unwrap_or(SIGNS[0])
    }

    /// The name of the sign in messages.
    pub(super) fn name(self) -> &'static str {
        self.entry().2
    }
}

/// Splits a query; the last token is always [`Kind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut lexer = Lexer { text, chars: text.chars().collect(), at: 0 };
    let mut tokens = Vec::new();
    while let Some(c) = lexer.current() {
        if matches!(c, ' ' | '\t' | '\n' | '\r') {
            lexer.at += 1;
            continue;
        }
        let start = lexer.at;
        let kind = lexer.token(c)?;
        tokens.push(Token { kind, start });
    }
    tokens.push(Token { kind: Kind::End, start: lexer.chars.len() });
    Ok(tokens)
}

struct Lexer<'t> {
    text: &'t str,
    chars: Vec<char>,
    at: usize,
}

impl Lexer<'_> {
    fn token(&mut self, first: char) -> Result<Kind, String> {
        match first {
            'a'..='z' | 'A'..='Z' | '_' => {
                Ok(Kind::Identifier(self.take_while(|c| c.is_ascii_alphanumeric() || c == '_')))
            }
            '0'..='9' | '-' => self.number(),
            '\'' => Ok(Kind::Literal(Value::from(self.until('\'')?.replace("\\'", "'")))),
            '"' => self.quoted(),
            '`' => self.literal(),
            _ => self.sign(first),
        }
    }

    fn sign(&mut self, first: char) -> Result<Kind, String> {
        let starts = |sign: &str| sign.chars().enumerate().all(|(i, c)| self.chars.get(self.at + i) == Some(&c));
        if let Some((text, sign, _)) = SIGNS.into_iter().find(|(text, ..)| starts(text)) {
            self.at += text.chars().count();
            return Ok(Kind::Sign(sign));
        }
        let problem = if first == '=' { "Unknown token '='".to_owned() } else { format!("Unknown token {first}") };
        Err(self.bad(&problem, self.at))
    }

    fn number(&mut self) -> Result<Kind, String> {
        let start = self.at;
        self.at += 1;
        let rest = self.take_while(|c| c.is_ascii_digit());
        let text = format!("{}{rest}", self.chars[start]);
        if text == "-" {
            return Err(self.bad("Unknown token '-'", start));
        }
        // Beyond any list there is nothing, however far.
        let limit = if text.starts_with('-') { i64::MIN } else { i64::MAX };
        Ok(Kind::Number(text.parse().unwrap_or(limit)))
    }

    /// A name in quotes, which is a JSON text.
    fn quoted(&mut self) -> Result<Kind, String> {
        let start = self.at;
        let inside = self.until('"')?;
        match python::json(&format!("\"{inside}\"")) {
            Ok(Value::Text(name)) => Ok(Kind::Quoted(name)),
            Ok(_) => Err(self.bad("Expecting value", start)),
            Err(problem) => Err(self.bad(problem.message(), start)),
        }
    }

    /// JSON in backticks. A text may lack its quotes, as it could in early versions of the language.
    fn literal(&mut self) -> Result<Kind, String> {
        let start = self.at;
        let inside = self.until('`')?.replace("\\`", "`");
        let value = python::json(&inside).or_else(|_| python::json(&format!("\"{}\"", inside.trim_start())));
        value.map(Kind::Literal).map_err(|_| self.bad(&format!("Bad token {inside}"), start))
    }

    /// What stands before the closing delimiter; a backslash protects what follows it, and stays.
    fn until(&mut self, delimiter: char) -> Result<String, String> {
        let start = self.at;
        let mut inside = String::new();
        self.at += 1;
        loop {
            let Some(c) = self.current() else {
                return Err(self.bad(&format!("Unclosed {delimiter} delimiter"), start));
            };
            self.at += 1;
            if c == delimiter {
                return Ok(inside);
            }
            inside.push(c);
            if c == '\\'
                && let Some(protected) = self.current()
            {
                inside.push(protected);
                self.at += 1;
            }
        }
    }

    fn take_while(&mut self, fits: fn(char) -> bool) -> String {
        let taken: String = self.chars[self.at..].iter().take_while(|&&c| fits(c)).collect();
        self.at += taken.chars().count();
        taken
    }

    fn bad(&self, problem: &str, at: usize) -> String {
        format!("Bad jmespath expression: {problem}:\n{}\n{}^", self.text, " ".repeat(at))
    }

    fn current(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }
}
