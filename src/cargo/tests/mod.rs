//! Builds by a real cargo: tiny packages, no network.

mod building;
mod cleaning;
mod failing;
mod requests;
mod sharing;
mod support;
