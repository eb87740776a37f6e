//! The ways in which a response may have been computed: the right one, and those of agents that err.
//!
//! A response is made of three parts: a key (user, realm, password), what is counted (nonces, qop) and the request (method,
//! target, body). Each part is made in every way known, with what is wrong about it; then parts are put together, those with
//! the fewest errors first, until one gives the response.

use super::algorithm::{Algorithm, Hash};
use super::authorization::percent_decoded;
use super::basic::Encoding;
use super::compute::is_auth_int;
use super::deviation::Deviation;
use super::target::{path_and_query, without_query};
use super::verify::{Account, Request};

/// What is given, in plain bytes.
pub(super) struct Given<'a> {
    pub(super) account: &'a Account<'a>,
    pub(super) request: &'a Request<'a>,
    /// The algorithm named; none where the name is unknown.
    pub(super) algorithm: Option<Algorithm>,
    pub(super) algorithm_named: bool,
    /// The user named; none where it is a hash.
    pub(super) user: Option<Value<'a>>,
    pub(super) realm: Value<'a>,
    pub(super) nonce: Value<'a>,
    pub(super) cnonce: Value<'a>,
    pub(super) uri: Value<'a>,
    pub(super) qop: Option<&'a [u8]>,
    pub(super) nc: &'a [u8],
}

/// A value without its escapes, and with them.
#[derive(Clone, Copy, Default)]
pub(super) struct Value<'a> {
    pub(super) text: &'a [u8],
    pub(super) raw: &'a [u8],
}

/// A way that gives the response.
pub(super) struct Found {
    pub(super) hash: Hash,
    /// The user as it was hashed.
    pub(super) user: Vec<u8>,
    pub(super) deviations: Vec<Deviation>,
}

/// A part of a computation in one way.
#[derive(Clone)]
struct Part {
    bytes: Vec<u8>,
    deviations: Vec<Deviation>,
    /// Of a key, the user in it.
    user: Vec<u8>,
}

/// Finds the way with the fewest deviations that gives this response.
pub(super) fn find(given: &Given<'_>, response: &str, deviations_max: usize) -> Option<Found> {
    let tails = tails(given);
    let hashes = Hash::of_digits(response.len()).iter();
    let ways: Vec<Way<'_>> = hashes
        .flat_map(|hash| {
            let way = Way::new(given, *hash, &tails);
            let upper = way.upper();
            [way, upper]
        })
        .collect();
    (0..=deviations_max).find_map(|count| ways.iter().find_map(|way| way.find(response, count)))
}

/// All parts with one hash.
#[derive(Clone)]
struct Way<'a> {
    hash: Hash,
    deviations: Vec<Deviation>,
    keys: Vec<Part>,
    tails: &'a [Part],
    requests: Vec<Part>,
}

impl<'a> Way<'a> {
    fn new(given: &Given<'_>, hash: Hash, tails: &'a [Part]) -> Self {
        Self {
            hash,
            deviations: hash_deviation(given, hash),
            keys: keys(given, hash),
            tails,
            requests: requests(given, hash),
        }
    }

    /// The same with hexadecimal forms in upper case within.
    fn upper(&self) -> Self {
        let mut upper = self.clone();
        upper.deviations.push(Deviation::InnerHexUpper);
        for part in upper.keys.iter_mut().chain(&mut upper.requests) {
            part.bytes.make_ascii_uppercase();
        }
        upper
    }

    /// Puts parts together that have so many deviations between them.
    fn find(&self, response: &str, count: usize) -> Option<Found> {
        let count = count.checked_sub(self.deviations.len())?;
        for key in &self.keys {
            let Some(count) = count.checked_sub(key.deviations.len()) else {
                continue;
            };
            for tail in self.tails {
                let Some(count) = count.checked_sub(tail.deviations.len()) else {
                    continue;
                };
                let fitting = |request: &&Part| request.deviations.len() == count;
                for request in self.requests.iter().filter(fitting) {
                    let parts: [&[u8]; 3] = [&key.bytes, &tail.bytes, &request.bytes];
                    if self.hash.hex(&parts) == response {
                        return Some(self.found(key, tail, request));
                    }
                }
            }
        }
        None
    }

    fn found(&self, key: &Part, tail: &Part, request: &Part) -> Found {
        let mut deviations = self.deviations.clone();
        for deviation in [key, tail, request]
            .iter()
            .flat_map(|part| &part.deviations)
        {
            if !deviations.contains(deviation) {
                deviations.push(*deviation);
            }
        }
        Found {
            hash: self.hash,
            user: key.user.clone(),
            deviations,
        }
    }
}

fn hash_deviation(given: &Given<'_>, hash: Hash) -> Vec<Deviation> {
    match given.algorithm.map(|algorithm| algorithm.hash) {
        Some(named) if named == hash => vec![],
        Some(Hash::Sha512_256) if hash == Hash::Sha512Cut => vec![Deviation::Sha512Cut],
        Some(_) if given.algorithm_named => vec![Deviation::AlgorithmDiffers],
        Some(_) => vec![Deviation::AlgorithmMissing],
        None => vec![Deviation::AlgorithmUnknown],
    }
}

