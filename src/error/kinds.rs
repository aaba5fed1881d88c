//! Every kind of error that hero throws: its word, its exit codes, what it means, what to do.
//!
//! The words and the exit codes are part of hero's interface; `docs/errors.md` is made of this
//! table. A kind that is not here does not compile below the script host, and does not pass the
//! tests above it.

use super::table::kinds;

kinds! {
    "Command line and scripts" {
        Usage "usage" [Usage]
            "A flag or an argument is wrong."
            "Follow the hint, or see `--help` of the command or script.";
        Error "error" [Script]
            "A script threw a value without a `kind`, or Rhai stopped the script."
            "Read the message; a script of your own can throw a map with a `kind`.";
        Syntax "syntax" [Script]
            "A script cannot be parsed."
            "Correct the line shown; `hero check` finds such mistakes without running anything.";
        Check "check" [Script]
            "`hero check` found a mistake in a script."
            "Correct the line shown.";
        ScriptNotFound "script_not_found" [Script]
            "There is no script or folder of this name."
            "Check the path; the hint has a similar name if there is one.";
        ScriptExists "script_exists" [Script]
            "`hero new` does not overwrite a script."
            "Choose another name, or edit the script.";
        ImportNotFound "import_not_found" [Script]
            "A script imports a script that does not exist."
            "Check the path; it is relative to the importing script.";
        ImportCycle "import_cycle" [Script]
            "Scripts import each other in a cycle."
            "Move what both need into a third script.";
        UnknownFunction "unknown_function" [Script]
            "There is no function of this name."
            "See `hero api`; the hint has a similar name if there is one.";
        UnknownNamespace "unknown_namespace" [Script]
            "There is no namespace of this name."
            "See `hero api`; the hint has a similar name if there is one.";
        UnknownVariable "unknown_variable" [Script]
            "There is no variable of this name."
            "Check the spelling; text needs quotes.";
        UnknownKey "unknown_key" [Script]
            "A map or a value has no key or property of this name."
            "Check the spelling, or ask with `\"key\" in map`.";
        ReadOnly "read_only" [Script]
            "A script changes a value that cannot be changed, such as a service."
            "Take its properties as a map, and change that: `value.to_map()`.";
        UnknownOption "unknown_option" [Script]
            "A function or a service description does not have this option."
            "See `hero api FUNCTION` for the options it has.";
        MissingOption "missing_option" [Script]
            "A function or a service description lacks an option it needs."
            "Add the option that the message names.";
        WrongOption "wrong_option" [Script]
            "An option or argument has the wrong type or an impossible value."
            "Correct the value at the line shown.";
        WrongArguments "wrong_arguments" [Script]
            "A function was called with arguments it does not take."
            "See `hero api FUNCTION` for its parameters.";
        WrongType "wrong_type" [Script]
            "A value has a type that does not work here."
            "Convert it, for instance with `to_string()` or `parse_int()`.";
        TooDeep "too_deep" [Script]
            "Functions call each other too deeply."
            "Give a function that calls itself a way to end.";
        BadFlags "bad_flags" [Script]
            "The flags that a script declares are not valid."
            "Correct the flags it gives to `flags::parse` or `parse_args`.";
        BadSize "bad_size" [Script]
            "A text is not a size."
            "Write it like `500MB` or `20GiB`.";
        BadAge "bad_age" [Script]
            "A text is not an age."
            "Write it like `12h`, `14d` or `2w`.";
        BadName "bad_name" [Script]
            "A name has characters that hero does not allow in names."
            "Use ASCII letters, digits, `-`, `_` and `.`.";
        NoService "no_service" [Script]
            "A script does not describe a service, or a folder has no such script."
            "Write one with `hero new NAME --repo URL`.";
        DuplicateService "duplicate_service" [Script]
            "Two scripts describe services of the same name."
            "Give one of them another `name`.";
        UnknownOrigin "unknown_origin" [Script]
            "hero does not know the repository that it was built from."
            "Install it once from a clone, as the hint shows.";
        StackFailed "stack_failed" [Failed, NoBoot]
            "Some services of a stack failed; the field `errors` has their errors."
            "Correct them and run the same command again; what succeeded is kept.";
        Skipped "skipped" [NoBoot]
            "A service was not started, because one that it comes after does not run."
            "Correct the service that the message names.";
        ProblemsFound "problems_found" [Failed]
            "`hero verify` or `hero doctor` found problems."
            "Each problem in the output says what to do.";
        Internal "internal" [Internal]
            "hero or Rhai has a bug."
            "Report it with the script; what is installed is untouched.";
        Interrupted "interrupted" [Interrupted, Terminated]
            "The run was stopped by Ctrl-C, SIGTERM or SIGHUP."
            "Run the same command again; it goes on from there.";
    }
    "Files, programs and this machine" {
        NotFound "not_found" [Failed]
            "A file or folder does not exist."
            "Check the path in the message.";
        AlreadyExists "already_exists" [Failed]
            "A file or folder exists already."
            "Move it away, or choose another path.";
        PermissionDenied "permission_denied" [Failed]
            "This user may not read or write a file or folder."
            "Check who owns it with `ls -ld`.";
        ProtectedPath "protected_path" [Script]
            "`fs::remove` does not remove `/`, your home or the working directory, nor a folder that contains them."
            "Name something below it.";
        DiskFull "disk_full" [Failed]
            "There is no space left on the disk."
            "Free some space, for instance with `hero gc`.";
        Io "io" [Failed]
            "A file cannot be read or written for another reason."
            "The message has the reason that the system gave.";
        NotUtf8 "not_utf8" [Script]
            "A path is not valid UTF-8."
            "Rename the folder, or choose another one with `HERO_HOME`.";
        NoHome "no_home" [Script]
            "hero does not know where to keep its files."
            "Set `HOME`, or `HERO_HOME` to a folder for everything.";
        BadConfig "bad_config" [Script]
            "hero's `config.toml` cannot be used."
            "Correct the line shown, or move the file away.";
        CannotWatch "cannot_watch" [Failed]
            "A folder cannot be watched for changes."
            "If the system's limit is reached, raise it as the hint shows.";
        ProgramNotFound "program_not_found" [Failed]
            "A program is not on `PATH`, such as git, cargo or the command of a script."
            "Install it, or put its folder on `PATH`.";
        CannotStart "cannot_start" [Failed]
            "A program cannot be started."
            "The message has the reason that the system gave.";
        CommandFailed "command_failed" [Failed]
            "A command of a script failed."
            "Read its output; with `check: false` the script can handle this itself.";
        Timeout "timeout" [Failed]
            "A command or a server took too long."
            "Try again, or allow more time.";
        Locked "locked" [Failed]
            "Another hero or git is at work there, for longer than hero waits."
            "End the process that the message names, or wait longer with `HERO_LOCK_TIMEOUT`.";
    }
    "git" {
        BadUrl "bad_url" [Script]
            "The address of a repository is not valid."
            "Use the address that `git clone` takes.";
        SchemeDenied "scheme_denied" [Script]
            "The address of a repository uses a transport that hero does not allow."
            "Use https or ssh.";
        BadReference "bad_reference" [Script]
            "The name of a branch, tag or commit is not valid."
            "Use a name that the remote has.";
        RefNotFound "ref_not_found" [Failed]
            "The remote has no such branch, tag or commit."
            "Check the name; the details list some that it has.";
        NotHere "not_here" [Failed]
            "The script asks for a revision that was never fetched."
            "Run again with `--update`.";
        RemoteNotFound "remote_not_found" [Failed]
            "The server has no such repository, or does not show it to you."
            "Check the address, and whether you may read it.";
        RemoteEmpty "remote_empty" [Failed]
            "The repository has no commits."
            "Push a first commit.";
        RemoteChanged "remote_changed" [Failed]
            "The checkout was cloned from another address than the script names."
            "Correct `repo`, or remove the checkout as the hint shows.";
        AuthRequired "auth_required" [Failed]
            "The server requires authentication."
            "Set up a key or token as the hint shows.";
        AuthFailed "auth_failed" [Failed]
            "The server does not accept the key, token or password."
            "Renew or correct it.";
        Forbidden "forbidden" [Failed]
            "The account that the server knows you by may not read the repository."
            "Ask for read access, or use another token.";
        HostKeyUnknown "host_key_unknown" [Failed]
            "ssh does not know the key of the server."
            "Connect once with ssh and compare the fingerprint.";
        HostKeyChanged "host_key_changed" [Failed]
            "The server has another ssh key than before, or a revoked one."
            "Find out why before you remove the old key.";
        Ssh "ssh" [Failed]
            "ssh cannot connect for another reason."
            "Try `ssh -T` with the host, as the hint shows.";
        TlsInvalid "tls_invalid" [Failed]
            "The certificate of the server is not valid."
            "Check the clock and the certificate; do not switch the check off.";
        Redirected "redirected" [Failed]
            "The server redirects to another address."
            "Write the new address in the script.";
        Dns "dns" [Failed]
            "The host name of the server cannot be resolved."
            "Check the name and the network.";
        Refused "refused" [Failed]
            "The server refuses the connection."
            "Check the port, and whether the server runs.";
        Disconnected "disconnected" [Failed]
            "The server closed the connection."
            "Try again; if it stays so, look at the server's log.";
        ServerError "server_error" [Failed]
            "The server answered with an error of its own."
            "Try again later.";
        RateLimited "rate_limited" [Failed]
            "The server wants fewer requests."
            "Wait, or use a token.";
        Proxy "proxy" [Failed]
            "The proxy refuses or cannot be reached."
            "Check the proxy settings that the hint names.";
        Unsupported "unsupported" [Failed]
            "The remote has something that hero does not fetch."
            "The message says what; name a branch, tag or commit.";
        Git "git" [Failed]
            "git failed for another reason."
            "The message has git's own words.";
        GitTooOld "git_too_old" [Failed]
            "git on `PATH` is older than hero needs."
            "Install a newer git.";
        Lfs "lfs" [Failed]
            "Files in Git LFS cannot be fetched."
            "Install git-lfs, or correct the access to the LFS server.";
        SubmoduleDenied "submodule_denied" [Failed]
            "A submodule points to where its repository may not send you."
            "Leave it out with `submodules`, or correct its address.";
        NoSubmodule "no_submodule" [Script]
            "The repository has no such submodule."
            "Correct `submodules`; the details list what there is.";
        Dirty "dirty" [Failed]
            "Local edits are in the way of the update; nothing was touched."
            "Commit or stash them, or discard them with `--reset`.";
        Diverged "diverged" [Failed]
            "The checkout and the upstream branch both have commits that the other lacks."
            "Rebase or merge yourself, or take the upstream state with `--reset`.";
        OtherBranch "other_branch" [Failed]
            "The checkout is on another branch than the script names."
            "Switch back, or name this branch in the script.";
        BranchInTheWay "branch_in_the_way" [Failed]
            "The name of a local branch leaves no room for the branch that is wanted."
            "Rename or delete the local branch.";
        InProgress "in_progress" [Failed]
            "A merge, rebase or the like is in progress in the checkout."
            "Finish or abort it.";
        NestedRepository "nested_repository" [Failed]
            "A reset would delete other repositories in the checkout."
            "Move them out of the checkout.";
        NotACheckout "not_a_checkout" [Failed]
            "A folder is not a checkout that hero made, or the checkout is incomplete."
            "Move it away, or finish it as the hint shows.";
        NoCheckout "no_checkout" [Failed]
            "Nothing was fetched here yet."
            "Install the service first.";
        Owner "owner" [Failed]
            "A repository belongs to another user."
            "Change its owner, or trust it as the hint shows.";
        Corrupt "corrupt" [Failed]
            "The files of a repository are damaged."
            "Move the checkout away and fetch again.";
    }
    "cargo" {
        NoManifest "no_manifest" [Script]
            "There is no `Cargo.toml` in the folder."
            "Name the folder that has it: `dir`.";
        BadManifest "bad_manifest" [Failed]
            "cargo cannot read the workspace."
            "The details have cargo's words.";
        Toolchain "toolchain" [Failed]
            "The Rust toolchain that the repository asks for cannot be used."
            "Install it with rustup, as the hint shows.";
        NoSuchBin "no_such_bin" [Script]
            "No package has this binary."
            "Correct `bins`; the details list what there is.";
        AmbiguousBin "ambiguous_bin" [Script]
            "Several packages have this binary."
            "Name the package: `member`.";
        NoSuchPackage "no_such_package" [Script]
            "The workspace has no such package."
            "Correct `member`; the details list what there is.";
        NoBinaries "no_binaries" [Script]
            "There is no binary to build or install."
            "Name one in `bins`, or enable its features.";
        NoSuchFeature "no_such_feature" [Script]
            "No package that is built has this feature."
            "Correct `features`; the details list what there is.";
        BadProfile "bad_profile" [Script]
            "The name of a profile is not valid."
            "Use `release`, `debug`, or a profile of the manifest.";
        NoSuchProfile "no_such_profile" [Script]
            "Neither the manifest nor cargo's configuration has this profile."
            "Correct the name, or add the profile to the workspace's manifest.";
        BadTarget "bad_target" [Script]
            "The name of a target is not valid."
            "See `rustc --print target-list`.";
        SeveralTargets "several_targets" [Script]
            "cargo is configured to build for several targets, without that of this machine."
            "Name one: `target`.";
        BuildDirTaken "build_dir_taken" [Script]
            "The build directory belongs to another checkout."
            "Give each checkout a build directory of its own.";
        NotABuildDir "not_a_build_dir" [Script]
            "hero does not remove a folder that it has not made."
            "Remove it yourself if you do not need it.";
        BuildFailed "build_failed" [Failed]
            "cargo could not build the service."
            "Read the compiler's errors; the details name the whole log.";
        NeedsLibrary "needs_library" [Failed]
            "A binary needs a shared library that is not installed with it."
            "Link the library statically, as the hint shows.";
        Dependencies "dependencies" [Failed]
            "cargo could not fetch dependencies that are git repositories."
            "The details have the words of cargo and git.";
    }
    "Install root" {
        NotInstalled "not_installed" [Script]
            "No service of this name is installed."
            "See `hero list`.";
        NotCurrent "not_current" [Script]
            "The service is installed, but none of its generations is current."
            "Choose one with `hero rollback`, or install it again.";
        NoSuchGeneration "no_such_generation" [Script]
            "The service has no such generation."
            "See `hero list --generations`.";
        NoPrevious "no_previous" [Failed]
            "There is no earlier generation to go back to."
            "Name one with `--to`, or install another version.";
        RootNotWritable "root_not_writable" [Failed]
            "This user may not change the install root."
            "Check who owns it; for the system's install root, let sudo ask for a password.";
        ForeignFile "foreign_file" [Failed]
            "A file that hero does not own is where a binary goes."
            "Move it away, or install with `--replace`.";
        Taken "taken" [Failed]
            "Another service has installed a binary of this name."
            "Leave the binary out of `bins`, or uninstall the other service.";
        DuplicateBinary "duplicate_binary" [Script]
            "Two binaries of a service have the same name."
            "Name each binary once.";
        NoArtifact "no_artifact" [Failed]
            "A file that should be installed does not exist."
            "Build again, and check the names in `bins`.";
        NotExecutable "not_executable" [Failed]
            "A file that should be installed is not executable."
            "Build again, and check the names in `bins`.";
        NotDebugFile "not_debug_file" [Failed]
            "A file is not the debug information of a binary that is installed."
            "Give it the name of the binary and `.dwp`.";
        Untrusted "untrusted" [Failed]
            "Users other than root can change a file of the system's install root."
            "Find out who changed it, then correct its owner and mode.";
        Damaged "damaged" [Failed]
            "A generation lacks a file."
            "Install the service again.";
        BadReceipt "bad_receipt" [Failed]
            "The receipt of a generation cannot be used."
            "Install the service again.";
        NewerFormat "newer_format" [Failed]
            "A newer hero wrote this file."
            "Upgrade hero.";
        ClearFailed "clear_failed" [Failed]
            "Some files of builds or generations could not be removed; the others are."
            "Correct what the details name, and run the same command again.";
        VersionMismatch "version_mismatch" [Failed]
            "hero and the hero that sudo started are of different versions; nothing was changed."
            "Run the command again, with the same hero that is at the path in the message.";
    }
    "Running services" {
        NoStart "no_start" [Script]
            "The description of the service does not say how to start it."
            "Add `start: #{ cmd: [\"…\"] }`.";
        NoSuchProgram "no_such_program" [Script]
            "The program in `cmd` is neither a binary of the service nor on `PATH`."
            "Correct `cmd`; the hint lists the binaries of the service.";
        UnsupportedOption "unsupported_option" [Script]
            "The supervisor cannot do what an option of `start` asks for."
            "Leave the option out, or choose another supervisor.";
        Cycle "cycle" [Script]
            "Services or processes start after each other in a cycle."
            "Leave out one `after`.";
        NotStarted "not_started" [Script]
            "The service was never started."
            "Start it: `hero run SERVICE complete`.";
        NeverProven "never_proven" [Script]
            "No version of the service was ever verified, so there is none to go back to."
            "Correct the service and start it.";
        NoPort "no_port" [Failed]
            "The system has no free port."
            "The message has the reason that the system gave.";
        PortTaken "port_taken" [NoBoot]
            "Another process listens on the service's port."
            "End the process that the message names, or choose another port.";
        NoBoot "no_boot" [NoBoot]
            "The service does not start, does not get ready, or ends soon after."
            "Read its log; the details have the last lines.";
        CheckFailed "check_failed" [NoBoot]
            "The `check` of the service's description failed."
            "The message has the reason that the check gave.";
        NotStopped "not_stopped" [Failed]
            "A process does not end."
            "Look at it with `ps`, and end it yourself.";
        NoSuchSupervisor "no_such_supervisor" [Usage]
            "There is no supervisor of this name."
            "Use `systemd`, `zinit` or `direct`.";
        SupervisorUnavailable "supervisor_unavailable" [Failed]
            "The supervisor cannot be used on this machine."
            "Follow the hint, or choose another with `--supervisor`.";
        SupervisorRefused "supervisor_refused" [Failed]
            "The supervisor refuses to do what hero asks for."
            "The message has the supervisor's own words.";
        BadRecord "bad_record" [Failed]
            "The record of what was started cannot be used."
            "End what it tells of, then remove the file as the hint shows.";
    }
}
