//! What a request wants of a collection: `$filter`, `$orderby`, `$select`, `$expand`, `$top`, `$skip`, `$count`,
//! `$search`, and the links to further pages.
//!
//! <https://learn.microsoft.com/en-us/graph/query-parameters>

mod expand;
mod filter;
mod syntax;

use std::cmp::Ordering;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::refusal::GraphRefusal;
use super::reply::Reply;
use super::request::GraphRequest;

pub(in crate::simulator) use expand::Expand;
use filter::Filter;

/// What a family of resources lets requests ask for.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulator) struct Resource {
    /// Its name in sentences, as `microsoft.graph.message`.
    pub(in crate::simulator) name: &'static str,
    /// All its properties.
    pub(in crate::simulator) properties: &'static [&'static str],
    /// Paths that `$filter` takes; those of collections stand before `/any`.
    pub(in crate::simulator) filterable: &'static [&'static str],
    /// Paths that `$orderby` takes.
    pub(in crate::simulator) sortable: &'static [&'static str],
    /// What `$expand` takes.
    pub(in crate::simulator) expandable: &'static [&'static str],
    /// Whether what is sorted by must stand in the filter, before all else.
    pub(in crate::simulator) is_order_bound: bool,
    /// How many come on a page where the request does not say it, and at most.
    pub(in crate::simulator) page: (usize, usize),
}

impl Resource {
    /// Refuses a property that there is not.
    fn check_property(&self, name: &str) -> Result<(), GraphRefusal> {
        match self.properties.contains(&name) {
            true => Ok(()),
            false => Err(GraphRefusal::bad_request(format!(
                "Could not find a property named '{name}' on type '{}'.",
                self.name
            ))),
        }
    }
}

/// A property to sort by, and whether the largest comes first.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::simulator) struct Order {
    pub(in crate::simulator) path: String,
    pub(in crate::simulator) descending: bool,
}

/// The options of a request, read.
#[derive(Clone, Debug, Default)]
pub(in crate::simulator) struct Query {
    filter: Option<Filter>,
    pub(in crate::simulator) orders: Vec<Order>,
    select: Option<Vec<String>>,
    pub(in crate::simulator) expand: Vec<Expand>,
    pub(in crate::simulator) search: Option<String>,
    top: Option<usize>,
    /// How many the server gives at most.
    limit: Option<usize>,
    skip: usize,
    count: bool,
}

/// What parameters may be; others without a dollar sign are for whoever reads them.
const OPTIONS: [&str; 9] = [
    "$filter",
    "$orderby",
    "$select",
    "$expand",
    "$search",
    "$top",
    "$skip",
    "$count",
    "$skiptoken",
];

impl Query {
    pub(in crate::simulator) fn read(
        request: &GraphRequest,
        resource: &Resource,
    ) -> Result<Self, GraphRefusal> {
        let mut parameters = request.query.iter().map(|(name, _)| name.as_str());
        let unknown = parameters.find(|name| {
            let delta = matches!(*name, "$deltatoken");
            name.starts_with('$') && !delta && !OPTIONS.contains(name)
        });
        if let Some(name) = unknown {
            return Err(GraphRefusal::bad_request(format!(
                "The query parameter '{name}' is not supported."
            )));
        }
        let number = |name: &str| {
            let text = request.parameter(name);
            text.map(|text| text.parse::<usize>().map_err(|_| bad_value(name, text)))
                .transpose()
        };
        let mut query = Self {
            skip: number("$skip")?.unwrap_or_default(),
            top: number("$top")?,
            limit: request.page_limit,
            search: request.parameter("$search").map(str::to_owned),
            ..Self::of(resource, |name| request.parameter(name))?
        };
        if let Some(token) = request.parameter("$skiptoken") {
            query.skip = read_token(token).ok_or_else(|| bad_value("$skiptoken", token))?;
        }
        query.count = match request.parameter("$count") {
            None | Some("false") => false,
            Some("true") => true,
            Some(other) => return Err(bad_value("$count", other)),
        };
        if query
            .top
            .is_some_and(|top| top == 0 || top > resource.page.1)
        {
            return Err(GraphRefusal::new(
                400,
                "ErrorInvalidUrlQuery",
                format!(
                    "The $top query option must be between 1 and {}.",
                    resource.page.1
                ),
            ));
        }
        query.check_orders(resource)?;
        Ok(query)
    }

