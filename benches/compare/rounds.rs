//! What is measured, in which order.

use super::lab::Lab;
use super::way::Way;

const COLD: &str = "cold";
const EDIT: &str = "edit → installed";
const NOTHING: &str = "nothing to do";
const NOTHING_COMMITTED: &str = "nothing to do, committed";
const SWITCH: &str = "profile switch, edited";
const SWITCH_COMMITTED: &str = "profile switch, committed";

/// The first install with empty build directories, once.
pub fn cold(lab: &mut Lab) {
    for way in
        [Way::HeroDebug, Way::GitDebug, Way::HeroRelease, Way::GitRelease, Way::Path, Way::Hand]
    {
        if lab.takes(way) {
            lab.time(COLD, way);
        }
    }
    // Whatever it still has to do, it does not do in the first round.
    lab.run(Way::Build);
}

/// The number tells which of the ways comes first.
pub fn round(lab: &mut Lab, number: usize) {
    edited(lab, Way::Build);
    // One edit for both profiles, so that there is something to switch between.
    let text = edited(lab, Way::HeroDebug);
    if !lab.quick {
        lab.time(EDIT, Way::HeroRelease);
        lab.see(Way::HeroRelease, &text);
        lab.time(NOTHING, Way::HeroRelease);
        for way in [Way::HeroDebug, Way::HeroRelease] {
            lab.time(SWITCH, way);
            lab.see(way, &text);
        }
    }
    committed(lab, &text);
    let mut ways = [Way::HeroUpdate, Way::GitDebug, Way::GitRelease, Way::Path, Way::Hand];
    let first = (number - 1) % ways.len();
    ways.rotate_left(first);
    for way in ways {
        if lab.takes(way) {
            edited(lab, way);
        }
    }
}

/// An edit, and the same again without one.
fn edited(lab: &mut Lab, way: Way) -> String {
    let text = lab.edit(way);
    lab.time(EDIT, way);
    lab.see(way, &text);
    lab.time(NOTHING, way);
    text
}

/// hero with the edit committed in its checkout, which it then knows to be
/// nothing else than what it has built; at last the commit is taken back.
fn committed(lab: &mut Lab, text: &str) {
    let checkout = lab.side(Way::HeroDebug).checkout(Way::HeroDebug);
    checkout.commit("edited");
    let ways: &[_] =
        if lab.quick { &[Way::HeroDebug] } else { &[Way::HeroDebug, Way::HeroRelease] };
    for way in ways {
        lab.run(*way);
    }
    for way in ways {
        if !lab.quick {
            lab.time(SWITCH_COMMITTED, *way);
            lab.see(*way, text);
        }
        lab.time(NOTHING_COMMITTED, *way);
    }
    checkout.git("reset --quiet --hard HEAD~1");
}
