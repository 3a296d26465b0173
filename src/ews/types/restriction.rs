use crate::ews::operation::Needs;
use crate::xml::{Children, names};

use super::FieldPath;

names! {
    /// Where in a text to look for another.
    pub enum ContainmentMode {
        FullString = "FullString",
        Prefixed = "Prefixed",
        Substring = "Substring",
        PrefixOnWords = "PrefixOnWords",
        ExactPhrase = "ExactPhrase",
    }
}

names! {
    /// Which differences between texts do not count.
    pub enum ContainmentComparison {
        Exact = "Exact",
        IgnoreCase = "IgnoreCase",
        IgnoreNonSpacingCharacters = "IgnoreNonSpacingCharacters",
        Loose = "Loose",
        IgnoreCaseAndNonSpacingCharacters = "IgnoreCaseAndNonSpacingCharacters",
        LooseAndIgnoreCase = "LooseAndIgnoreCase",
        LooseAndIgnoreNonSpace = "LooseAndIgnoreNonSpace",
        LooseAndIgnoreCaseAndIgnoreNonSpace = "LooseAndIgnoreCaseAndIgnoreNonSpace",
    }
}

/// With what to compare a property.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Operand {
    /// A value, as it is on the wire.
    Constant(String),
    /// Another property.
    Field(FieldPath),
}

impl From<&str> for Operand {
    fn from(value: &str) -> Self {
        Self::Constant(value.to_owned())
    }
}

impl From<String> for Operand {
    fn from(value: String) -> Self {
        Self::Constant(value)
    }
}

/// A condition items must meet.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/restriction>
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SearchExpression {
    /// The property has that value.
    IsEqualTo(FieldPath, Operand),
    /// The property has another value, or is not there.
    IsNotEqualTo(FieldPath, Operand),
    /// The property is greater, or later.
    IsGreaterThan(FieldPath, Operand),
    /// The property is greater or equal, or not earlier.
    IsGreaterThanOrEqualTo(FieldPath, Operand),
    /// The property is less, or earlier.
    IsLessThan(FieldPath, Operand),
    /// The property is less or equal, or not later.
    IsLessThanOrEqualTo(FieldPath, Operand),
    /// A text has another in it.
    Contains {
        /// In which property to look.
        path: FieldPath,
        /// Where in it.
        mode: ContainmentMode,
        /// Which differences do not count.
        comparison: ContainmentComparison,
        /// What to look for.
        text: String,
    },
    /// The property is there.
    Exists(FieldPath),
    /// None of these bits of a number is set.
    Excludes(FieldPath, u32),
    /// All of the conditions hold; two at least.
    And(Vec<Self>),
    /// One of the conditions holds, or several; two at least.
    Or(Vec<Self>),
    /// The condition does not hold.
    Not(Box<Self>),
}

impl SearchExpression {
    /// A text has another in it, in whatever case.
    pub fn contains(path: impl Into<FieldPath>, text: impl Into<String>) -> Self {
        Self::Contains {
            path: path.into(),
            mode: ContainmentMode::Substring,
            comparison: ContainmentComparison::IgnoreCase,
            text: text.into(),
        }
    }

    /// All of the conditions; `None` if there are none.
    pub fn all(mut conditions: Vec<Self>) -> Option<Self> {
        match conditions.len() {
            0 | 1 => conditions.pop(),
            _ => Some(Self::And(conditions)),
        }
    }

    pub(crate) fn write(&self, out: &mut Children<'_>) {
        match self {
            Self::IsEqualTo(path, value) => compare("t:IsEqualTo", path, value, out),
            Self::IsNotEqualTo(path, value) => compare("t:IsNotEqualTo", path, value, out),
            Self::IsGreaterThan(path, value) => compare("t:IsGreaterThan", path, value, out),
            Self::IsGreaterThanOrEqualTo(path, value) => {
                compare("t:IsGreaterThanOrEqualTo", path, value, out);
            }
            Self::IsLessThan(path, value) => compare("t:IsLessThan", path, value, out),
            Self::IsLessThanOrEqualTo(path, value) => {
                compare("t:IsLessThanOrEqualTo", path, value, out);
            }
            Self::Contains {
                path,
                mode,
                comparison,
                text,
            } => out
                .tag("t:Contains")
                .attribute("ContainmentMode", mode)
                .attribute("ContainmentComparison", comparison)
                .children(|out| {
                    path.write(out);
                    drop(out.tag("t:Constant").attribute("Value", text));
                }),
            Self::Exists(path) => out.tag("t:Exists").children(|out| path.write(out)),
            Self::Excludes(path, bits) => out.tag("t:Excludes").children(|out| {
                path.write(out);
                drop(out.tag("t:Bitmask").attribute("Value", bits));
            }),
            Self::And(all) => out.tag("t:And").children(|out| {
                all.iter().for_each(|one| one.write(out));
            }),
            Self::Or(any) => out.tag("t:Or").children(|out| {
                any.iter().for_each(|one| one.write(out));
            }),
            Self::Not(one) => out.tag("t:Not").children(|out| one.write(out)),
        }
    }

    pub(crate) fn needs(&self, needs: &mut Needs) {
        match self {
            Self::IsEqualTo(path, value)
            | Self::IsNotEqualTo(path, value)
            | Self::IsGreaterThan(path, value)
            | Self::IsGreaterThanOrEqualTo(path, value)
            | Self::IsLessThan(path, value)
            | Self::IsLessThanOrEqualTo(path, value) => {
                path.needs(needs);
                if let Operand::Field(path) = value {
                    path.needs(needs);
                }
            }
            Self::Contains { path, .. } | Self::Exists(path) | Self::Excludes(path, _) => {
                path.needs(needs);
            }
            Self::And(all) | Self::Or(all) => {
                // The schema wants two at least: one alone is no "and".
                if all.len() < 2 {
                    needs.refuse("And and Or need two conditions at least");
                }
                all.iter().for_each(|one| one.needs(needs));
            }
            Self::Not(one) => one.needs(needs),
        }
    }
}

fn compare(name: &str, path: &FieldPath, value: &Operand, out: &mut Children<'_>) {
    out.tag(name).children(|out| {
        path.write(out);
        out.tag("t:FieldURIOrConstant").children(|out| match value {
            Operand::Constant(value) => drop(out.tag("t:Constant").attribute("Value", value)),
            Operand::Field(path) => path.write(out),
        });
    });
}
