//! The `hero` program.

fn main() -> std::process::ExitCode {
    hero::main()
}
