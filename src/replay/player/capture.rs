//! Variables that a step fills from what came.

use super::arrival::Arrival;
use super::run::{Run, difference};
use crate::replay::assertion::Place;
use crate::replay::scenario::Expect;
use crate::session::{Difference, DifferenceClass};

/// Fills the variables of a step; one whose place is not there is a difference.
pub(super) fn all(
    run: &mut Run,
    expect: &Expect,
    arrival: &Arrival,
    differences: &mut Vec<Difference>,
) {
    for (name, place) in &expect.capture {
        let document = arrival.soap.as_ref();
        let value = Place::parse(place).ok().zip(document);
        let Some(value) = value.and_then(|(place, document)| place.value(document)) else {
            let wanted = format!("a value for {{{{{name}}}}}");
            differences.push(difference(
                DifferenceClass::Missing,
                place,
                Some(wanted),
                None,
            ));
            continue;
        };
        let end = value.char_indices().nth(VALUE_CHARACTERS_MAX);
        let end = end.map_or(value.len(), |(at, _)| at);
        let value = value.get(..end).unwrap_or_default().to_owned();
        run.values.capture(name, value);
    }
}

/// A captured value is cut behind so many characters.
const VALUE_CHARACTERS_MAX: usize = 64 * 1024;
