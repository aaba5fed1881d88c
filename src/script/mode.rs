//! The flags of a script that belong to the mode of the run, which is fixed before it starts.

use rhai::{Dynamic, Map};

use crate::error::Fault;
use crate::model::{ModeValue, Run};

/// The values of a command line with the mode of the run in them.
///
/// # Errors
/// When the script read a flag of the mode where hero did not.
pub(super) fn agreed(
    run: &Run,
    mut values: Map,
    is_flag: impl Fn(&str) -> bool,
) -> Result<Map, Fault> {
    for name in Run::FLAGS.into_iter().filter(|name| is_flag(name)) {
        let Some(value) = values.get_mut(name) else { continue };
        let Some(mode) = run.value(name).map(dynamic) else { continue };
        if let Some(number) = value.as_int().ok().filter(|number| *number < 1) {
            let message = format!("--{} is at least 1, not {number}", name.replace('_', "-"));
            return Err(Fault::script("usage", message));
        }
        if value.as_int().is_ok_and(|number| u32::try_from(number).is_err()) {
            let message =
                format!("--{} is at most {}, not {value}", name.replace('_', "-"), u32::MAX);
            return Err(Fault::script("usage", message));
        }
        if !is_off(value) && !same(value, &mode) {
            let flag = name.replace('_', "-");
            return Err(Fault::script("usage", format!("hero does not see the flag `--{flag}`"))
                .hint(format!("write it on its own: --{flag}")));
        }
        *value = mode;
    }
    Ok(values)
}

/// Checks a map of flags that a script has made or changed.
///
/// # Errors
/// When it says another mode than the command line.
pub(super) fn check(run: &Run, flags: &Map) -> Result<(), Fault> {
    for name in Run::FLAGS {
        let (Some(given), Some(mode)) = (flags.get(name), run.value(name).map(dynamic)) else {
            continue;
        };
        if same(given, &mode) || (is_off(given) && is_off(&mode)) {
            continue;
        }
        let flag = name.replace('_', "-");
        let message = format!(
            "`{name}` is {given} in these flags, but {mode} for this run",
            given = shown(given),
            mode = shown(&mode)
        );
        return Err(Fault::script("wrong_option", message)
            .option(name)
            .hint(format!("only the command line sets it: hero run SCRIPT --{flag}")));
    }
    Ok(())
}

fn dynamic(mode: ModeValue) -> Dynamic {
    match mode {
        ModeValue::Switch(on) => on.into(),
        ModeValue::Number(number) => {
            number.map_or(Dynamic::UNIT, |number| Dynamic::from(i64::from(number)))
        }
        ModeValue::Word(word) => word.map_or(Dynamic::UNIT, Dynamic::from),
    }
}

fn is_off(value: &Dynamic) -> bool {
    value.is_unit() || value.as_bool().is_ok_and(|on| !on)
}

fn same(one: &Dynamic, other: &Dynamic) -> bool {
    one.type_name() == other.type_name() && one.to_string() == other.to_string()
}

fn shown(value: &Dynamic) -> String {
    if value.is_unit() { "not set".to_owned() } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(pairs: &[(&str, Dynamic)]) -> Map {
        pairs.iter().map(|(name, value)| ((*name).into(), value.clone())).collect()
    }

    #[test]
    fn a_map_that_says_another_mode_is_an_error() {
        let run = Run { dry_run: true, jobs: Some(2), ..Run::default() };
        let fine =
            flags(&[("dry_run", true.into()), ("jobs", 2_i64.into()), ("root", false.into())]);
        check(&run, &fine).unwrap();
        check(&run, &flags(&[("root", Dynamic::UNIT), ("profile", "debug".into())])).unwrap();
        for (name, value) in [
            ("dry_run", Dynamic::from(false)),
            ("root", true.into()),
            ("jobs", 3_i64.into()),
            ("supervisor", "direct".into()),
            ("smoke", true.into()),
        ] {
            let fault = check(&run, &flags(&[(name, value)])).unwrap_err();
            assert_eq!(fault.option.as_deref(), Some(name), "{}", fault.message);
        }
    }

    #[test]
    fn a_command_line_gets_the_mode() {
        let run = Run { dry_run: true, ..Run::default() };
        let values =
            agreed(&run, flags(&[("dry_run", false.into()), ("jobs", Dynamic::UNIT)]), |_| true);
        assert!(values.unwrap()["dry_run"].as_bool().unwrap());
        let fault = agreed(&run, flags(&[("root", true.into())]), |_| true).unwrap_err();
        assert_eq!(fault.hint.unwrap(), "write it on its own: --root");
    }
}
