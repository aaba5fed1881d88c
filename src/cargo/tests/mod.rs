//! Builds by a real cargo: tiny packages without dependencies, no network.

mod building;
mod cleaning;
mod failing;
mod requests;
mod support;
