//! What compressed bodies may come to, many of them taken together: each alone may be a small bomb.

/// Decoded bytes that may still come out of compressed ones in excess of what honest ones come to.
#[derive(Debug)]
pub(super) struct Allowance {
    left: u64,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { left: EXCESS_MAX }
    }
}

impl Allowance {
    /// The bounds of a message that begins now: while there is an allowance, its first bytes may expand as they like.
    pub fn bounds(&self, limits: http1::Limits) -> http1::Limits {
        if self.left > 0 {
            return limits;
        }
        http1::Limits {
            inflate_grace_bytes: limits.inflate_grace_bytes.min(CURBED_GRACE_BYTES),
            inflate_ratio_max: limits.inflate_ratio_max.min(CURBED_RATIO),
            ..limits
        }
    }

    /// The bounds of a compressed body's elements: a bomb has more of them than text.
    pub fn elements(&self, limits: cwmp::Limits, bytes: usize) -> cwmp::Limits {
        if self.left > 0 {
            return limits;
        }
        let elements_max = ELEMENTS_FREE + bytes / ELEMENT_BYTES;
        cwmp::Limits {
            elements_max: limits.elements_max.min(elements_max),
            ..limits
        }
    }

    /// Less than nothing is left: bodies may have been cut for it.
    pub fn is_used_up(&self) -> bool {
        self.left == 0
    }

    /// So many compressed bytes came to so many; what was `cut` at a bound earns nothing.
    pub fn spend(&mut self, coded: u64, decoded: u64, cut: bool) {
        let honest = if cut {
            0
        } else {
            coded.saturating_mul(HONEST_RATIO)
        };
        self.left = self
            .left
            .saturating_add(honest)
            .saturating_sub(decoded)
            .min(EXCESS_MAX);
    }
}

/// What lists of parameters come to at most when they are compressed, or nearly so.
const HONEST_RATIO: u64 = 150;
/// What a message may still come to once there is no allowance: lists of parameters seldom go beyond 40.
const CURBED_RATIO: usize = 60;
/// And so many bytes in any case.
const CURBED_GRACE_BYTES: usize = 16 << 10;
/// Elements that a body may have then,
const ELEMENTS_FREE: usize = 256;
/// and one more for so many bytes.
const ELEMENT_BYTES: usize = 16;
/// Decoded bytes beyond that, in a row.
const EXCESS_MAX: u64 = 2 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bombs_use_the_allowance_up_and_honest_bodies_bring_it_back() {
        let limits = http1::Limits::default();
        let mut allowance = Allowance::default();
        for _ in 0..100 {
            allowance.spend(10_000, 400_000, false);
        }
        assert_eq!(
            allowance.bounds(limits).inflate_grace_bytes,
            limits.inflate_grace_bytes
        );
        for _ in 0..20 {
            allowance.spend(1_000, 1 << 20, false);
        }
        assert!(allowance.bounds(limits).inflate_grace_bytes < 1 << 20);
        allowance.spend(1_000, 20_000, true);
        assert!(allowance.bounds(limits).inflate_grace_bytes < 1 << 20);
        allowance.spend(10_000, 400_000, false);
        assert_eq!(allowance.bounds(limits).inflate_grace_bytes, 1 << 20);
    }
}
