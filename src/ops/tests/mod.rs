//! Operations, on a real store and a machine that is made up.

mod complete;
