//! `$filter`: read into a tree, and asked about resources.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use super::super::refusal::GraphRefusal;
use super::Resource;
use super::syntax::{Token, invalid, tokens};

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Filter {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Compare(Operand, Operator, Literal),
    Text(Function, Operand, String),
    /// A flag by itself.
    Truth(Operand),
    /// `path/any(variable:condition)`, or `all`.
    Lambda {
        path: String,
        variable: String,
        all: bool,
        inner: Box<Self>,
    },
}

/// What is compared: a property, perhaps changed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    Path(String),
    Lower(Box<Self>),
    Upper(Box<Self>),
    /// A text read as something else, as `cast(ep/value, Edm.Int32)`.
    Cast(Box<Self>, String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    StartsWith,
    Contains,
    EndsWith,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Null,
    Boolean(bool),
    Number(f64),
    Text(String),
    Time(DateTime<Utc>),
}

struct Reader<'a> {
    tokens: &'a [Token],
    resource: &'a Resource,
    variables: Vec<String>,
}

impl Filter {
    pub(super) fn read(text: &str, resource: &Resource) -> Result<Self, GraphRefusal> {
        let tokens = tokens(text)?;
        let mut reader = Reader {
            tokens: &tokens,
            resource,
            variables: Vec::new(),
        };
        let filter = reader.either()?;
        match reader.tokens {
            [] => Ok(filter),
            _ => Err(invalid("there is something behind its end")),
        }
    }

    fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        visit(self);
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|one| one.walk(visit)),
            Self::Not(inner) | Self::Lambda { inner, .. } => inner.walk(visit),
            Self::Compare(..) | Self::Text(..) | Self::Truth(_) => {}
        }
    }

    /// The properties that it looks at, in their order, each once.
    pub(super) fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = Vec::new();
        let mut variables: Vec<&str> = Vec::new();
        self.walk(&mut |one| {
            let path = match one {
                Self::Compare(operand, ..) | Self::Text(_, operand, _) | Self::Truth(operand) => {
                    operand.path()
                }
                Self::Lambda { path, variable, .. } => {
                    variables.push(variable);
                    path
                }
                _ => return,
            };
            let first = path.split('/').next().unwrap_or_default();
            if !variables.contains(&first) && !paths.iter().any(|known| known == path) {
                paths.push(path.to_owned());
            }
        });
        paths
    }

    /// The ids of extended properties that it names.
    pub(super) fn extended_ids(&self) -> Vec<String> {
        let mut ids = Vec::new();
        self.walk(&mut |one| {
            if let Self::Compare(operand, Operator::Equal, Literal::Text(id)) = one
                && operand.path().ends_with("/id")
            {
                ids.push(id.clone());
            }
        });
        ids
    }

    pub(super) fn holds(&self, resource: &Value) -> bool {
        self.holds_for(&[("", resource)])
    }

    /// Whether it holds for what the variables stand for; the first of them, without a name, is the resource.
    fn holds_for(&self, scope: &[(&str, &Value)]) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|one| one.holds_for(scope)),
            Self::Or(parts) => parts.iter().any(|one| one.holds_for(scope)),
            Self::Not(inner) => !inner.holds_for(scope),
            Self::Truth(operand) => operand.value(scope) == Value::Bool(true),
            Self::Text(function, operand, text) => {
                let value = operand.value(scope);
                let value = value.as_str().unwrap_or_default().to_lowercase();
                let text = text.to_lowercase();
                match function {
                    Function::StartsWith => value.starts_with(&text),
                    Function::Contains => value.contains(&text),
                    Function::EndsWith => value.ends_with(&text),
                }
            }
            Self::Compare(operand, operator, literal) => {
                operator.holds(&operand.value(scope), literal)
            }
            Self::Lambda {
                path,
                variable,
                all,
                inner,
            } => {
                let list = find(scope, path);
                let mut elements = list.as_array().into_iter().flatten();
                let holds = |element: &Value| {
                    let mut scope = scope.to_vec();
                    scope.push((variable, element));
                    inner.holds_for(&scope)
                };
                match all {
                    true => elements.all(holds),
                    false => elements.any(holds),
                }
            }
        }
    }
}

