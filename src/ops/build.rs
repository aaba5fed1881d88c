//! Building the binaries of a checkout.

use super::account;
use super::build_options::{BuildOptions, with_options};
use super::{Context, install};
use crate::cargo;
use crate::error::Fault;
use crate::event::{Event, LogLevel};
use crate::git;
use crate::model::{Build, Checkout, Flags, Service};
use crate::sys::name::Name;

/// Builds the binaries of a service; what is known to stop their install is found before.
///
/// # Errors
/// Those of the build; a name that is taken.
pub(crate) fn build_service(
    context: &Context,
    service: &Service,
    flags: &Flags,
    checkout: &Checkout,
) -> Result<Build, Fault> {
    let options = BuildOptions::new(service, flags, &checkout.path)?;
    if service.bins.is_empty() && !context.dry_run() {
        // Their names are known only now, and a build may take minutes.
        let found = cargo::binaries(&options.source(), service.env(), &context.cancel())?;
        let wanted =
            found.iter().filter(|found| service.member().is_none_or(|it| it == found.package));
        let names = wanted.map(|found| Name::new("binary", &found.name));
        let names = names.collect::<Result<Vec<_>, _>>()?;
        install::check(context, &service.name, &names, flags.replace)?;
    }
    build(context, &options, Some(checkout))
}

/// Builds with `cargo build`, in a build directory that stays. `checkout` is for the reason
/// that is told.
///
/// # Errors
/// Those of [`cargo::build`], and options that contradict themselves.
pub(crate) fn build(
    context: &Context,
    options: &BuildOptions,
    checkout: Option<&Checkout>,
) -> Result<Build, Fault> {
    with_options(context, options, |request| {
        if !request.dry_run {
            explain(context, request, checkout);
        }
        let built = recorded(context, request)?;
        let edited = built
            .changed
            .iter()
            .map(|file| account::below(&format!("`{}` changed", file.display()), request.checkout));
        context.accounts.name_edits(request.service, edited.collect());
        for (phase, took) in &built.phases {
            context.accounts.add(request.service, phase, *took);
        }
        Ok(built)
    })
}

/// Says why a service is built.
fn explain(context: &Context, request: &cargo::Options, checkout: Option<&Checkout>) {
    let (commit, dirty) =
        checkout.map_or(("", false), |checkout| (checkout.commit.as_str(), checkout.dirty));
    let reasons = account::reasons(&context.store(), request, commit, dirty);
    let message = format!("building `{}`: {}", request.service, reasons.join("; "));
    context.report(Event::Log { level: LogLevel::Verbose, message });
    context.accounts.begin(request.service);
    context.accounts.explain(request.service, reasons);
}

/// A build after which git knows what it has changed in the tree, also if it failed.
fn recorded(context: &Context, request: &cargo::Options) -> Result<Build, cargo::Error> {
    let cancel = context.cancel();
    let before = if request.dry_run { None } else { git::before_build(request.checkout, &cancel) };
    let built = cargo::build(request, &*context.reporter, &cancel);
    let wrote = cargo::Wrote::new(request);
    let recorded = before.map(|before| before.record(&|file| wrote.has(file), &cancel));
    if let Some(Err(error)) = recorded {
        // Then it counts as edited, and that is all.
        tracing::debug!(%error, "what the build has changed is not recorded");
    }
    built
}
