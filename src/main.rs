//! The program; everything it does stands in the library.

/// What one thread reads another one judges and gives back: with the system's allocator they wait for each other.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    informant::cli::run()
}
