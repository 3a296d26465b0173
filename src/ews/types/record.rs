//! Elements that are a sequence of properties.

/// Declares an element that is a sequence of optional properties, in the schema's order.
///
/// A line `field: Type = "Element" @ FieldUriVariant,` is all there is to know of a property: its
/// name here, what it holds, its element, and the path by which requests speak of it. One without
/// a path says `since Exchange2010` instead, if it is newer than Exchange 2007. `(field: Type)` behind the name embeds another record, whose elements come
/// first.
///
/// It gives the struct `read_property` (the child, if it is one of these), `write_properties`
/// (all that are set, in order) and `for_each_set` (one by one, with paths).
macro_rules! record {
    (
        $(#[$meta:meta])*
        pub struct $name:ident $(($(#[$base_doc:meta])* $base:ident: $base_type:ty))? {
            $($(#[$doc:meta])* $field:ident: $type:ty = $element:literal $(@ $uri:ident)? $(since $since:ident)?,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$base_doc])*
                #[serde(flatten)]
                pub $base: $base_type,
            )?
            $(
                $(#[$doc])*
                #[serde(rename = $element, skip_serializing_if = "Option::is_none")]
                pub $field: Option<$type>,
            )*
        }

        impl $name {
            /// Takes the child, if it is one of these properties.
            #[allow(non_upper_case_globals)]
            pub(crate) fn read_property(
                &mut self,
                child: &mut $crate::xml::Element<'_, '_>,
            ) -> Result<bool, $crate::xml::Problem> {
                $(
                    const $field: u64 = $crate::xml::name_key($element);
                )*
                let wire_name = child.name();
                match $crate::xml::name_key(wire_name) {
                    $($field if wire_name == $element => {
                        $crate::xml::ReadElement::read_into(&mut self.$field, child)?;
                    })*
                    _ => {
                        $(
                            if self.$base.read_property(child)? {
                                return Ok(true);
                            }
                        )?
                        return Ok(false);
                    }
                }
                Ok(true)
            }

            /// Takes all children that are properties, and passes over the others.
            pub(crate) fn read_properties(
                &mut self,
                node: &mut $crate::xml::Element<'_, '_>,
            ) -> Result<(), $crate::xml::Problem> {
                while let Some(mut child) = node.next_child()? {
                    if !self.read_property(&mut child)? {
                        child.skip()?;
                    }
                }
                Ok(())
            }

            /// Writes what is set, in the schema's order.
            #[allow(dead_code)]
            pub(crate) fn write_properties(&self, out: &mut $crate::xml::Children<'_>) {
                $(self.$base.write_properties(out);)?
                $(out.value_if(concat!("t:", $element), self.$field.as_ref());)*
            }

            /// Visits what is set, in the schema's order: path, element, value.
            #[allow(dead_code)]
            pub(crate) fn for_each_set<'s>(
                &'s self,
                visit: &mut dyn FnMut(
                    Option<$crate::ews::FieldUri>,
                    &'static str,
                    &'s dyn $crate::xml::WriteElement,
                ),
            ) {
                $(self.$base.for_each_set(visit);)?
                $(
                    if let Some(value) = &self.$field {
                        visit($crate::ews::types::record!(@uri $($uri)?), concat!("t:", $element), value);
                    }
                )*
            }
        }

        #[cfg(test)]
        impl $name {
            /// The elements in the order they are written.
            #[allow(dead_code)]
            pub(crate) fn elements() -> Vec<&'static str> {
                Self::versions().into_iter().map(|(element, _)| element).collect()
            }

            /// The elements and since when each may be sent.
            #[allow(dead_code)]
            pub(crate) fn versions() -> Vec<(&'static str, $crate::ews::ServerVersion)> {
                #[allow(unused_mut)]
                let mut versions: Vec<(&'static str, $crate::ews::ServerVersion)> = Vec::new();
                $(versions.extend(<$base_type>::versions());)?
                $(
                    #[allow(unused_mut, unused_assignments)]
                    let mut since = $crate::ews::ServerVersion::Exchange2007;
                    $(since = $crate::ews::FieldUri::$uri.since();)?
                    $(since = $crate::ews::ServerVersion::$since;)?
                    versions.push(($element, since));
                )*
                versions
            }
        }

        impl $crate::ews::types::Gate for $name {
            fn gate(&self, needs: &mut $crate::ews::operation::Needs) {
                let _ = &needs;
                $(self.$base.gate(needs);)?
                $(
                    if let Some(value) = &self.$field {
                        $(needs.field(&$crate::ews::FieldUri::$uri);)?
                        $(needs.at_least($element, $crate::ews::ServerVersion::$since);)?
                        value.gate(needs);
                    }
                )*
            }
        }

        impl $crate::xml::ReadElement for $name {
            fn read_element(
                node: &mut $crate::xml::Element<'_, '_>,
            ) -> Result<Option<Self>, $crate::xml::Problem> {
                let mut value = Self::default();
                value.read_properties(node)?;
                Ok(Some(value))
            }
        }

        impl $crate::xml::WriteElement for $name {
            fn write_element(&self, tag: $crate::xml::Tag<'_>) {
                tag.children(|out| self.write_properties(out));
            }
        }
    };
    (@uri $uri:ident) => { Some($crate::ews::FieldUri::$uri) };
    (@uri) => { None };
}

pub(crate) use record;
