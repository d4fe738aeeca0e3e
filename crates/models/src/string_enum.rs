//! Enums of strings, open for values that the service may add.

use std::fmt;

/// An enum of strings that keeps a value it does not know.
///
/// The service may add values at any time, so every text is a value: one that is not in the list
/// becomes the hidden last variant, whose payload only this module makes. Two values are therefore
/// equal exactly when their texts are.
macro_rules! string_enum {
    (
        $(#[$docs:meta])*
        $name:ident { $( $(#[$value_docs:meta])* $variant:ident = $text:literal, )* }
    ) => {
        $(#[$docs])*
        ///
        /// Open: a value that this list does not have is kept as it is. Any text becomes a value
        /// with `From` and `parse`, and [`as_str`](Self::as_str) gives the text back.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$value_docs])* $variant, )*
            #[doc(hidden)]
            Unknown(crate::string_enum::UnknownValue),
        }

        impl $name {
            /// Every value that is known, in the order of the service model.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),*];

            /// The value as it stands on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $text, )*
                    Self::Unknown(value) => value.as_str(),
                }
            }

            /// Whether this is one of [`KNOWN`](Self::KNOWN).
            pub fn is_known(&self) -> bool {
                !matches!(self, Self::Unknown(_))
            }

            fn known(text: &str) -> Option<Self> {
                match text {
                    $( $text => Some(Self::$variant), )*
                    _ => None,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::known(text)
                    .unwrap_or_else(|| Self::Unknown(crate::string_enum::UnknownValue::new(text.into())))
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::known(&text)
                    .unwrap_or_else(|| Self::Unknown(crate::string_enum::UnknownValue::new(text)))
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde_core::Serialize for $name {
            fn serialize<S: serde_core::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde_core::Deserialize<'de> for $name {
            fn deserialize<D: serde_core::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(crate::wire::TextVisitor::new())
            }
        }
    };
}

pub(crate) use string_enum;

/// The text of an enum's value that this version does not know. Made by `From` of the enum alone,
/// so that a known text never hides in here.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    pub(crate) fn new(text: String) -> Self {
        Self(text.into_boxed_str())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
