//! What the cargo of a service can do, told by its `cargo metadata`: nothing has to be
//! started to learn its version.

/// What a cargo can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Capabilities {
    /// Whether it is 1.71 or newer.
    since_1_71: bool,
    /// Whether it is 1.91 or newer.
    since_1_91: bool,
}

impl Capabilities {
    /// Those of the cargo that has written this.
    pub(super) fn new(metadata: &cargo_metadata::Metadata) -> Self {
        Self {
            since_1_71: metadata.workspace_default_members.is_available(),
            since_1_91: metadata.build_directory.is_some(),
        }
    }

    /// Whether intermediate files can lie outside the target directory.
    pub(super) fn has_build_dir(self) -> bool {
        self.since_1_91
    }

    /// Whether any setting can be an argument, as `--config KEY=VALUE`.
    pub(super) fn has_config_arguments(self) -> bool {
        // Since 1.63, which nothing tells from 1.70.
        self.since_1_71
    }

    /// The value of `debug` in a profile that gives line tables and no more.
    pub(super) fn line_tables(self) -> &'static str {
        // The word came with 1.71; before, 1 was nearest.
        if self.since_1_71 { "line-tables-only" } else { "1" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_metadata_lacks_tells_the_version() {
        let common = "\"packages\":[],\"workspace_members\":[],\"resolve\":null,\
                      \"target_directory\":\"/t\",\"version\":1,\"workspace_root\":\"/\",\
                      \"metadata\":null";
        let capabilities = |more: &str| {
            let text = format!("{{{common}{more}}}");
            Capabilities::new(&serde_json::from_str(&text).unwrap())
        };
        // As 1.65, 1.80 and 1.95 write it.
        let members = ",\"workspace_default_members\":[]";
        let (old, mid) = (capabilities(""), capabilities(members));
        let new = capabilities(&format!("{members},\"build_directory\":\"/b\""));
        let all = [old, mid, new];
        assert_eq!(
            all.map(Capabilities::line_tables),
            ["1", "line-tables-only", "line-tables-only"]
        );
        assert_eq!(all.map(Capabilities::has_config_arguments), [false, true, true]);
        assert_eq!(all.map(Capabilities::has_build_dir), [false, false, true]);
    }
}
