//! Supervisors on a machine that is made up.

use super::super::super::{Error, Kind, State, Status, Supervisor, Unit};
use super::does::Does;
use super::machine::{Fake, Known, Run, World};
use crate::sys::cancel::Cancel;
use crate::sys::fs;
use crate::sys::name::Name;

/// A supervisor on it. What it was told stays on the machine.
pub(super) struct FakeSupervisor {
    pub(super) kind: Kind,
    pub(super) fake: Fake,
}

impl FakeSupervisor {
    fn key(&self, unit: &Name) -> String {
        format!("{} {unit}", self.kind)
    }

    /// Notes what it does; what direct does is the usual.
    fn note(&self, world: &mut World, what: &str, unit: &Name) {
        let by = if self.kind == Kind::Direct { "" } else { self.kind.name() };
        world.done.push(format!("{by} {what} {unit}").trim_start().to_owned());
    }
}

impl Supervisor for FakeSupervisor {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn available(&self) -> Result<(), Error> {
        if self.kind == Kind::Direct {
            return Ok(());
        }
        let (why, hint) = ("it is not there".to_owned(), String::new());
        Err(Error::Unavailable { kind: self.kind, why, hint })
    }

    fn put(&self, unit: &Unit, _cancel: &Cancel) -> Result<bool, Error> {
        let mut world = self.fake.world();
        let known = world.units.remove(&self.key(&unit.name));
        let known = known.unwrap_or(Known { unit: unit.clone(), run: None, lost: false });
        world.units.insert(self.key(&unit.name), Known { unit: unit.clone(), ..known });
        Ok(true)
    }

    fn start(&self, unit: &Name, cancel: &Cancel) -> Result<(), Error> {
        if self.status(unit, cancel)?.state.is_up() {
            return Ok(());
        }
        let mut world = self.fake.world();
        self.note(&mut world, "start", unit);
        world.pids += 1000;
        let (pid, begun) = (world.pids, world.clock);
        let known = world.units.get_mut(&self.key(unit)).unwrap();
        let version = fs::read_to_string(&known.unit.program).unwrap();
        let does = Does::of(&version);
        if does == Does::Refused {
            let (kind, why) = (self.kind, "it cannot be executed".into());
            return Err(Error::Refused { kind, action: "start", unit: unit.to_string(), why });
        }
        let program = match does {
            Does::OtherProgram => "/elsewhere/app".into(),
            _ => fs::canonicalize(&known.unit.program).unwrap(),
        };
        known.run = Some(Run { does, version, program, begun, pid });
        known.lost = false;
        let port = known.unit.ready.port.filter(|_| does == Does::Stranger);
        world.strangers.extend(port);
        Ok(())
    }

    fn stop(&self, unit: &Name, cancel: &Cancel) -> Result<(), Error> {
        let was_up = self.status(unit, cancel)?.state.is_up();
        let mut world = self.fake.world();
        if was_up {
            self.note(&mut world, "stop", unit);
        }
        if let Some(known) = world.units.get_mut(&self.key(unit)) {
            known.run = None;
        }
        Ok(())
    }

    fn status(&self, unit: &Name, _cancel: &Cancel) -> Result<Status, Error> {
        let world = self.fake.world();
        let known = world.units.get(&self.key(unit));
        Ok(known.map_or(Status::new(State::Unknown), |known| world.look(known)))
    }

    fn logs(&self, unit: &Name, _lines: usize, cancel: &Cancel) -> Result<Vec<u8>, Error> {
        self.said(unit, cancel)
    }

    fn said(&self, unit: &Name, _cancel: &Cancel) -> Result<Vec<u8>, Error> {
        let world = self.fake.world();
        let run = world.units.get(&self.key(unit)).and_then(|known| known.run.as_ref());
        Ok(run.map(|run| format!("{} begins\n", run.version).into_bytes()).unwrap_or_default())
    }

    fn follow(
        &self,
        _unit: &Name,
        _lines: usize,
        _sink: &mut dyn FnMut(&[u8]),
        _cancel: &Cancel,
    ) -> Result<(), Error> {
        Ok(())
    }

    fn remove(&self, unit: &Name, cancel: &Cancel) -> Result<(), Error> {
        if self.fake.world().gone == Some(self.kind) {
            return self.available();
        }
        self.stop(unit, cancel)?;
        self.fake.world().units.remove(&self.key(unit));
        Ok(())
    }
}