    /// The options that a nested `$expand` has too.
    fn of<'a>(
        resource: &Resource,
        parameter: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Self, GraphRefusal> {
        let filter = parameter("$filter");
        let select = parameter("$select").map(|text| read_select(text, resource));
        let orders = parameter("$orderby").map(|text| read_orders(text, resource));
        let expand = parameter("$expand").map(|text| Expand::read(text, resource));
        Ok(Self {
            filter: filter
                .map(|text| Filter::read(text, resource))
                .transpose()?,
            select: select.transpose()?,
            orders: orders.transpose()?.unwrap_or_default(),
            expand: expand.transpose()?.unwrap_or_default(),
            ..Self::default()
        })
    }

    /// What is sorted by must be in the filter too, in the same order and before all else.
    ///
    /// <https://learn.microsoft.com/en-us/graph/api/user-list-messages#using-filter-and-orderby-in-the-same-query>
    fn check_orders(&self, resource: &Resource) -> Result<(), GraphRefusal> {
        let Some(filter) = self.filter.as_ref().filter(|_| resource.is_order_bound) else {
            return Ok(());
        };
        let filtered = filter.paths();
        let sorted = self.orders.iter().map(|order| order.path.as_str());
        match sorted.zip(&filtered).all(|(sorted, path)| sorted == path)
            && self.orders.len() <= filtered.len()
        {
            true => Ok(()),
            false => Err(GraphRefusal::new(
                400,
                "InefficientFilter",
                "The restriction or sort order is too complex for this operation.",
            )),
        }
    }

    pub(in crate::simulator) fn has_filter(&self) -> bool {
        self.filter.is_some()
    }

    /// Whether the filter looks at a property.
    pub(in crate::simulator) fn filters_by(&self, path: &str) -> bool {
        let paths = self.filter.as_ref().map(Filter::paths);
        paths.is_some_and(|paths| paths.iter().any(|one| one == path))
    }

    /// Whether the filter looks at that property and at no other one.
    pub(in crate::simulator) fn filters_only_by(&self, path: &str) -> bool {
        let paths = self.filter.as_ref().map(Filter::paths);
        paths.is_some_and(|paths| paths == [path])
    }

    /// The ids of extended properties that the filter looks at. Who asks [`Query::holds`] puts them into the resource as
    /// `singleValueExtendedProperties`, with these ids.
    pub(in crate::simulator) fn extended_ids(&self) -> Vec<String> {
        self.filter
            .as_ref()
            .map(Filter::extended_ids)
            .unwrap_or_default()
    }

    /// Whether a resource with all its properties fits the filter.
    pub(in crate::simulator) fn holds(&self, resource: &Value) -> bool {
        self.filter
            .as_ref()
            .is_none_or(|filter| filter.holds(resource))
    }

