//! Disk space: what is cleared, that the figures are those of `du`, and that it stays
//! bounded.

mod collecting;
mod debug_information;
mod layouts;
mod measure;
mod robust;
mod sizes;
