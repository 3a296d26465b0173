//! Enumerations by the names they have on the wire.

/// Declares an enumeration by the names it has on the wire.
///
/// `pub enum` is closed: for what we send. `pub open enum` adds `Other`: for what a server sends,
/// which may be newer than this crate. Both have `ALL`, `as_str` and `Display`; an open one also
/// has `named`, a closed one `from_name`.
///
/// Most values need no documentation of their own: a value is the name Microsoft's reference gives
/// it, and saying the name again would explain nothing. Hence `allow(missing_docs)`; values whose
/// name does not say enough have a line.
macro_rules! names {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        #[allow(missing_docs)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// All values, in the schema's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name on the wire.
            pub fn as_str(&self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The value with that name on the wire, if there is one.
            pub fn from_name(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl $crate::xml::ReadScalar for $name {
            fn read_scalar(text: &str) -> Option<Self> {
                Self::from_name(text)
            }
        }

        $crate::xml::names!(@common $name);
    };
    ($(#[$meta:meta])* pub open enum $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        #[allow(missing_docs)]
        pub enum $name {
            $($(#[$doc])* $variant,)*
            /// A name this crate does not know.
            Other(Box<str>),
        }

        impl $name {
            /// All values this crate knows, in the schema's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The value with that name on the wire.
            pub fn named(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    _ => Self::Other(text.into()),
                }
            }

            /// The name on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl $crate::xml::ReadScalar for $name {
            fn read_scalar(text: &str) -> Option<Self> {
                (!text.is_empty()).then(|| Self::named(text))
            }
        }

        $crate::xml::names!(@common $name);
    };
    (@common $name:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl $crate::xml::WriteScalar for $name {
            fn write_scalar(&self, out: &mut String) {
                out.push_str(self.as_str());
            }
        }
    };
}

/// A number that nearly always tells names apart: a match on it is a search in a tree, where a
/// match on texts is one comparison after the other.
///
/// It looks at the length and at eight bytes from either end; names that agree in these must be
/// compared besides.
#[inline]
pub(crate) const fn name_key(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let (first, last) = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => {
            let mut short = 0;
            let mut rest = bytes;
            while let [byte, after @ ..] = rest {
                short = (short << 8) | *byte as u64;
                rest = after;
            }
            (short, 0)
        }
    };
    first
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(last.rotate_left(29).wrapping_mul(0xc2b2_ae3d_27d4_eb4f))
        .wrapping_add(bytes.len() as u64)
}

pub(crate) use names;
