use crate::ews::operation::Needs;
use crate::ews::{FieldUri, ServerVersion};
use crate::xml::{Children, Tag, WriteElement, names};

use super::ExtendedFieldUri;

names! {
    /// A set of properties the server has a name for.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/baseshape>
    pub enum BaseShape {
        IdOnly = "IdOnly",
        Default = "Default",
        AllProperties = "AllProperties",
    }
}

names! {
    /// In which form to return bodies.
    pub enum BodyTypeResponse {
        /// HTML if there is any.
        Best = "Best",
        Html = "HTML",
        Text = "Text",
    }
}

/// The name of a property in a request.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum FieldPath {
    /// A property of the schema.
    Field(FieldUri),
    /// One entry of a property that is a dictionary, as `item:InternetMessageHeader`.
    Indexed {
        /// The dictionary, as `contacts:EmailAddress`.
        uri: String,
        /// The entry, as `EmailAddress1`.
        index: String,
    },
    /// A MAPI property.
    Extended(ExtendedFieldUri),
}

impl From<FieldUri> for FieldPath {
    fn from(uri: FieldUri) -> Self {
        Self::Field(uri)
    }
}

impl From<ExtendedFieldUri> for FieldPath {
    fn from(uri: ExtendedFieldUri) -> Self {
        Self::Extended(uri)
    }
}

impl FieldPath {
    pub(crate) fn write(&self, out: &mut Children<'_>) {
        match self {
            Self::Field(uri) => drop(out.tag("t:FieldURI").attribute("FieldURI", uri)),
            Self::Indexed { uri, index } => drop(
                out.tag("t:IndexedFieldURI")
                    .attribute("FieldURI", uri)
                    .attribute("FieldIndex", index),
            ),
            Self::Extended(uri) => uri.write_element(out.tag("t:ExtendedFieldURI")),
        }
    }

    pub(crate) fn needs(&self, needs: &mut Needs) {
        match self {
            Self::Field(uri) => needs.field(uri),
            Self::Indexed { .. } => {}
            Self::Extended(uri) => uri.needs(needs),
        }
    }
}

/// Which properties of an item to return.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/itemshape>
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ItemShape {
    /// What to begin with.
    pub base_shape: BaseShape,
    /// Whether to return the whole item as MIME.
    pub include_mime_content: Option<bool>,
    /// In which form to return the body.
    pub body_type: Option<BodyTypeResponse>,
    /// Whether to take what could do harm out of HTML. Exchange 2010 and later.
    pub filter_html_content: Option<bool>,
    /// Whether to convert HTML to UTF-8. Exchange 2010 SP1 and later.
    pub convert_html_code_page_to_utf8: Option<bool>,
    /// Where to cut bodies, in bytes. Exchange 2013 and later.
    pub maximum_body_size: Option<i32>,
    /// What to return besides.
    pub additional_properties: Vec<FieldPath>,
}

impl ItemShape {
    /// The properties of a base shape.
    pub fn new(base_shape: BaseShape) -> Self {
        Self {
            base_shape,
            include_mime_content: None,
            body_type: None,
            filter_html_content: None,
            convert_html_code_page_to_utf8: None,
            maximum_body_size: None,
            additional_properties: Vec::new(),
        }
    }

    /// These properties besides.
    #[must_use]
    pub fn with(mut self, paths: impl IntoIterator<Item = impl Into<FieldPath>>) -> Self {
        let paths = paths.into_iter().map(Into::into);
        self.additional_properties.extend(paths);
        self
    }

    /// Bodies in that form.
    #[must_use]
    pub fn body_type(mut self, body_type: BodyTypeResponse) -> Self {
        self.body_type = Some(body_type);
        self
    }

    pub(crate) fn write(&self, tag: Tag<'_>) {
        tag.children(|out| {
            out.value("t:BaseShape", &self.base_shape);
            out.value_if("t:IncludeMimeContent", self.include_mime_content.as_ref());
            out.value_if("t:BodyType", self.body_type.as_ref());
            out.value_if("t:FilterHtmlContent", self.filter_html_content.as_ref());
            out.value_if(
                "t:ConvertHtmlCodePageToUTF8",
                self.convert_html_code_page_to_utf8.as_ref(),
            );
            out.value_if("t:MaximumBodySize", self.maximum_body_size.as_ref());
            write_additional(&self.additional_properties, out);
        });
    }

    pub(crate) fn needs(&self, needs: &mut Needs) {
        if self.filter_html_content.is_some() {
            needs.at_least("FilterHtmlContent", ServerVersion::Exchange2010);
        }
        if self.convert_html_code_page_to_utf8.is_some() {
            needs.at_least("ConvertHtmlCodePageToUTF8", ServerVersion::Exchange2010Sp1);
        }
        if self.maximum_body_size.is_some() {
            needs.at_least("MaximumBodySize", ServerVersion::Exchange2013);
        }
        for path in &self.additional_properties {
            path.needs(needs);
        }
    }
}

/// Which properties of a folder to return.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/foldershape>
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct FolderShape {
    /// What to begin with.
    pub base_shape: BaseShape,
    /// What to return besides.
    pub additional_properties: Vec<FieldPath>,
}

impl FolderShape {
    /// The properties of a base shape.
    pub fn new(base_shape: BaseShape) -> Self {
        Self {
            base_shape,
            additional_properties: Vec::new(),
        }
    }

    /// These properties besides.
    #[must_use]
    pub fn with(mut self, paths: impl IntoIterator<Item = impl Into<FieldPath>>) -> Self {
        let paths = paths.into_iter().map(Into::into);
        self.additional_properties.extend(paths);
        self
    }

    pub(crate) fn write(&self, tag: Tag<'_>) {
        tag.children(|out| {
            out.value("t:BaseShape", &self.base_shape);
            write_additional(&self.additional_properties, out);
        });
    }

    pub(crate) fn needs(&self, needs: &mut Needs) {
        for path in &self.additional_properties {
            path.needs(needs);
        }
    }
}

/// The schema allows no empty list.
pub(crate) fn write_additional(paths: &[FieldPath], out: &mut Children<'_>) {
    if paths.is_empty() {
        return;
    }
    out.tag("t:AdditionalProperties").children(|out| {
        for path in paths {
            path.write(out);
        }
    });
}