    /// Which of two resources comes first.
    pub(in crate::simulator) fn compare(&self, one: &Value, other: &Value) -> Ordering {
        let mut orders = self.orders.iter().map(|order| {
            let [one, other] = [one, other].map(|value| filter::at(value, &order.path));
            let ordering = filter::compare_values(one, other);
            match order.descending {
                true => ordering.reverse(),
                false => ordering,
            }
        });
        orders
            .find(|ordering| ordering.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    /// Whether an answer contains a property.
    pub(in crate::simulator) fn selects(&self, property: &str) -> bool {
        self.select
            .as_ref()
            .is_none_or(|names| names.iter().any(|name| name == property))
    }

    /// Whether the request names a property, which it must where the property is not given otherwise.
    pub(in crate::simulator) fn names(&self, property: &str) -> bool {
        self.select
            .as_ref()
            .is_some_and(|names| names.iter().any(|name| name == property))
    }

    /// The expansion of a navigation property, where it is wanted.
    pub(in crate::simulator) fn expansion(&self, path: &str) -> Option<&Expand> {
        let mut all = self.expand.iter();
        all.find(|one| one.path.eq_ignore_ascii_case(path))
    }

    /// Takes out of a resource what was not selected; ids, annotations and what was expanded stay.
    pub(in crate::simulator) fn choose(&self, resource: &mut Value) {
        let Some(fields) = resource.as_object_mut() else {
            return;
        };
        fields.retain(|name, _| {
            let expanded = self.expand.iter().any(|one| one.name() == name);
            name == "id" || name.starts_with('@') || self.selects(name) || expanded
        });
    }

    /// How many come before the page, and how many are on it at most.
    pub(in crate::simulator) fn page(&self, resource: &Resource) -> (usize, usize) {
        let wanted = self.top.unwrap_or(resource.page.0);
        (self.skip, wanted.min(self.limit.unwrap_or(wanted)))
    }

    /// The page of a collection, of which `total` fit, with the link to the next one.
    pub(in crate::simulator) fn answer(
        &self,
        request: &GraphRequest,
        resource: &Resource,
        values: Vec<Value>,
        total: usize,
    ) -> Reply {
        let mut body = Map::new();
        body.insert("@odata.context".to_owned(), context_of(request).into());
        if self.count {
            body.insert("@odata.count".to_owned(), total.into());
        }
        let (skip, most) = self.page(resource);
        let next = skip.saturating_add(most);
        if next < total {
            let next = link(request, &[("$skiptoken", &token(next))]);
            body.insert("@odata.nextLink".to_owned(), next.into());
        }
        body.insert("value".to_owned(), values.into());
        Reply::json(200, body.into())
    }
}

/// The `@odata.context` of an answer.
pub(in crate::simulator) fn context_of(request: &GraphRequest) -> String {
    let path = request.segments.iter().map(|one| match one.len() > 30 {
        true => format!("('{}')", encoded(one)),
        false => format!("/{one}"),
    });
    let path: String = path.collect();
    format!(
        "{}/$metadata#{}",
        request.base,
        path.trim_start_matches('/')
    )
}

/// What in a path or a query is written as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'$');

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

/// The address of the request with some parameters instead of those that say where a page begins.
pub(in crate::simulator) fn link(request: &GraphRequest, parameters: &[(&str, &str)]) -> String {
    let path: Vec<String> = request.segments.iter().map(|one| encoded(one)).collect();
    let kept = request.query.iter().filter(|(name, _)| {
        let places = ["$skip", "$skiptoken", "$deltatoken"];
        !places.contains(&name.as_str())
    });
    let kept = kept.map(|(name, value)| (name.as_str(), value.as_str()));
    let query: Vec<String> = kept
        .chain(parameters.iter().copied())
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
        .collect();
    format!("{}/{}?{}", request.base, path.join("/"), query.join("&"))
}

/// A place in a collection, for a link: clients take it as it is.
fn token(skip: usize) -> String {
    format!("RFNwdAIAAQ{skip:08x}")
}

fn read_token(token: &str) -> Option<usize> {
    usize::from_str_radix(token.strip_prefix("RFNwdAIAAQ")?, 16).ok()
}

fn bad_value(name: &str, value: &str) -> GraphRefusal {
    GraphRefusal::bad_request(format!(
        "Invalid value '{value}' for {name} query option found."
    ))
}

/// `$select=subject,from`; `*` is all.
fn read_select(text: &str, resource: &Resource) -> Result<Vec<String>, GraphRefusal> {
    let mut names = Vec::new();
    for name in text.split(',').map(str::trim) {
        if name == "*" {
            names.extend(resource.properties.iter().map(|name| (*name).to_owned()));
            continue;
        }
        // A property of a derived type stands behind the type.
        let plain = match name.split_once('/') {
            Some((kind, name)) if kind.starts_with("microsoft.graph.") => name,
            _ => {
                resource.check_property(name)?;
                name
            }
        };
        names.push(plain.to_owned());
    }
    Ok(names)
}

/// `$orderby=importance desc,receivedDateTime`.
fn read_orders(text: &str, resource: &Resource) -> Result<Vec<Order>, GraphRefusal> {
    let mut orders = Vec::new();
    for one in text.split(',') {
        let mut words = one.split_whitespace();
        let path = words.next().unwrap_or_default();
        let descending = match (words.next().map(str::to_ascii_lowercase), words.next()) {
            (None, _) => false,
            (Some(word), None) if word == "asc" => false,
            (Some(word), None) if word == "desc" => true,
            _ => return Err(bad_value("$orderby", text)),
        };
        resource.check_property(path.split('/').next().unwrap_or_default())?;
        if !resource.sortable.contains(&path) {
            return Err(GraphRefusal::new(
                400,
                "ErrorInvalidProperty",
                format!("The property '{path}' does not support sorting."),
            ));
        }
        orders.push(Order {
            path: path.to_owned(),
            descending,
        });
    }
    Ok(orders)
}

/// A resource as an answer by itself.
pub(in crate::simulator) fn single(request: &GraphRequest, status: u16, resource: Value) -> Reply {
    let mut body = json!({"@odata.context": format!("{}/$entity", context_of(request))});
    if let (Some(body), Value::Object(fields)) = (body.as_object_mut(), resource) {
        body.extend(fields);
    }
    Reply::json(status, body)
}

#[cfg(test)]
mod tests;
