//! The macro that makes the type `ErrorKind` of the table in `kinds`.

use serde::{Serialize, Serializer};

use super::exit::Exit;

/// One row of the table: everything that is promised about a kind of error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Row {
    /// The word that scripts compare: `e.kind`.
    pub(crate) kind: &'static str,
    /// The part of hero that it comes from.
    pub(crate) area: &'static str,
    /// The exit codes it can lead to, the usual one first.
    #[serde(serialize_with = "numbers")]
    pub(crate) exits: &'static [Exit],
    /// One sentence: what has happened.
    pub(crate) meaning: &'static str,
    /// One sentence: what to do about it.
    pub(crate) advice: &'static str,
}

fn numbers<S: Serializer>(exits: &[Exit], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(exits.iter().map(|exit| *exit as u8))
}

/// Makes the enum `ErrorKind` of rows `Name "word" [Exit…] "meaning" "advice";` in areas.
macro_rules! kinds {
    ($($area:literal {
        $($name:ident $word:literal [$($exit:ident),+] $meaning:literal $advice:literal;)+
    })+) => {
        /// The kind of an error. `hero api errors` shows the table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum ErrorKind {
            $($(#[doc = $meaning] $name,)+)+
        }

        impl ErrorKind {
            /// Every kind, in the order of the table.
            pub(crate) const ALL: &[Self] = &[$($(Self::$name,)+)+];

            /// Returns what is promised about this kind.
            pub(crate) fn row(self) -> $crate::error::Row {
                match self {
                    $($(Self::$name => $crate::error::Row {
                        kind: $word,
                        area: $area,
                        exits: &[$($crate::error::Exit::$exit),+],
                        meaning: $meaning,
                        advice: $advice,
                    },)+)+
                }
            }
        }
    };
}
pub(super) use kinds;
