//! Which packages have the wanted binaries, and what is wrong with the wish.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::metadata::{Member, Workspace};
use super::{Error, Options};

/// What to build: binaries by name, each with its package.
#[derive(Debug)]
pub(super) struct Selection<'a> {
    bins: BTreeMap<String, &'a Member>,
}

impl<'a> Selection<'a> {
    /// Finds the packages of the wanted binaries: that of `package:`, or those
    /// that cargo builds in this folder, or, for a binary none of them has, any
    /// of the workspace.
    ///
    /// # Errors
    /// When a package, a binary or a feature is not there, or is there twice.
    pub(super) fn new(workspace: &'a Workspace, options: &Options) -> Result<Self, Error> {
        let candidates = candidates(workspace, options)?;
        let mut bins = BTreeMap::new();
        if options.bins.is_empty() {
            let all = candidates.iter().flat_map(|member| &member.bins).collect::<BTreeSet<_>>();
            for bin in all {
                bins.insert(bin.clone(), one(bin, owners(&candidates, bin))?);
            }
        }
        for bin in &options.bins {
            let mut found = owners(&candidates, bin);
            if found.is_empty() && options.package.is_none() && workspace.at_root {
                found = owners(&workspace.members.iter().collect::<Vec<_>>(), bin);
            }
            if found.is_empty() {
                return Err(absent(bin, workspace, &candidates, options));
            }
            bins.insert(bin.clone(), one(bin, found)?);
        }
        if bins.is_empty() {
            return Err(no_bins(workspace, options.source));
        }
        let selection = Self { bins };
        selection.check_names()?;
        selection.check_features(options)?;
        Ok(selection)
    }

    /// The packages, each once, in the order of the workspace's names.
    pub(super) fn packages(&self) -> Vec<&'a Member> {
        let mut packages: Vec<&Member> = self.bins.values().copied().collect();
        packages.sort_by(|a, b| a.name.cmp(&b.name));
        packages.dedup_by(|a, b| a.id == b.id);
        packages
    }

    /// The binaries that were asked for by name.
    pub(super) fn named(&self, options: &Options) -> Vec<&str> {
        if options.bins.is_empty() {
            return Vec::new();
        }
        self.bins.keys().map(String::as_str).collect()
    }

    /// All binaries with their packages.
    pub(super) fn bins(&self) -> impl Iterator<Item = (&str, &'a Member)> {
        self.bins.iter().map(|(bin, member)| (bin.as_str(), *member))
    }

    /// Whether this binary of this package (cargo's identifier) is wanted.
    pub(super) fn wants(&self, bin: &str, id: &str) -> Option<&'a Member> {
        self.bins.get(bin).copied().filter(|member| member.id == id)
    }

    /// `--bin x` builds every `x` of the packages on the command line, all to
    /// the same file.
    fn check_names(&self) -> Result<(), Error> {
        let packages = self.packages();
        for bin in self.bins.keys() {
            one(bin, owners(&packages, bin))?;
        }
        Ok(())
    }

    fn check_features(&self, options: &Options) -> Result<(), Error> {
        let packages = self.packages();
        for feature in options.feature_list() {
            let known = match feature.split_once('/') {
                None => packages.iter().any(|member| has(&member.features, feature)),
                Some((package, feature)) => packages.iter().any(|member| {
                    let dependency = package.strip_suffix('?').unwrap_or(package);
                    (member.name == package && has(&member.features, feature))
                        || has(&member.dependencies, dependency)
                }),
            };
            if !known {
                let features = packages.iter().flat_map(|member| member.features.clone());
                return Err(Error::NoSuchFeature {
                    feature: feature.to_owned(),
                    packages: packages.iter().map(|member| member.name.clone()).collect(),
                    has: features.collect::<BTreeSet<_>>().into_iter().collect(),
                });
            }
        }
        Ok(())
    }
}

fn has(list: &[String], word: &str) -> bool {
    list.iter().any(|item| item == word)
}

fn candidates<'a>(workspace: &'a Workspace, options: &Options) -> Result<Vec<&'a Member>, Error> {
    let Some(package) = &options.package else {
        return Ok(workspace.members.iter().filter(|member| member.default).collect());
    };
    let found: Vec<&Member> =
        workspace.members.iter().filter(|member| member.name == *package).collect();
    if found.is_empty() {
        return Err(Error::NoSuchPackage {
            package: package.clone(),
            has: workspace.members.iter().map(|member| member.name.clone()).collect(),
        });
    }
    Ok(found)
}

fn owners<'a>(members: &[&'a Member], bin: &str) -> Vec<&'a Member> {
    members.iter().copied().filter(|member| has(&member.bins, bin)).collect()
}

fn one<'a>(bin: &str, owners: Vec<&'a Member>) -> Result<&'a Member, Error> {
    match owners[..] {
        [owner] => Ok(owner),
        _ => Err(Error::AmbiguousBin {
            bin: bin.to_owned(),
            packages: owners.iter().map(|member| member.name.clone()).collect(),
        }),
    }
}

/// The error for a binary that no candidate has.
fn absent(bin: &str, workspace: &Workspace, candidates: &[&Member], options: &Options) -> Error {
    let everyone: Vec<&Member> = workspace.members.iter().collect();
    let searched =
        if options.package.is_none() && workspace.at_root { &everyone[..] } else { candidates };
    let has: BTreeSet<String> =
        searched.iter().flat_map(|member| member.bins.iter().cloned()).collect();
    let elsewhere = owners(&everyone, bin).first().map(|member| member.name.clone());
    if has.is_empty() && elsewhere.is_none() {
        return no_bins(workspace, options.source);
    }
    Error::NoSuchBin { bin: bin.to_owned(), has: has.into_iter().collect(), elsewhere }
}

fn no_bins(workspace: &Workspace, source: &Path) -> Error {
    let elsewhere = workspace
        .members
        .iter()
        .flat_map(|member| member.bins.iter().map(|bin| (bin.clone(), member.name.clone())));
    Error::NoBins { folder: source.to_owned(), elsewhere: elsewhere.collect() }
}