/// Ways of one part, each in bytes once: with the first, and so fewest, deviations.
#[derive(Default)]
struct Ways {
    list: Vec<Part>,
}

impl Ways {
    fn add(&mut self, bytes: impl Into<Vec<u8>>, deviations: &[Deviation]) {
        self.add_of(bytes, deviations, &[]);
    }

    fn add_of(&mut self, bytes: impl Into<Vec<u8>>, deviations: &[Deviation], user: &[u8]) {
        let bytes = bytes.into();
        if !self.list.iter().any(|known| known.bytes == bytes) {
            self.list.push(Part {
                bytes,
                deviations: deviations.to_vec(),
                user: user.to_vec(),
            });
        }
    }
}

fn keys(given: &Given<'_>, hash: Hash) -> Vec<Part> {
    let mut ways = Ways::default();
    let realms = given.realm.ways();
    for (user, password, named) in users(given) {
        for (realm, escapes) in &realms {
            let deviations = [&named[..], escapes].concat();
            let first = hash.bytes(&[&user, realm, &password]);
            let first_hex = hash.hex(&[&user, realm, &password]);
            for (kind, session) in session_ways(given) {
                let with = |kind: &[Deviation]| [&deviations[..], kind].concat();
                if session {
                    let nonces = [given.nonce.text, given.cnonce.text];
                    let parts = [first_hex.as_bytes(), nonces[0], nonces[1]];
                    ways.add_of(hash.hex(&parts), &with(kind), &user);
                    let binary = [kind, &[Deviation::SessionKeyBinary]].concat();
                    let parts = [&first[..], nonces[0], nonces[1]];
                    ways.add_of(hash.hex(&parts), &with(&binary), &user);
                } else {
                    ways.add_of(first_hex.clone(), &with(kind), &user);
                }
            }
        }
    }
    ways.list
}

/// Users and passwords in bytes.
fn users(given: &Given<'_>) -> Vec<(Vec<u8>, Vec<u8>, Vec<Deviation>)> {
    let mut users = Vec::new();
    for encoding in [Encoding::Utf8, Encoding::Latin1] {
        let Account { user, password } = given.account;
        let Some(password) = encoding.encode(password) else {
            continue;
        };
        let latin_1 = (encoding == Encoding::Latin1).then_some(Deviation::Latin1);
        let mut add = |user: &[u8], differs: Option<Deviation>| {
            let deviations: Vec<_> = differs.into_iter().chain(latin_1).collect();
            users.push((user.to_vec(), password.to_vec(), deviations));
        };
        let user = encoding.encode(user);
        if let Some(user) = &user {
            add(user, None);
        }
        let Some(named) = given.user else {
            continue;
        };
        let same = user.as_deref() == Some(named.text);
        if !same {
            add(named.text, Some(Deviation::UserDiffers));
        } else if named.raw != named.text {
            add(named.raw, Some(Deviation::EscapesKept));
        }
    }
    users
}

/// Whether a session's key was made, and what is wrong about that.
fn session_ways(given: &Given<'_>) -> [(&'static [Deviation], bool); 2] {
    match given.algorithm {
        Some(algorithm) if algorithm.session => {
            [(&[], true), (&[Deviation::SessionIgnored], false)]
        }
        Some(_) => [(&[], false), (&[Deviation::SessionUnannounced], true)],
        // Nothing can be said of what is named.
        None => [(&[], false), (&[], true)],
    }
}

fn requests(given: &Given<'_>, hash: Hash) -> Vec<Part> {
    let mut ways = Ways::default();
    let bodies = bodies(given, hash);
    let uris = uris(given);
    for (method, other) in methods(given.request.method) {
        for uri in &uris.list {
            let wrong = [&other[..], &uri.deviations].concat();
            for (body, deviations) in &bodies {
                let request = match body {
                    Some(body) => hash.hex(&[&method, &uri.bytes, body.as_bytes()]),
                    None => hash.hex(&[&method, &uri.bytes]),
                };
                ways.add(request, &[&wrong[..], deviations].concat());
            }
        }
    }
    ways.list
}

