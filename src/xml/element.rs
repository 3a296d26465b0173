//! Values that are one element, or a list of elements.

use super::{Children, Element, Problem, ReadScalar, Tag, WriteScalar};

/// A value that an element holds.
pub(crate) trait ReadElement: Sized {
    /// Reads the element; `None` if it holds nothing that could be this value.
    ///
    /// A property with a value nobody can read must not cost the item it belongs to, so such a
    /// value is left out and counted in [`Notes`](super::Notes).
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem>;

    /// Reads the element into its place; values that are several elements add to what is there.
    fn read_into(slot: &mut Option<Self>, node: &mut Element<'_, '_>) -> Result<(), Problem> {
        *slot = Self::read_element(node)?;
        Ok(())
    }
}

/// A value that can fill an element.
pub(crate) trait WriteElement {
    /// Fills the element.
    fn write_element(&self, tag: Tag<'_>);

    /// Writes the element called `name`; values that are several elements write them all.
    fn write_in(&self, out: &mut Children<'_>, name: &str) {
        self.write_element(out.tag(name));
    }
}

/// A value that stands in lists, each under the same name.
pub(crate) trait ListItem {
    /// The name with its prefix, as `t:Attendee`.
    const TAG: &'static str;
}

impl<T: ReadScalar> ReadElement for T {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        node.lenient()
    }
}

impl<T: WriteScalar> WriteElement for T {
    fn write_element(&self, tag: Tag<'_>) {
        tag.text(self);
    }
}

impl<T: ReadElement + ListItem> ReadElement for Vec<T> {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let name = T::TAG.rsplit(':').next().unwrap_or(T::TAG);
        let mut list = Self::new();
        while let Some(mut child) = node.next_child()? {
            if child.name() == name {
                list.extend(T::read_element(&mut child)?);
            } else {
                child.skip()?;
            }
        }
        Ok(Some(list))
    }
}

impl<T: WriteElement + ListItem> WriteElement for Vec<T> {
    fn write_element(&self, tag: Tag<'_>) {
        tag.children(|out: &mut Children<'_>| {
            for value in self {
                value.write_element(out.tag(T::TAG));
            }
        });
    }
}

impl ListItem for String {
    const TAG: &'static str = "t:String";
}
