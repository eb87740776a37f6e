//! HTTP authentication: the documents' examples, what other programs say, recorded peers, what agents do wrong.

mod answering;
mod deviating;
mod documents;
mod grammar;
mod hostile;
mod recorded;
mod writing;
