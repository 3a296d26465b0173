use super::ServerVersion;

pub(super) const ELEMENTS: &[(&str, &str, ServerVersion)] = &[];
pub(super) const ATTRIBUTES: &[(&str, &str, ServerVersion)] = &[];
pub(super) const VALUES: &[(&str, &str, ServerVersion)] = &[];