/// Hashes of the body, and none.
fn bodies(given: &Given<'_>, hash: Hash) -> Vec<(Option<String>, &'static [Deviation])> {
    let body = given.request.body.map(|body| hash.hex(&[body]));
    let whole = body.map(Some);
    if given.qop.is_some_and(is_auth_int) {
        let whole = whole.map(|body| (body, &[][..]));
        let others: [(Option<String>, &'static [Deviation]); 2] = [
            (Some(hash.hex(&[b""])), &[Deviation::BodyHashedEmpty]),
            (None, &[Deviation::BodyNotHashed]),
        ];
        whole.into_iter().chain(others).collect()
    } else {
        let whole = whole.map(|body| (body, &[Deviation::BodyHashed][..]));
        let right: (Option<String>, &'static [Deviation]) = (None, &[]);
        [right].into_iter().chain(whole).collect()
    }
}

fn methods(method: &[u8]) -> Vec<(Vec<u8>, Vec<Deviation>)> {
    let mut methods = vec![(method.to_vec(), vec![])];
    for other in [
        method.to_ascii_uppercase(),
        method.to_ascii_lowercase(),
        b"GET".to_vec(),
        b"POST".to_vec(),
    ] {
        if methods.iter().all(|(known, _)| *known != other) {
            methods.push((other, vec![Deviation::MethodDiffers]));
        }
    }
    methods
}

fn uris(given: &Given<'_>) -> Ways {
    let (uri, target) = (given.uri.text, given.request.target);
    let mut ways = Ways::default();
    ways.add(uri, &[]);
    ways.add(given.uri.raw, &[Deviation::EscapesKept]);
    ways.add(target, &[Deviation::UriHashedAsTarget]);
    ways.add(path_and_query(uri), &[Deviation::UriHashedWithoutAuthority]);
    ways.add(without_query(uri), &[Deviation::UriHashedWithoutQuery]);
    ways.add(percent_decoded(uri), &[Deviation::UriHashedDecoded]);
    let both = path_and_query(uri);
    ways.add(
        without_query(&both),
        &[
            Deviation::UriHashedWithoutAuthority,
            Deviation::UriHashedWithoutQuery,
        ],
    );
    ways
}

/// What stands between key and request: nonces, count and qop.
fn tails(given: &Given<'_>) -> Vec<Part> {
    let mut ways = Ways::default();
    let counts = counts(given);
    for (nonce, escapes) in given.nonce.ways() {
        for (counted, deviations) in &counts {
            let deviations = [escapes, deviations].concat();
            match counted {
                Some(counted) => ways.add([nonce, b":", counted].concat(), &deviations),
                None => ways.add(nonce, &deviations),
            }
        }
    }
    ways.list
}

/// Count, client's nonce and qop with colons between, or nothing of these.
fn counts(given: &Given<'_>) -> Vec<(Option<Vec<u8>>, Vec<Deviation>)> {
    let joined = |nc: &[u8], cnonce: &[u8], qop: &[u8]| Some([nc, cnonce, qop].join(&b":"[..]));
    let cnonce = given.cnonce.text;
    let Some(qop) = given.qop else {
        let nc = if given.nc.is_empty() { FIRST } else { given.nc };
        return vec![
            (None, vec![]),
            (
                joined(nc, cnonce, b"auth"),
                vec![Deviation::QopHashedUnannounced],
            ),
        ];
    };
    let mut counts = Vec::new();
    for (nc, count) in nc_ways(given.nc) {
        for (cnonce, own) in cnonce_ways(given.cnonce) {
            let wrong = [count, own].concat();
            let with = |more: Deviation| [&wrong[..], &[more]].concat();
            counts.push((joined(&nc, cnonce, qop), wrong.clone()));
            let quoted = [b"\"", qop, b"\""].concat();
            counts.push((
                joined(&nc, cnonce, &quoted),
                with(Deviation::QopHashedQuoted),
            ));
            for other in [&b"auth"[..], b"auth-int"] {
                let other = joined(&nc, cnonce, other);
                counts.push((other, with(Deviation::QopHashedOtherwise)));
            }
        }
    }
    counts.push((None, vec![Deviation::QopNotHashed]));
    counts
}

fn nc_ways(nc: &[u8]) -> Vec<(Vec<u8>, &'static [Deviation])> {
    let mut ways: Vec<(Vec<u8>, &'static [Deviation])> = vec![(nc.to_vec(), &[])];
    if nc.is_empty() {
        ways.push((FIRST.to_vec(), &[Deviation::NcHashedPadded]));
    }
    let number = std::str::from_utf8(nc).map(|nc| u32::from_str_radix(nc, 16));
    if let Ok(Ok(number)) = number {
        ways.push((
            format!("{number:08x}").into_bytes(),
            &[Deviation::NcHashedPadded],
        ));
        ways.push((
            format!("{number:x}").into_bytes(),
            &[Deviation::NcHashedShort],
        ));
    }
    ways
}

fn cnonce_ways(cnonce: Value<'_>) -> Vec<(&[u8], &'static [Deviation])> {
    let mut ways = cnonce.ways();
    ways.push((b"", &[Deviation::CnonceHashedEmpty]));
    ways
}

impl<'a> Value<'a> {
    fn ways(self) -> Vec<(&'a [u8], &'static [Deviation])> {
        let mut ways: Vec<(&[u8], &'static [Deviation])> = vec![(self.text, &[])];
        if self.raw != self.text {
            ways.push((self.raw, &[Deviation::EscapesKept]));
        }
        ways
    }
}

/// The count of a nonce's first use.
const FIRST: &[u8] = b"00000001";
