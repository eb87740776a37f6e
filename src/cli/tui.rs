//! `informant tui`: the terminal screens over captures.

#[cfg(feature = "tui")]
mod desk;
#[cfg(all(feature = "tui", feature = "live"))]
mod following;
#[cfg(all(feature = "tui", feature = "live"))]
mod heard;
#[cfg(feature = "tui")]
mod index;
#[cfg(all(feature = "tui", feature = "live"))]
pub(super) mod listening;
#[cfg(feature = "tui")]
mod loader;
#[cfg(feature = "tui")]
mod opened;
#[cfg(feature = "tui")]
mod packets;
#[cfg(feature = "tui")]
mod pages;
#[cfg(feature = "tui")]
mod run;
#[cfg(feature = "tui")]
mod save;
#[cfg(feature = "tui")]
mod selecting;
#[cfg(feature = "tui")]
mod shared;
#[cfg(feature = "tui")]
mod sifted;

#[cfg(all(test, feature = "tui"))]
mod tests;

#[cfg(all(feature = "tui", feature = "live"))]
pub(super) use run::can_be_shown;
#[cfg(feature = "tui")]
pub(super) use run::run;

use super::arguments::TuiArguments;
use super::exit::Trouble;

#[cfg(not(feature = "tui"))]
pub(super) fn run(_: &TuiArguments) -> Result<u8, Trouble> {
    Err(not_in_this_build())
}

/// A build without the screens says so.
#[cfg(not(feature = "tui"))]
pub(super) fn not_in_this_build() -> Trouble {
    let words = "this build has no terminal screens: it was made without the feature tui";
    Trouble::Usage(words.to_owned())
}
