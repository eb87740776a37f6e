//! What was judged before, and was right: devices say the same day after day.

/// Things that were right, by their fingerprint. One that is forgotten is judged again.
#[derive(Debug, Default)]
pub(super) struct Right {
    /// Each thing has one place, and the last that was put there stays.
    places: Vec<u64>,
}

impl Right {
    /// It was right.
    pub(super) fn holds(&self, key: u64) -> bool {
        self.places.get(place(key)) == Some(&key)
    }

    /// It is right.
    pub(super) fn note(&mut self, key: u64) {
        if self.places.is_empty() {
            self.places.resize(PLACES, 0);
        }
        if let Some(place) = self.places.get_mut(place(key)) {
            *place = key;
        }
    }
}

fn place(key: u64) -> usize {
    usize::try_from(key % PLACES as u64).unwrap_or_default()
}

/// A quarter of a megabyte.
const PLACES: usize = 32_768;
