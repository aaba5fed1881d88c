//! How native functions are registered: each with its signature and a text
//! that `hero api` shows.

use rhai::{
    Dynamic, Engine, FuncRegistration, Module, NativeCallContext, Position, RhaiFunc,
    RhaiNativeFunc, Shared, Variant,
};

/// What is known of one function.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Function {
    /// With its namespace, such as `git::fetch`.
    pub(crate) name: String,
    /// Such as `git::fetch(options: map) -> map`.
    pub(crate) signature: String,
    /// What it does, its options, result and errors, and an example.
    pub(crate) doc: String,
}

/// A namespace under construction; the empty name is the global one.
pub(crate) struct Namespace {
    name: &'static str,
    module: Module,
    functions: Vec<Function>,
}

impl Namespace {
    /// An empty namespace.
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, module: Module::new(), functions: Vec::new() }
    }

    /// Registers a function. `signature` is `name(parameter: type, …) -> type`.
    /// A second registration of one name is an overload and shares the text.
    pub(crate) fn add<A: 'static, const N: usize, const X: bool, R, const F: bool, FUNC>(
        &mut self,
        signature: &'static str,
        doc: &str,
        function: FUNC,
    ) where
        R: Variant + Clone,
        FUNC: RhaiNativeFunc<A, N, X, R, F> + Send + Sync + 'static,
    {
        let (name, rest) = signature.split_once('(').unwrap_or((signature, ")"));
        let (parameters, result) = rest.rsplit_once(')').unwrap_or((rest, ""));
        let result = result.trim().trim_start_matches("->").trim();
        let result = if result.is_empty() { "()" } else { result };
        let parameters = parameters.split(", ").filter(|parameter| !parameter.is_empty());
        let registration = FuncRegistration::new(name).with_params_info(parameters.chain([result]));
        let registration =
            if self.name.is_empty() { registration.in_global_namespace() } else { registration };
        // Functions with side effects must never be taken for constants.
        let function = positioned(function.into_rhai_function(true, true));
        registration.set_into_module_raw(&mut self.module, FUNC::param_types(), function);
        let prefix = if self.name.is_empty() { String::new() } else { format!("{}::", self.name) };
        self.functions.push(Function {
            name: format!("{prefix}{name}"),
            signature: format!("{prefix}{signature}"),
            doc: dedent(doc),
        });
    }

    /// Puts the namespace into the engine; what it holds is returned.
    pub(crate) fn register(self, engine: &mut Engine) -> Vec<Function> {
        if self.name.is_empty() {
            engine.register_global_module(Shared::new(self.module));
        } else {
            engine.register_static_module(self.name, Shared::new(self.module));
        }
        self.functions
    }
}

/// Puts the place of the call into the errors of a native function: Rhai does
/// so for calls without a namespace only.
fn positioned(function: RhaiFunc) -> RhaiFunc {
    let RhaiFunc::Pure { func, has_context, is_pure, is_volatile } = function else {
        return function;
    };
    let call = move |context: Option<NativeCallContext>, arguments: &mut [&mut Dynamic]| {
        let position = context.as_ref().map_or(Position::NONE, NativeCallContext::call_position);
        func(context.filter(|_| has_context), arguments).map_err(|mut error| {
            if error.position().is_none() {
                error.set_position(position);
            }
            error
        })
    };
    RhaiFunc::Pure { func: Shared::new(call), has_context: true, is_pure, is_volatile }
}

/// Removes the indentation that a text has in the source code.
fn dedent(text: &str) -> String {
    let text = text.trim_matches('\n');
    let indent = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    let lines: Vec<&str> =
        text.lines().map(|line| line.get(indent..).unwrap_or("").trim_end()).collect();
    lines.join("\n").trim_end().to_owned()
}
