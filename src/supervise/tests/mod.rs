//! Starts, on a machine that is made up.
