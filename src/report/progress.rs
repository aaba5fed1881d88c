//! The lines at the bottom that redraw: one per service, on terminals only.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::console::{Console, NOTE};

/// How often a line is drawn while nothing is heard, as when a linker works.
const CLOCK: Duration = Duration::from_millis(500);

/// The line of all services together; no service has this name.
pub(crate) const TOTAL: &str = "";

/// Live lines with a clock each.
pub(crate) struct Progress {
    console: Console,
    /// Whether there is a terminal to draw on, and lines are wanted.
    draws: bool,
    lines: MultiProgress,
    bars: Mutex<BTreeMap<String, ProgressBar>>,
}

impl Progress {
    /// Nothing is drawn when standard error is not a terminal.
    pub(crate) fn new(console: Console, quiet: bool) -> Self {
        let draws = console.is_terminal() && !quiet;
        let target = if draws {
            ProgressDrawTarget::stderr_with_hz(10)
        } else {
            ProgressDrawTarget::hidden()
        };
        Self {
            console,
            draws,
            lines: MultiProgress::with_draw_target(target),
            bars: Mutex::default(),
        }
    }

    /// Sets what is going on for all services together, in the last line.
    pub(crate) fn total(&self, verb: &str, text: &str) {
        self.update(TOTAL, verb, text);
    }

    /// Sets what is going on for a service, from now on with a running clock.
    pub(crate) fn update(&self, service: &str, verb: &str, text: &str) {
        if self.lines.is_hidden() {
            return;
        }
        let mut bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
        let last = bars.get(TOTAL).cloned();
        let bar = bars.entry(service.to_owned()).or_insert_with(|| {
            let bar = match last {
                Some(last) => self.lines.insert_before(&last, ProgressBar::new_spinner()),
                None => self.lines.add(ProgressBar::new_spinner()),
            };
            let style = ProgressStyle::with_template("{prefix} {wide_msg} {elapsed:>6}");
            bar.enable_steady_tick(CLOCK);
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar
        });
        bar.set_prefix(format!(
            "{} {service:<10}",
            self.console.paint(NOTE, &format!("{verb:>11}"))
        ));
        bar.set_message(text.to_owned());
    }

    /// Leaves the terminal to a program that asks something, or takes it back.
    pub(crate) fn pause(&self, paused: bool) {
        if !self.draws {
            return;
        }
        // Nothing changes a line meanwhile; and without their clocks none is drawn again
        // between the two steps.
        let bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
        if paused {
            bars.values().for_each(ProgressBar::disable_steady_tick);
            let _gone = self.lines.clear();
            self.lines.set_draw_target(ProgressDrawTarget::hidden());
        } else {
            self.lines.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
            bars.values().for_each(|bar| bar.enable_steady_tick(CLOCK));
        }
    }

    /// Removes the line of a service.
    pub(crate) fn finish(&self, service: &str) {
        let mut bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = bars.remove(service) {
            bar.finish_and_clear();
            self.lines.remove(&bar);
        }
    }

    /// Removes all lines.
    pub(crate) fn clear(&self) {
        let mut bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
        for bar in std::mem::take(&mut *bars).into_values() {
            bar.finish_and_clear();
            self.lines.remove(&bar);
        }
    }

    /// Runs `write` while the lines are out of the way.
    pub(crate) fn suspend(&self, write: impl FnOnce()) {
        self.lines.suspend(write);
    }
}
