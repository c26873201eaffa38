//! The `labsh` command: arguments in, exit status out.

fn main() {
    std::process::exit(labsh::cli::main(std::env::args_os()));
}
