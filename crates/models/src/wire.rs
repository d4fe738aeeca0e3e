//! How shapes are written as JSON and read back.

use std::fmt;
use std::marker::PhantomData;

use serde_core::de::{Deserialize, Deserializer, SeqAccess, Visitor};

/// Serializes and deserializes a struct by a table of its members, each with its name on the wire.
///
/// serde's derive would do but for three rules of this protocol: of a member that stands twice
/// the last counts, null is absent for every member, and an array is not a structure.
///
/// A member is `required` (its absence is an error), `optional` (an `Option`, left out when
/// `None`), or `filled` (its absence gives the value after `=`). `via` names the type to read the
/// value as, where that is not the member's own.
macro_rules! members {
    ($($table:tt)*) => {
        crate::wire::write_members!($($table)*);
        crate::wire::read_members!($($table)*);
    };
}

/// The half of [`members!`] that writes.
macro_rules! write_members {
    ($shape:ident { $(
        $field:ident: $presence:ident $name:literal $(via $via:ty)? $(= $absent:expr)?
    ),* $(,)? }) => {
        impl serde_core::Serialize for $shape {
            fn serialize<S: serde_core::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                use serde_core::ser::SerializeStruct as _;

                let present = 0 $( + crate::wire::write_members!(@count $presence self.$field) )*;
                let mut members = serializer.serialize_struct(stringify!($shape), present)?;
                $( crate::wire::write_members!(@write $presence members, $name, self.$field); )*
                members.end()
            }
        }
    };

    (@count optional $self:ident.$field:ident) => { usize::from($self.$field.is_some()) };
    (@count $presence:ident $self:ident.$field:ident) => { 1 };

    (@write optional $members:ident, $name:literal, $self:ident.$field:ident) => {
        match &$self.$field {
            Some(value) => $members.serialize_field($name, value)?,
            None => $members.skip_field($name)?,
        }
    };
    (@write $presence:ident $members:ident, $name:literal, $self:ident.$field:ident) => {
        $members.serialize_field($name, &$self.$field)?
    };
}

/// The half of [`members!`] that reads.
macro_rules! read_members {
    ($shape:ident { $(
        $field:ident: $presence:ident $name:literal $(via $via:ty)? $(= $absent:expr)?
    ),* $(,)? }) => {
        impl<'de> serde_core::Deserialize<'de> for $shape {
            fn deserialize<D: serde_core::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                #[allow(non_camel_case_types, reason = "named after the members")]
                enum Member { $($field,)* Unknown }

                impl<'de> serde_core::Deserialize<'de> for Member {
                    fn deserialize<D: serde_core::Deserializer<'de>>(
                        name: D,
                    ) -> Result<Self, D::Error> {
                        name.deserialize_identifier(crate::wire::TextVisitor::new())
                    }
                }

                impl From<&str> for Member {
                    fn from(name: &str) -> Self {
                        match name {
                            $( $name => Self::$field, )*
                            _ => Self::Unknown,
                        }
                    }
                }

                struct ShapeVisitor;

                impl<'de> serde_core::de::Visitor<'de> for ShapeVisitor {
                    type Value = $shape;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a JSON object")
                    }

                    fn visit_map<A: serde_core::de::MapAccess<'de>>(
                        self,
                        mut members: A,
                    ) -> Result<$shape, A::Error> {
                        $( let mut $field = None; )*
                        while let Some(member) = members.next_key()? {
                            match member {
                                // Assigned, not filled once: of a member that stands twice the
                                // last counts.
                                $( Member::$field => {
                                    $field = crate::wire::read_members!(@read members $($via)?);
                                } )*
                                Member::Unknown => {
                                    members.next_value::<serde_core::de::IgnoredAny>()?;
                                }
                            }
                        }
                        Ok($shape { $(
                            $field: crate::wire::read_members!(
                                @finish $presence $field, $name $(, $absent)?
                            ),
                        )* })
                    }
                }

                deserializer.deserialize_struct(stringify!($shape), &[$($name),*], ShapeVisitor)
            }
        }
    };

    (@read $members:ident) => { $members.next_value()? };
    (@read $members:ident $via:ty) => { $members.next_value::<Option<$via>>()?.map(Into::into) };

    (@finish required $field:ident, $name:literal) => {
        $field.ok_or_else(|| serde_core::de::Error::missing_field($name))?
    };
    (@finish optional $field:ident, $name:literal) => { $field };
    (@finish filled $field:ident, $name:literal, $absent:expr) => {
        $field.unwrap_or_else(|| $absent)
    };
}

pub(crate) use {members, read_members, write_members};

/// Reads a text into whatever a text becomes, without an allocation for one that is known.
pub(crate) struct TextVisitor<T>(PhantomData<T>);

impl<T> TextVisitor<T> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: for<'a> From<&'a str>> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::from(text))
    }
}

/// A list as it is received: null elements are dropped, as Smithy's lists without `@sparse` ask.
pub(crate) struct Dense<T>(Vec<T>);

impl<T> From<Dense<T>> for Vec<T> {
    fn from(Dense(list): Dense<T>) -> Self {
        list
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Dense<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DenseVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for DenseVisitor<T> {
            type Value = Dense<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Dense<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(element) = elements.next_element::<Option<T>>()? {
                    list.extend(element);
                }
                Ok(Dense(list))
            }
        }

        deserializer.deserialize_seq(DenseVisitor(PhantomData))
    }
}
