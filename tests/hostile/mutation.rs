//! Small changes of inputs, the same on every run: flips, cuts, splices, repeats, lengths that lie.

/// Makes inputs of inputs.
pub struct Mutator(u64);

impl Mutator {
    /// Each target has changes of its own.
    pub fn new(name: &str) -> Self {
        let seed = name.bytes().fold(69_u64, |seed, byte| {
            seed.wrapping_mul(31).wrapping_add(u64::from(byte))
        });
        Self(seed)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound.max(1)
    }

    /// One of the seeds, changed in one to eight places.
    pub fn changed(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut input = seeds[self.below(seeds.len())].clone();
        for _ in 0..1 << self.below(4) {
            self.change(&mut input, seeds);
        }
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(input.len() + 1);
        let length = 1 << self.below(8);
        let end = (at + self.below(length) + 1).min(input.len());
        match self.below(8) {
            0 => input.truncate(at),
            1 => drop(input.drain(at.min(end)..end)),
            2 => {
                // A block once more, several times.
                let block = input[at.min(end)..end].repeat(1 + self.below(6));
                input.splice(at..at, block);
            }
            3 => {
                let other = &seeds[self.below(seeds.len())];
                let from = self.below(other.len() + 1);
                let to = (from + self.below(400)).min(other.len());
                input.splice(at..at, other[from..to].iter().copied());
            }
            4 => {
                let telling = TELLING[self.below(TELLING.len())];
                input.splice(
                    at..(at + telling.len()).min(input.len()),
                    telling.iter().copied(),
                );
            }
            5 => input.insert(at, self.below(256) as u8),
            _ => {
                let bit = 1 << self.below(8);
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= bit;
                }
            }
        }
    }
}

/// Bytes at which parsers turn.
const TELLING: [&[u8]; 24] = [
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"\0\0\0\x80",
    b"\xff\xff",
    b"\x7f",
    b"\r\n\r\n",
    b"\n",
    b"\r\n0\r\n\r\n",
    b"ffffffffffffffff",
    b"-1",
    b"HTTP/1.1 ",
    b"POST / HTTP/1.1\r\n",
    b"Content-Length: 99999999999999999999\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Encoding: gzip\r\n",
    b"<!--",
    b"<![CDATA[",
    b"]]>",
    b"</",
    b"&#x",
    b"\" && !(",
    b"\x1b[31m",
    b"\xe2\x80\xae",
];
