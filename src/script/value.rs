//! Values of the model in scripts: they are read like maps and cannot be changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use rhai::{Dynamic, Engine, FnPtr, Identifier, ImmutableString, Map};
use serde::Serialize;

use super::fault::{Fault, Result};
use crate::error::nearest;
use crate::model::{Build, Checkout, Hook, Installed, Service};
use crate::ops::complete::Prepared;

/// What can be a value in scripts.
pub(crate) trait Kind: Send + Sync + 'static {
    /// What scripts call its type.
    const NAME: &'static str;
    /// The function that returns one.
    const MAKER: &'static str;

    /// Its properties.
    ///
    /// # Errors
    /// When one cannot be a value in scripts.
    fn view(&self) -> Result<Map>;
}

/// A value of the model, with its properties as scripts see them.
pub(crate) struct Value<T>(Arc<(T, Map)>);

impl<T> Clone for Value<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Kind> Value<T> {
    /// The value of `inner`.
    ///
    /// # Errors
    /// When a property cannot be a value in scripts.
    pub(crate) fn new(inner: T) -> Result<Self> {
        let view = inner.view()?;
        Ok(Self(Arc::new((inner, view))))
    }

    /// What it is below the script host.
    pub(crate) fn get(&self) -> &T {
        &self.0.0
    }

    /// Its properties.
    pub(crate) fn view(&self) -> &Map {
        &self.0.1
    }

    /// Takes the value out of a map of options; `None` if it is not there.
    ///
    /// # Errors
    /// When it is anything else.
    pub(crate) fn take(options: &mut Map, key: &str, function: &str) -> Result<Option<Self>> {
        match options.remove(key) {
            None => Ok(None),
            Some(value) if value.is_unit() => Ok(None),
            Some(value) => value.try_cast_result::<Self>().map(Some).map_err(|other| {
                let found = super::options::type_name(other.type_name()).to_owned();
                let maker = T::MAKER;
                Fault::script(
                    "wrong_option",
                    format!("`{key}` of `{function}` is what `{maker}` returned, found {found}"),
                )
                .option(key)
                .throw()
            }),
        }
    }

    fn property(&self, name: &str) -> Result<Dynamic> {
        self.view().get(name).cloned().ok_or_else(|| {
            let known = self.view().keys().map(Identifier::as_str);
            let hint = match nearest(name, known.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has {}", known.collect::<Vec<_>>().join(", ")),
            };
            let message = format!("a {} has no property `{name}`", T::NAME);
            Fault::script("unknown_key", message).hint(hint).throw()
        })
    }

    fn register(engine: &mut Engine) {
        engine
            .register_type_with_name::<Self>(T::NAME)
            .register_indexer_get(|value: &mut Self, name: ImmutableString| value.property(&name))
            .register_indexer_set(
                |value: &mut Self, name: ImmutableString, new: Dynamic| -> Result<()> {
                    // Rhai sets what a call such as `value.list.len()` may have changed.
                    let old = value.property(&name)?;
                    if format!("{old:?}") == format!("{new:?}") {
                        return Ok(());
                    }
                    let message = format!("a {} cannot be changed, nor its `{name}`", T::NAME);
                    Err(Fault::script("read_only", message)
                        .hint("take its properties as a map: let copy = value.to_map();")
                        .throw())
                },
            )
            .register_fn("to_map", |value: &mut Self| value.view().clone())
            .register_fn("contains", |value: &mut Self, name: &str| value.view().contains_key(name))
            .register_fn("to_string", |value: &mut Self| format!("{:?}", value.view()))
            .register_fn("to_debug", |value: &mut Self| format!("{:?}", value.view()));
    }
}

/// Makes the engine know the types.
pub(super) fn register(engine: &mut Engine) {
    Value::<Described>::register(engine);
    Value::<Checkout>::register(engine);
    Value::<Build>::register(engine);
    Value::<Installed>::register(engine);
    Value::<Prepared>::register(engine);
}

/// A value with maps in place of values of the model, as they are written in JSON.
pub(super) fn plain(value: &Dynamic) -> Dynamic {
    if let Some(map) = value.read_lock::<Map>() {
        return map.iter().map(|(key, value)| (key.clone(), plain(value))).collect::<Map>().into();
    }
    if let Some(list) = value.read_lock::<rhai::Array>() {
        return list.iter().map(plain).collect::<rhai::Array>().into();
    }
    let views = [
        value.read_lock::<Value<Checkout>>().map(|it| it.view().clone()),
        value.read_lock::<Value<Build>>().map(|it| it.view().clone()),
        value.read_lock::<Value<Installed>>().map(|it| it.view().clone()),
        value.read_lock::<Value<Described>>().map(|it| {
            let mut view = it.view().clone();
            view.retain(|_, value| !value.is::<FnPtr>());
            view
        }),
    ];
    match views.into_iter().flatten().next() {
        Some(view) => plain(&view.into()),
        None => value.clone(),
    }
}

fn map(value: impl Serialize) -> Result<Map> {
    Ok(rhai::serde::to_dynamic(value)?.cast())
}

impl Kind for Checkout {
    const NAME: &'static str = "Checkout";
    const MAKER: &'static str = "git::fetch";

    fn view(&self) -> Result<Map> {
        map(self)
    }
}

impl Kind for Build {
    const NAME: &'static str = "Build";
    const MAKER: &'static str = "cargo::build";

    fn view(&self) -> Result<Map> {
        map(self)
    }
}

impl Kind for Installed {
    const NAME: &'static str = "Generation";
    const MAKER: &'static str = "bin::install";

    fn view(&self) -> Result<Map> {
        map(self)
    }
}

/// A service as a script describes it: what it is, and its hooks.
pub(crate) struct Described {
    /// What it is.
    pub(crate) service: Service,
    /// Closures by the moment at which they are called.
    pub(crate) hooks: BTreeMap<Hook, FnPtr>,
}

impl Kind for Described {
    const NAME: &'static str = "Service";
    const MAKER: &'static str = "describe";

    fn view(&self) -> Result<Map> {
        let view = self.service.view().map_err(|error| error.to_string())?;
        let mut view = map(view)?;
        for hook in Hook::ALL {
            let closure = self.hooks.get(&hook).cloned();
            view.insert(hook.name().into(), closure.map_or(Dynamic::UNIT, Dynamic::from));
        }
        Ok(view)
    }
}
