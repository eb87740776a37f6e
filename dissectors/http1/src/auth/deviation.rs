//! What credentials of Digest do otherwise than the documents have it, though the password is right.

use super::named_kinds;

named_kinds! {
    /// What a response that verifies does otherwise than RFC 7616 section 3.4 has it. A server that is strict refuses it.
    ///
    /// Those of the first part are about how the response was computed, the others about what stands beside it.
    Deviation {
        /// Computed for the user that is named, whose name is not the one given for the check (in its case, say).
        UserDiffers = "user-differs",
        /// Computed with a user or password in Latin-1; RFC 7616 leaves the encoding open unless the challenge names it.
        Latin1 = "latin-1",
        /// Computed with the backslashes that escape characters within quotes.
        EscapesKept = "escapes-kept",
        /// No algorithm is named, and it is not MD5.
        AlgorithmMissing = "algorithm-missing",
        /// An algorithm is named that nobody here knows.
        AlgorithmUnknown = "algorithm-unknown",
        /// Computed with another algorithm than is named.
        AlgorithmDiffers = "algorithm-differs",
        /// Computed with half of SHA-512 in place of SHA-512/256, as the example of RFC 7616 was (erratum 4897).
        Sha512Cut = "sha-512-cut",
        /// Computed without a session's key, though the algorithm has one.
        SessionIgnored = "session-ignored",
        /// Computed with a session's key, though the algorithm named has none.
        SessionUnannounced = "session-unannounced",
        /// A session's key made of the bytes of the first hash, not of its hexadecimal form (as in the code of RFC 2617).
        SessionKeyBinary = "session-key-binary",
        /// Computed with hexadecimal forms in upper case within.
        InnerHexUpper = "inner-hex-upper",
        /// Computed with another method than the request has: in other case, or GET or POST throughout.
        MethodDiffers = "method-differs",
        /// Computed with the target of the request line, not with the `uri` that is given.
        UriHashedAsTarget = "uri-hashed-as-target",
        /// Computed with the path of an absolute `uri`.
        UriHashedWithoutAuthority = "uri-hashed-without-authority",
        /// Computed without the query.
        UriHashedWithoutQuery = "uri-hashed-without-query",
        /// Computed with a `uri` whose percent-encoding was undone.
        UriHashedDecoded = "uri-hashed-decoded",
        /// Computed without the body, though qop is `auth-int`.
        BodyNotHashed = "body-not-hashed",
        /// Computed with an empty body, though qop is `auth-int` and the body is another or not known (as curl does).
        BodyHashedEmpty = "body-hashed-empty",
        /// Computed with the body, though qop is not `auth-int`.
        BodyHashed = "body-hashed",
        /// Computed as without a qop, as in RFC 2069, though one is given.
        QopNotHashed = "qop-not-hashed",
        /// Computed with the qop `auth`, though none is given.
        QopHashedUnannounced = "qop-hashed-unannounced",
        /// Computed with the qop in quotes.
        QopHashedQuoted = "qop-hashed-quoted",
        /// Computed with the qop `auth` or `auth-int`, though something else is given.
        QopHashedOtherwise = "qop-hashed-otherwise",
        /// Computed with a count of eight digits, though it is given otherwise.
        NcHashedPadded = "nc-hashed-padded",
        /// Computed with a count without leading zeroes, though it is given otherwise.
        NcHashedShort = "nc-hashed-short",
        /// Computed with an empty nonce of the client, though it is given otherwise.
        CnonceHashedEmpty = "cnonce-hashed-empty",

        /// The response has digits in upper case.
        ResponseUpper = "response-upper",
        /// The `uri` has scheme and authority or lacks its path, unlike the target.
        UriAbsoluteForm = "uri-absolute-form",
        /// The `uri` has another percent-encoding than the target.
        UriPercentEncoding = "uri-percent-encoding",
        /// The `uri` or the target lacks the query.
        UriQueryMissing = "uri-query-missing",
        /// The `uri` is another than the target: a proxy rewrote the one, or the credentials are of another request.
        UriDiffers = "uri-differs",
        /// The qop stands in quotes.
        QopQuoted = "qop-quoted",
        /// The qop is neither `auth` nor `auth-int`: `undefined`, or the whole list of the challenge.
        QopUnknown = "qop-unknown",
        /// The algorithm stands in quotes.
        AlgorithmQuoted = "algorithm-quoted",
        /// The count stands in quotes.
        NcQuoted = "nc-quoted",
        /// The count is not eight hexadecimal digits.
        NcMalformed = "nc-malformed",
        /// The count has digits in upper case.
        NcUpper = "nc-upper",
        /// A qop without a count.
        NcMissing = "nc-missing",
        /// A qop without a nonce of the client.
        CnonceMissing = "cnonce-missing",
        /// A nonce of the client that is empty.
        CnonceEmpty = "cnonce-empty",
        /// A count or a nonce of the client without qop, where RFC 2617 forbids them.
        CountedWithoutQop = "counted-without-qop",
        /// A value without the quotes it must have.
        QuotesMissing = "quotes-missing",
        /// The user named is not the one the response was computed for: a backslash that should be escaped, say.
        UserNamedOtherwise = "user-named-otherwise",
        /// The user's name as a hash that is another than that of user and realm.
        UserhashDiffers = "userhash-differs",
    }
}