/// The value at a path of a resource; null where there is none.
pub(super) fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    let mut steps = path.split('/').filter(|step| !step.is_empty());
    steps
        .try_fold(value, |value, step| value.get(step))
        .unwrap_or(&Value::Null)
}

fn find<'a>(scope: &[(&str, &'a Value)], path: &str) -> &'a Value {
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let variable = scope.iter().skip(1).find(|(name, _)| *name == first);
    match (variable, scope.first()) {
        (Some((_, value)), _) => at(value, rest),
        (None, Some((_, resource))) => at(resource, path),
        (None, None) => &Value::Null,
    }
}

/// Which of two values is smaller; what is not there is smallest.
pub(super) fn compare_values(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::String(one), Value::String(other)) => one.to_lowercase().cmp(&other.to_lowercase()),
        (Value::Number(one), Value::Number(other)) => one
            .as_f64()
            .partial_cmp(&other.as_f64())
            .unwrap_or(Ordering::Equal),
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        (one, other) => other.is_null().cmp(&one.is_null()),
    }
}

impl Operand {
    fn path(&self) -> &str {
        match self {
            Self::Path(path) => path,
            Self::Lower(inner) | Self::Upper(inner) | Self::Cast(inner, _) => inner.path(),
        }
    }

    fn value(&self, scope: &[(&str, &Value)]) -> Value {
        match self {
            Self::Path(path) => find(scope, path).clone(),
            Self::Lower(inner) => text(&inner.value(scope), str::to_lowercase),
            Self::Upper(inner) => text(&inner.value(scope), str::to_uppercase),
            Self::Cast(inner, kind) => {
                let value = inner.value(scope);
                let text = value.as_str().unwrap_or_default();
                match kind.as_str() {
                    "Edm.Boolean" => text.parse().map(Value::Bool).unwrap_or(Value::Null),
                    "Edm.String" | "Edm.DateTimeOffset" => value,
                    _ => text
                        .parse::<f64>()
                        .map_or(Value::Null, |number| number.into()),
                }
            }
        }
    }
}

fn text(value: &Value, change: fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => change(text).into(),
        other => other.clone(),
    }
}

impl Operator {
    fn read(word: &str) -> Option<Self> {
        Some(match word {
            "eq" => Self::Equal,
            "ne" => Self::NotEqual,
            "gt" => Self::Greater,
            "ge" => Self::GreaterOrEqual,
            "lt" => Self::Less,
            "le" => Self::LessOrEqual,
            _ => return None,
        })
    }

    /// The operator with its sides exchanged.
    fn turned(self) -> Self {
        match self {
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            other => other,
        }
    }

    fn fits(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
        }
    }

    fn holds(self, value: &Value, literal: &Literal) -> bool {
        let ordering = match (value, literal) {
            (Value::Null, Literal::Null) => Some(Ordering::Equal),
            (Value::String(value), Literal::Text(text)) => {
                Some(value.to_lowercase().cmp(&text.to_lowercase()))
            }
            (Value::String(value), Literal::Time(time)) => {
                let value = DateTime::parse_from_rfc3339(value).ok();
                value.map(|value| value.with_timezone(&Utc).cmp(time))
            }
            (Value::Bool(value), Literal::Boolean(flag)) => Some(value.cmp(flag)),
            (Value::Number(value), Literal::Number(number)) => {
                value.as_f64().and_then(|value| value.partial_cmp(number))
            }
            _ => None,
        };
        match ordering {
            Some(ordering) => self.fits(ordering),
            // What is not there is only different.
            None => self == Self::NotEqual,
        }
    }
}

impl Literal {
    fn read(token: &Token) -> Option<Self> {
        let word = match token {
            Token::Text(text) => return Some(Self::Text(text.clone())),
            Token::Word(word) => word.as_str(),
            _ => return None,
        };
        match word {
            "null" => return Some(Self::Null),
            "true" => return Some(Self::Boolean(true)),
            "false" => return Some(Self::Boolean(false)),
            _ => {}
        }
        if let Ok(time) = DateTime::parse_from_rfc3339(word) {
            return Some(Self::Time(time.with_timezone(&Utc)));
        }
        if let Ok(date) = word.parse::<NaiveDate>() {
            return Some(Self::Time(date.and_time(chrono::NaiveTime::MIN).and_utc()));
        }
        let number = word.starts_with(|one: char| one.is_ascii_digit() || one == '-');
        let number = number.then(|| word.parse().ok()).flatten();
        number.map(Self::Number)
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Null => "<null>",
            Self::Boolean(_) => "Edm.Boolean",
            Self::Number(_) => "Edm.Int32",
            Self::Text(_) => "Edm.String",
            Self::Time(_) => "Edm.DateTimeOffset",
        }
    }
}

