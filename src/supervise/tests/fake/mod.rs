//! A machine that is made up. Its clock jumps instead of waiting, its processes are numbers,
//! and each does what the first two bytes of its program say.

mod does;
mod machine;
mod supervisor;

pub(crate) use does::Does;
pub(crate) use machine::Fake;