/// What kind of value a property of the resource has, as far as its name tells.
fn kind_of(path: &str) -> &'static str {
    let flag = ["is", "has"].iter().any(|prefix| {
        let rest = path.strip_prefix(prefix);
        rest.is_some_and(|rest| rest.starts_with(|one: char| one.is_ascii_uppercase()))
    });
    match path {
        _ if flag => "Edm.Boolean",
        _ if path.ends_with("DateTime") && !path.contains('/') => "Edm.DateTimeOffset",
        _ if path.ends_with("Count") => "Edm.Int32",
        _ => "Edm.String",
    }
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<&'a Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    fn word(&self, at: usize) -> Option<&'a str> {
        match self.tokens.get(at) {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.word(0) == Some(word);
        if found {
            self.next();
        }
        found
    }

    fn expect(&mut self, token: &Token) -> Result<(), GraphRefusal> {
        match self.next() {
            Some(found) if found == token => Ok(()),
            _ => Err(invalid("a parenthesis or a comma is missing")),
        }
    }

    fn either(&mut self) -> Result<Filter, GraphRefusal> {
        let mut parts = vec![self.both()?];
        while self.take("or") {
            parts.push(self.both()?);
        }
        Ok(only(parts, Filter::Or))
    }

    fn both(&mut self) -> Result<Filter, GraphRefusal> {
        let mut parts = vec![self.one()?];
        while self.take("and") {
            parts.push(self.one()?);
        }
        Ok(only(parts, Filter::And))
    }

    fn one(&mut self) -> Result<Filter, GraphRefusal> {
        if self.take("not") {
            return Ok(Filter::Not(Box::new(self.one()?)));
        }
        if self.tokens.first() == Some(&Token::Open) {
            self.next();
            let inner = self.either()?;
            self.expect(&Token::Close)?;
            return Ok(inner);
        }
        if let (Some(word), Some(Token::Open)) = (self.word(0), self.tokens.get(1)) {
            let function = match word {
                "startswith" => Some(Function::StartsWith),
                "contains" => Some(Function::Contains),
                "endswith" => Some(Function::EndsWith),
                _ => None,
            };
            if let Some(function) = function {
                return self.function(function);
            }
            let last = word.rsplit_once('/');
            if let Some((path, kind)) = last
                && let kind = kind.to_ascii_lowercase()
                && matches!(kind.as_str(), "any" | "all")
            {
                return self.lambda(path, kind == "all");
            }
        }
        self.comparison()
    }

    fn function(&mut self, function: Function) -> Result<Filter, GraphRefusal> {
        self.next();
        self.expect(&Token::Open)?;
        let operand = self.operand()?;
        self.expect(&Token::Comma)?;
        let Some(Token::Text(text)) = self.next() else {
            return Err(invalid("a function needs a text"));
        };
        self.expect(&Token::Close)?;
        self.check(&operand, &Literal::Text(text.clone()), "a function")?;
        Ok(Filter::Text(function, operand, text.clone()))
    }

    fn lambda(&mut self, path: &str, all: bool) -> Result<Filter, GraphRefusal> {
        self.check_path(path)?;
        self.next();
        self.expect(&Token::Open)?;
        let begin = self
            .word(0)
            .ok_or_else(|| invalid("a lambda needs a variable"))?;
        let (variable, rest) = begin
            .split_once(':')
            .ok_or_else(|| invalid("a lambda needs a colon behind its variable"))?;
        self.next();
        self.variables.push(variable.to_owned());
        let inner = match rest {
            "" => self.either()?,
            // The word goes on behind the colon.
            _ => {
                let mut tokens = vec![Token::Word(rest.to_owned())];
                tokens.extend_from_slice(self.tokens);
                let mut reader = Reader {
                    tokens: &tokens,
                    resource: self.resource,
                    variables: self.variables.clone(),
                };
                let inner = reader.either()?;
                let left = reader.tokens.len();
                let read = self.tokens.len().saturating_sub(left);
                self.tokens = self.tokens.get(read..).unwrap_or_default();
                inner
            }
        };
        self.variables.pop();
        self.expect(&Token::Close)?;
        Ok(Filter::Lambda {
            path: path.to_owned(),
            variable: variable.to_owned(),
            all,
            inner: Box::new(inner),
        })
    }

    fn comparison(&mut self) -> Result<Filter, GraphRefusal> {
        if let Some(literal) = self.tokens.first().and_then(Literal::read) {
            self.next();
            let operator = self.operator()?;
            let operand = self.operand()?;
            self.check(&operand, &literal, "a comparison")?;
            return Ok(Filter::Compare(operand, operator.turned(), literal));
        }
        let operand = self.operand()?;
        if self.word(0).and_then(Operator::read).is_none() {
            self.check(&operand, &Literal::Boolean(true), "a condition")?;
            return Ok(Filter::Truth(operand));
        }
        let operator = self.operator()?;
        let literal = self.next().and_then(Literal::read);
        let literal = literal.ok_or_else(|| invalid("a value is missing"))?;
        self.check(&operand, &literal, "a comparison")?;
        Ok(Filter::Compare(operand, operator, literal))
    }

    fn operator(&mut self) -> Result<Operator, GraphRefusal> {
        let word = self.word(0).and_then(Operator::read);
        self.next();
        word.ok_or_else(|| invalid("an operator is missing"))
    }

    fn operand(&mut self) -> Result<Operand, GraphRefusal> {
        let Some(Token::Word(word)) = self.next() else {
            return Err(invalid("a property is missing"));
        };
        if self.tokens.first() != Some(&Token::Open) {
            self.check_path(word)?;
            return Ok(Operand::Path(word.clone()));
        }
        self.next();
        let inner = Box::new(self.operand()?);
        let operand = match word.as_str() {
            "tolower" => Operand::Lower(inner),
            "toupper" => Operand::Upper(inner),
            "cast" => {
                self.expect(&Token::Comma)?;
                match self.next() {
                    Some(Token::Word(kind)) => Operand::Cast(inner, kind.clone()),
                    _ => return Err(invalid("a cast needs a type")),
                }
            }
            other => {
                return Err(invalid(&format!(
                    "an unknown function with name '{other}' was found"
                )));
            }
        };
        self.expect(&Token::Close)?;
        Ok(operand)
    }

    /// Refuses what is no property, or none to filter by.
    fn check_path(&self, path: &str) -> Result<(), GraphRefusal> {
        let first = path.split('/').next().unwrap_or_default();
        if self.variables.iter().any(|variable| variable == first) {
            return Ok(());
        }
        self.resource.check_property(first)?;
        match self.resource.filterable.contains(&path) {
            true => Ok(()),
            false => Err(GraphRefusal::new(
                400,
                "ErrorInvalidProperty",
                format!("The property '{path}' does not support filtering."),
            )),
        }
    }

    /// Refuses a value of another kind than that of the property.
    fn check(&self, operand: &Operand, literal: &Literal, place: &str) -> Result<(), GraphRefusal> {
        let path = operand.path();
        let first = path.split('/').next().unwrap_or_default();
        let free = self.variables.iter().any(|variable| variable == first);
        let kind = kind_of(path);
        match free || *literal == Literal::Null || kind == literal.kind() {
            true => Ok(()),
            false => Err(GraphRefusal::bad_request(format!(
                "A binary operator with incompatible types was detected in {place}. Found operand types '{kind}' and '{}'.",
                literal.kind()
            ))),
        }
    }
}

fn only(mut parts: Vec<Filter>, many: fn(Vec<Filter>) -> Filter) -> Filter {
    match parts.pop() {
        Some(one) if parts.is_empty() => one,
        Some(last) => {
            parts.push(last);
            many(parts)
        }
        None => many(parts),
    }
}
